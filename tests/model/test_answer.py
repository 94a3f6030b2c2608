"""An answer in words and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from whatsit.model.answer import Answer

TABBY = Answer("tabby", 0.934, {"tabby": 0.934, "tiger": 0.066}, ("tabby", "tiger"), True, 0.25, "a.jpg")


def test_it_is_said_in_a_sentence() -> None:
    assert TABBY.sentence() == "tabby, 93 %"
    strange = Answer("tabby", 0.61, {"tabby": 0.61}, (), False, 9.0)
    assert strange.sentence() == "not one of these (nearest: tabby, 61 %)"


def test_where_no_class_stands_out_it_says_so() -> None:
    doubtful = replace(TABBY, probability=0.58, could_be=())
    assert doubtful.sentence() == "tabby, 58 % (less sure than usual)"
    assert TABBY.stands_out
    assert not doubtful.stands_out
    assert replace(doubtful, sure=False).sentence() == "not sure (likeliest: tabby, 58 %)"
    assert replace(doubtful, labels=()).stands_out  # of several labels there may be none


def test_without_an_answer_the_reason_is_said_and_json_has_no_nan() -> None:
    none = Answer("", 0.0, {}, (), False, math.nan, "b.jpg", "It is no photo.")
    assert none.sentence() == "It is no photo."
    assert none.as_dict()["distance"] is None


def test_as_json_it_has_every_field() -> None:
    assert json.loads(json.dumps(TABBY.as_dict())) == {
        "label": "tabby",
        "probability": 0.934,
        "probabilities": {"tabby": 0.934, "tiger": 0.066},
        "could_be": ["tabby", "tiger"],
        "known": True,
        "distance": 0.25,
        "name": "a.jpg",
        "reason": "",
    }
