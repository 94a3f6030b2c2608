"""What the page shows, in words."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from models import Tiny
from whatsit.image import WEB_TYPES
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier
from whatsit.model.facts import file as parts
from whatsit.model.facts.file import Card
from whatsit.model.strangeness.doubt import doubt_refusal
from whatsit.serving.options import ServeOptions
from whatsit.serving.routes.views import (
    LABELS_NAMED,
    LABELS_SHOWN,
    SHOWN,
    card_of,
    page_of,
    render_ask_page,
    state_purpose,
    view_answer,
)

SHARES = {"cat": 0.9, "dog": 0.06, "fox": 0.02, "owl": 0.01, "pig": 0.006, "rat": 0.004}
CAT = Answer("cat", 0.9, SHARES, ("cat",), True, 0.1, name="a.jpg")


def test_an_answer_is_its_class_its_share_and_a_bar_for_each_of_the_likeliest() -> None:
    view = view_answer(CAT, samples={"cat": "/samples/1.jpg"})
    assert (view.known, view.headline, view.share) == (True, "cat", "90\u202f%")
    assert (view.aside, view.name) == ("", "a.jpg")
    assert [(bar.label, bar.share, bar.sample) for bar in view.bars[:2]] == [
        ("cat", 0.9, "/samples/1.jpg"),
        ("dog", 0.06, ""),
    ]
    assert len(view.bars) == SHOWN
    assert view.picture == ""


MARKS = {0x2068: None, 0x2069: None}  # around names, for those written from right to left


@pytest.mark.parametrize(
    ("could_be", "aside"),
    [
        (("cat",), ""),
        ((), "That is less sure than usual: better look at the photo yourself."),
        (("cat", "dog"), "It could also be dog."),
        (("cat", "dog", "fox"), "It could also be dog or fox."),
        (("cat", "dog", "fox", "owl", "pig"), "It could also be dog, fox, owl or pig."),
        (tuple(SHARES), "No class can be ruled out."),
    ],
)
def test_what_cannot_be_ruled_out_is_said(could_be: tuple[str, ...], aside: str) -> None:
    assert view_answer(replace(CAT, could_be=could_be)).aside.translate(MARKS) == aside


def test_of_many_that_cannot_be_ruled_out_some_are_named() -> None:
    many = {f"c{number}": 0.1 for number in range(10)}
    could_be = tuple(many)[:8]
    view = view_answer(Answer("c0", 0.1, many, could_be, True, 0.1))
    assert view.aside.translate(MARKS) == "It could also be c1, c2, c3, c4 or 3 more."


def test_of_very_many_labels_that_are_said_the_likeliest_are_named_and_drawn() -> None:
    shares = {f"l{number}": 0.99 - number / 1000 for number in range(300)}
    labels = tuple(reversed(list(shares)[:200]))
    view = view_answer(Answer("l0", 0.99, shares, labels, True, 0.1, labels=labels, target="several"))
    headline = view.headline.translate(MARKS)
    assert headline == f"{', '.join(f'l{number}' for number in range(LABELS_NAMED))} and 188 more"
    assert len(view.bars) == LABELS_SHOWN
    few = view_answer(Answer("l0", 0.99, shares, labels[-2:], True, 0.1, labels=labels[-2:], target="several"))
    assert few.headline.translate(MARKS) == "l1, l0"


def test_a_photo_of_none_of_them_is_no_class_and_the_nearest_stands_aside() -> None:
    view = view_answer(replace(CAT, known=False, could_be=("cat", "dog")))
    assert (view.known, view.headline, view.share) == (False, "Not one of these", "")
    assert view.aside == "Unlike anything it has learnt from. The nearest is \u2068cat\u2069, 90\u202f%."


def test_where_there_is_no_answer_the_reason_is_all_there_is() -> None:
    view = view_answer(replace(CAT, reason="No face."), np.zeros((4, 4, 3), np.uint8))
    assert (view.reason, view.headline, view.bars) == ("No face.", "", ())
    assert view.picture.startswith("data:image/jpeg;base64,")


def test_a_model_says_what_it_tells_apart() -> None:
    said = state_purpose(("cat", "dog")).translate(MARKS)
    assert said == "Tells cat and dog apart, and says where a photo is none of them."
    many = tuple(f"c{number}" for number in range(100))
    assert state_purpose(many).translate(MARKS) == (
        "Tells 100 classes apart, among them c0, c1, c2, c3, c4, and says where it is none."
    )


def test_the_card_says_what_is_known_and_leaves_out_what_is_not(tiny: Tiny) -> None:
    card = Card(
        recipe="cnn", licence="unknown", test=parts.TestShare(1934, 2000, 0.967), warnings=("Few photos.",)
    )
    model = object.__new__(Classifier)
    model.facts, model.digest = replace(tiny.model.facts, card=card), tiny.model.digest
    view = card_of("colours", model, {})
    lines = dict(view.lines)
    assert lines["Sees"] == "12 × 12 pixels of each photo"
    assert lines["Digest"] == tiny.model.digest[:16]
    assert "made so that the true one is among them for 95\u202f% of photos" in lines["Unsure"]
    right = lines["Right on photos it never saw"].replace("\u202f", " ").replace("\u00a0", " ")
    assert right == "1,934 of 2,000 (96.7 %; 95 % interval 95.8 % to 97.4 %)"
    assert (lines["Network"], view.warnings) == ("cnn", ("Few photos.",))
    assert "Licence of its photos" not in lines
    assert "" not in lines.values()
    assert "unknown" not in lines.values()
    assert view.classes == ("blue", "green", "red")


def test_the_page_can_stand_in_a_folder_of_its_own(tiny: Tiny) -> None:
    page = page_of("colours", tiny.model, ("colours",), ServeOptions(title="Which colour?", max_mb=1), {})
    assert asdict(page.facts) == {
        "model": "colours", "classes": ("blue", "green", "red"), "samples": {}, "addresses": False,
        "corrections": False, "why": True, "none": "", "thresholds": None, "types": WEB_TYPES,
        "doubt": doubt_refusal(tiny.model.facts.thresholds),
        "maxBytes": 1024 * 1024, "maxPixels": 25_000_000,
    }  # fmt: skip
    html = render_ask_page(page, asset=lambda name: f"here/{name}")
    assert "<h1>Which colour?</h1>" in html
    assert 'href="here/whatsit.css"' in html
    assert "/static/" not in html
