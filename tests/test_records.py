"""Records come back from JSON as they were, and what is no record is named, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.errors import UserError
from whatsit.records import Record, as_json, decode_json, parse_json, read_record


@dataclass(frozen=True)
class Leaf(Record):
    name: str
    share: float
    is_ripe: bool = True


@dataclass(frozen=True)
class Tree(Record):
    class_: str
    height: int
    ends: tuple[float, float]
    leaves: tuple[Leaf, ...] = ()
    kind: Literal["oak", "elm"] = "oak"
    counts: Mapping[str, int] | None = None
    anything: Any = None


OAK: dict[str, Any] = {"class": "tree", "height": 3, "ends": [0.5, 1], "leaves": [{"name": "a", "share": 0.25}]}


def test_a_record_is_read_by_its_type_hints() -> None:
    tree = read_record(Tree, OAK, "tree.json")
    assert tree == Tree("tree", 3, (0.5, 1.0), (Leaf("a", 0.25),))
    assert isinstance(tree.ends[1], float)


finite = st.floats(allow_nan=False, allow_infinity=False)
leaves = st.builds(Leaf, st.text(), finite, st.booleans())
whole = st.integers(-(2**63) + 1, 2**63 - 1)
counts = st.none() | st.dictionaries(st.text(), whole)
trees = st.builds(
    Tree,
    st.text(),
    whole,
    st.tuples(finite, finite),
    st.lists(leaves, max_size=3).map(tuple),
    st.sampled_from(["oak", "elm"]),
    counts,
)


@given(trees)
def test_any_record_comes_back_from_its_json(tree: Tree) -> None:
    assert read_record(Tree, json.loads(json.dumps(as_json(tree))), "tree.json") == tree


def test_what_a_newer_version_wrote_beside_survives_reading_and_writing() -> None:
    newer = {**OAK, "rings": [1, 2], "leaves": [{"name": "a", "share": 0.25, "is_ripe": False, "veins": {"n": 3}}]}
    tree = read_record(Tree, newer, "tree.json")
    assert tree.more == {"rings": [1, 2]}
    written = as_json(tree)
    assert written["rings"] == [1, 2]
    assert written["leaves"] == newer["leaves"]


def test_a_field_is_left_out_while_nobody_says_anything_about_it() -> None:
    written = as_json(Tree("tree", 3, (0.0, 1.0)))
    assert "counts" not in written
    assert written["class"] == "tree"
    assert as_json(Tree("tree", 3, (0.0, 1.0), counts={}))["counts"] == {}


def test_options_are_written_whole() -> None:
    @dataclass(frozen=True)
    class Options:
        size: int | None = None

    assert as_json(Options()) == {"size": None}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"height": "3"}, "height is '3' and not a whole number"),
        ({"height": True}, "height is True and not a whole number"),
        ({"height": 2**63}, "height is 9223372036854775808 and not a whole number"),
        ({"class": None}, "class is None and not a text"),
        ({"ends": [1]}, "ends is a list of 1 and not of 2"),
        ({"ends": {"low": 1}}, "ends is an object and not a list of 2"),
        ({"ends": [0, float("nan")]}, "ends[1] is nan and not a finite number"),
        ({"ends": [0, 10**400]}, "ends[1] is 1000000000000000000000000000000000000000… and not a finite number"),
        ({"leaves": 4}, "leaves is 4 and not a list"),
        ({"leaves": [{"share": 1}]}, "leaves[0].name is missing"),
        ({"leaves": [{"name": "a", "share": False}]}, "leaves[0].share is False and not a finite number"),
        ({"leaves": [{"name": "a", "share": 1, "is_ripe": 1}]}, "leaves[0].is_ripe is 1 and not true or false"),
        ({"leaves": ["a"]}, "leaves[0] is 'a' and not an object"),
        ({"kind": "ash"}, "kind is 'ash' and none of oak, elm"),
        ({"kind": []}, "kind is a list and none of oak, elm"),
        ({"counts": {"a": 0.5}}, "counts.a is 0.5 and not a whole number"),
        ({"counts": []}, "counts is a list and not an object"),
    ],
)
def test_a_wrong_type_is_named_with_its_file_and_field(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        read_record(Tree, {**OAK, **change}, "tree.json", "Plant it again.")
    assert caught.value.sentence == f"'tree.json' is damaged: {sentence}."
    assert caught.value.hint == "Plant it again."


def test_what_is_no_object_at_all_is_said() -> None:
    with pytest.raises(UserError, match=r"'tree.json' is damaged: its content is a list and not an object\."):
        read_record(Tree, [], "tree.json")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a": ' + "9" * 5000 + "}", b"\xff\xfe{"])
def test_what_is_no_json_is_said(text: str | bytes) -> None:
    with pytest.raises(UserError, match=r"'tree.json' is damaged: it is not the JSON we wrote\."):
        parse_json(text, "tree.json")


@pytest.mark.parametrize("text", ["", "[1,", "[" * 100_000, '{"a":' * 100_000, "9" * 5000, b"\xff\xfe["])
def test_whatever_is_wrong_with_a_text_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        decode_json(text)
