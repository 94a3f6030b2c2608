"""One photo, decoded and answered."""

from __future__ import annotations

import numpy as np
import pytest

from models import Tiny
from serving import photo
from whatsit.image import encode_png
from whatsit.model.answer import Answer
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.refusals import Refused
from whatsit.serving.work.answering import answer_photo

RED = (200, 60, 60)


def words(answer: Answer, photo: EncodedPhoto) -> tuple[str, str, str]:
    return photo.name, answer.label, answer.reason


def test_an_answer_comes_as_the_asker_wants_it_and_with_its_times(tiny: Tiny) -> None:
    outcome = answer_photo(tiny.model, EncodedPhoto(photo(RED), "a.jpg"), words)
    assert (outcome.rendered, outcome.known) == (("a.jpg", "red", ""), "yes")
    assert outcome.decode_s > 0
    assert outcome.answer_s > 0


def test_a_photo_of_none_of_the_classes_is_told_apart(tiny: Tiny) -> None:
    white = encode_png(np.full((60, 80, 3), 255, np.uint8))
    outcome = answer_photo(tiny.model, EncodedPhoto(white), lambda answer, _photo: answer.known)
    assert (outcome.rendered, outcome.known) == (False, "no")


def test_one_that_cannot_be_read_is_refused_or_an_answer_that_says_so(tiny: Tiny) -> None:
    page = EncodedPhoto(b"<html>", "b.jpg")
    with pytest.raises(Refused) as refused:
        answer_photo(tiny.model, page, words)
    assert refused.value.refusal.error == "This photo cannot be read: not a picture."
    outcome = answer_photo(tiny.model, page, words, answers_unreadable=True)
    assert outcome.rendered == ("b.jpg", "", "This photo cannot be read: not a picture.")
    assert (outcome.known, outcome.answer_s) == ("unreadable", 0)


def test_a_photo_larger_than_strangers_may_send_is_refused(tiny: Tiny) -> None:
    large = encode_png(np.zeros((5001, 5000, 3), np.uint8))
    with pytest.raises(Refused) as refused:
        answer_photo(tiny.model, EncodedPhoto(large), words)
    assert "too large" in refused.value.refusal.error
