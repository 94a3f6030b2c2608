"""What stands beside a photo in a shard: its class or labels, whichever file says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from whatsit.data.readers.sharded.said import Said, read_said
from whatsit.data.readers.sharded.samples import Sample
from whatsit.errors import UserError

WHERE, NAMES = "'1.jpg' in 'a.tar'", ("cat", "dog")
NOTHING: Any = object()


def said(names: tuple[str, ...] = (), facts: Any = NOTHING, **files: str) -> Said:
    if facts is not NOTHING:
        files["json"] = json.dumps(facts)
    return read_said(WHERE, Sample("1.jpg", 0, 1, files), names)


def test_a_photo_with_nothing_beside_it_says_nothing():
    assert said() == said(facts={}) == Said()


@pytest.mark.parametrize(
    "files", [{"cls": "cat"}, {"txt": " cat\n"}, {"facts": {"label": "cat"}}, {"facts": "cat"}]
)
def test_any_of_the_files_says_the_class(files):
    assert said(**files) == Said("cat")


def test_a_cls_goes_before_a_json_and_that_before_a_txt():
    assert said(cls="a", facts={"label": "b"}, txt="c").label == "a"
    assert said(facts={"label": "b"}, txt="c").label == "b"
    assert said(facts={"width": 3}, txt="c") == Said("c", None, {"width": "3"})


def test_numbers_stand_for_the_names_of_classes_where_there_are_some():
    assert said(NAMES, cls="1\n").label == "dog"
    assert said(NAMES, facts={"cls": 0}).label == "cat"
    assert said(NAMES, cls="cat").label == "cat"
    assert said(NAMES, cls="-1").label == "-1"
    assert said(cls="1").label == "1"
    with pytest.raises(UserError, match=r"The class of '1\.jpg' in 'a\.tar' is 2, and classes\.txt names 2"):
        said(NAMES, cls="2")


def test_the_first_name_for_a_class_that_has_a_plain_value_is_it_and_others_are_facts():
    assert said(facts={"label": ["a"], "class": "b", "target": 3}) == Said("b", None, {"target": "3"})
    assert said(facts={"cls": True}).label == "True"


def test_labels_are_a_list_of_names_and_those_nobody_looked_for_another():
    assert said(facts={"labels": ["sky", "sea"], "unknown": ["boat"]}) == Said(None, "sea;sky;?boat")
    assert said(facts={"labels": []}).labels == ""
    assert said(facts={"labels": ["sky"], "label": "cat"}) == Said("cat", "sky")
    assert said(facts={"unknown": ["boat"]}) == Said()


@pytest.mark.parametrize(
    "facts", [{"labels": "sky"}, {"labels": [1]}, {"labels": ["a"], "unknown": "b"}, {"labels": {}}]
)
def test_labels_that_are_no_list_of_names_are_refused(facts):
    with pytest.raises(UserError, match="are no list of names") as caught:
        said(facts=facts)
    assert "labels" in caught.value.hint


def test_further_facts_are_texts_and_what_is_made_of_parts_is_left_out():
    facts = {"width": 3, "share": 0.5, "is_day": True, "author": "Ann", "box": [1], "more": {"a": 1}, "none": None}
    assert said(facts=facts).others == {"width": "3", "share": "0.5", "is_day": "true", "author": "Ann"}


@pytest.mark.parametrize("text", ["{", "", "{'a': 1}", "[" * 5000])
def test_a_json_that_is_none_is_refused(text):
    with pytest.raises(UserError, match=r"The \.json of '1\.jpg' in 'a\.tar' is none"):
        said(json=text)


@pytest.mark.parametrize(("facts", "label"), [(3, "3"), ([1, 2], None), (None, None)])
def test_a_json_that_is_one_value_is_the_class_where_it_is_plain(facts, label):
    assert said(facts=facts) == Said(label)
