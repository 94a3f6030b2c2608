from __future__ import annotations

import inspect
import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.collecting.options import CollectOptions
from whatsit.errors import UserError
from whatsit.options import (
    choose,
    fields_of,
    flag_of,
    flatten,
    list_given,
    list_names,
    names_in,
    options_of,
    reveal_choices,
    takes_choices,
    words_of,
)
from whatsit.packing.packing import PackOptions
from whatsit.records import UNWRITTEN, as_json
from whatsit.training.options import NetOptions, TrainOptions


@dataclass(frozen=True)
class Inner:
    net: str = "fast"
    depth: int | None = None


@dataclass(frozen=True)
class Outer:
    seed: int = 0
    net: Inner = field(default_factory=Inner)


@takes_choices(f"{__name__}:Outer")
def grow(options: Outer | None = None, **choices: Any) -> Outer:
    return choose(Outer, options, choices)


def test_options_in_groups_have_flat_names() -> None:
    assert [(one.name, one.groups, one.default) for one in options_of(Outer)] == [
        ("seed", (), 0),
        ("net", ("net",), "fast"),
        ("depth", ("net",), None),
    ]
    assert flatten(Outer(seed=3, net=Inner(depth=2))) == {"seed": 3, "net": "fast", "depth": 2}


def test_choices_replace_what_a_record_of_options_holds() -> None:
    assert grow(Outer(seed=3), depth=4) == Outer(seed=3, net=Inner(depth=4))
    assert grow(net="simple") == Outer(net=Inner(net="simple"))
    assert grow() == Outer()


def test_an_unknown_choice_is_answered_with_the_nearest() -> None:
    with pytest.raises(TypeError, match=r"There is no option 'deph'\. Did you mean 'depth'"):
        grow(deph=4)


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"seed": "ten"}, "seed is 'ten', and has to be a whole number"),
        ({"seed": 2.5}, "seed is 2.5, and has to be a whole number"),
        ({"depth": True}, "depth is True, and has to be a whole number"),
        ({"net": 3}, "net is 3, and has to be a text"),
        ({"net": ["fast"]}, r"net is \['fast'\], and has to be a text"),
    ],
)
def test_a_choice_of_another_kind_is_refused(choice: dict[str, Any], wanted: str) -> None:
    with pytest.raises(UserError, match=wanted):
        grow(**choice)
    assert grow(seed=np.int64(3), depth=None, net=Path("fast")) == Outer(seed=3, net=Inner(net=Path("fast")))  # type: ignore[arg-type]


def test_a_choice_of_several_is_a_list_of_them_and_one_text_is_a_list_of_one() -> None:
    both = ("commons", "urls:list.txt")
    for given_ in (list(both), both, (one for one in both)):
        assert choose(CollectOptions, None, {"source": given_}).source == both
    assert choose(CollectOptions, None, {"source": "commons"}).source == ("commons",)
    assert choose(CollectOptions, CollectOptions(source="commons"), {}).source == ("commons",)  # type: ignore[arg-type]
    assert list_names("accept", "blurred") == ("blurred",)
    assert list_names("accept", None) == ()  # type: ignore[arg-type]
    for wrong, match in ((3, "has to be a list, each of it a text"), (("commons", 3), "has to be a text")):
        with pytest.raises(UserError, match=match):
            choose(CollectOptions, None, {"source": wrong})


def test_the_signature_shows_every_choice_once_it_is_revealed() -> None:
    assert str(inspect.signature(reveal_choices(grow))) == (
        "(options: 'Outer | None' = None, *, seed: int = 0, net: str = 'fast', "
        "depth: int | None = None) -> 'Outer'"
    )


def test_the_options_of_training_have_one_name_each() -> None:
    names = [option.name for option in options_of(TrainOptions)]
    assert len(names) == len(set(names))
    assert {one.name for one in fields(NetOptions)} <= set(names)


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


@settings(deadline=None)
@given(st.data())
def test_what_is_chosen_is_what_is_flattened(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([one.name for one in options_of(TrainOptions)]), unique=True))
    kinds = {one.name: one.kind for one in options_of(TrainOptions)}
    choices = {name: data.draw(st.from_type(kinds[name]).filter(_is_finite)) for name in names}
    usual = flatten(TrainOptions())
    assert flatten(choose(TrainOptions, None, choices)) == usual | choices


@dataclass(frozen=True)
class Soil:
    """What it grows in. Nothing more to say."""

    kind: str = "loam"
    "What it is called."

    depth: int | None = None


@dataclass(frozen=True)
class Garden:
    """A garden."""

    rows: int = 3
    "How many rows."

    is_open: bool = True
    soil: Soil = field(default_factory=Soil)


def test_the_fields_of_a_class_come_in_order_with_their_meaning_and_their_group() -> None:
    rows, is_open, soil = fields_of(Garden)
    assert [one.name for one in (rows, is_open, soil)] == ["rows", "is_open", "soil"]
    assert (rows.kind, rows.field.default, rows.text, rows.is_group) == (int, 3, "How many rows.", False)
    assert is_open.text == ""
    assert (soil.kind, soil.is_group, soil.title) == (Soil, True, "What it grows in. Nothing more to say")


def test_what_stands_in_json_is_flattened_the_same() -> None:
    assert flatten({"rows": 4, "soil": {"kind": "loam", "newer": {"acid": 7}}}) == {
        "rows": 4,
        "kind": "loam",
        "acid": 7,
    }


def test_a_flag_is_spelt_with_hyphens_and_without_pythons_underscore() -> None:
    assert flag_of("learning_rate") == "--learning-rate"
    assert flag_of("from_") == "--from"


MOST = 4_000


@dataclass(frozen=True)
class Wishes:
    """What is wanted, and which of it was named."""

    pages: int = 3
    f"How many; at most {MOST:,}."

    is_bound: bool = False
    soil: Soil = field(default_factory=Soil)
    given: frozenset[str] = field(default=frozenset(), compare=False, metadata=UNWRITTEN)


def test_a_meaning_may_be_put_together_of_what_the_program_does() -> None:
    assert fields_of(Wishes)[0].text == "How many; at most 4,000."


def test_what_was_named_counts_as_given_though_it_is_the_usual_and_is_written_nowhere() -> None:
    named = choose(Wishes, Wishes(soil=Soil(depth=2)), {"pages": 3, "depth": 2, "is_bound": None})
    assert named.given == {"pages", "depth"}
    assert list_given(named) == {"pages": 3, "depth": 2, "is_bound": None}
    assert list_given(Wishes(is_bound=True)) == {"is_bound": True}
    assert named == Wishes(is_bound=None, soil=Soil(depth=2))  # type: ignore[arg-type]
    assert "given" not in as_json(named)
    assert [option.name for option in options_of(Wishes)] == ["pages", "is_bound", "kind", "depth"]
    assert choose(Wishes, named, {"is_bound": False}).given == {"pages", "depth", "is_bound"}


def test_an_option_is_written_as_it_is_typed() -> None:
    assert words_of("learning_rate", 0.1) == ["--learning-rate", "0.1"]
    assert words_of("flip", True) == ["--flip"]
    assert words_of("flip", False) == ["--no-flip"]
    assert names_in(Soil, "rows") == {"kind", "depth", "rows"}


@pytest.mark.parametrize("options", [TrainOptions, PackOptions, CollectOptions])
def test_the_title_of_a_group_fits_a_line_of_80_characters(options: type[Any]) -> None:
    assert [option.title for option in fields_of(options) if len(option.title) > 74] == []
