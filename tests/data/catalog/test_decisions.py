"""What was decided: any sequence of deeds leaves what a plain list of decisions would say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.data.catalog import DECISIONS, Catalog, Decision, open_catalog

pytestmark = pytest.mark.usefixtures("each_database")

PHOTOS, CHECKS, AUTHORS = ("a", "b", "c", "d"), ("", "blurred", "dark"), ("clean", "review", "somebody")
PEOPLE = ("", "A", "B")


@dataclass
class Model:
    """Decisions by their number, and those that were undone."""

    rows: dict[int, Decision] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)
    last: int = 0  # the highest number so far
    reuses_numbers: bool = True  # those behind the highest that is there, as SQLite does

    def decide(self, *decisions: Decision) -> None:
        for one in decisions:
            number = 1 + (max(self.rows, default=0) if self.reuses_numbers else self.last)
            self.last = number
            self.rows[number] = replace(one, id=number)

    def decide_batch(self, *decisions: Decision) -> None:
        batch = max(self.rows, default=0) + 1
        self.decide(*(replace(one, batch=batch) for one in decisions))

    def held(self) -> dict[str, Decision]:
        return {one.photo: one for number, one in sorted(self.rows.items()) if number not in self.undone}

    def undo_batch(self, by: str, person: str) -> list[str]:
        standing = [one for number, one in sorted(self.rows.items()) if number not in self.undone]
        whose = {"", person} if person else set(PEOPLE)
        standing = [one for one in standing if one.by == by and one.batch and one.person in whose]
        last = [one for one in standing if one.batch == standing[-1].batch]
        self.undone.update(one.id for one in last)
        return [one.photo for one in last]

    def carry(self, moved: Mapping[str, str]) -> None:
        held = self.held()
        good = {old: new for old, new in moved.items() if old in held and new not in held}
        for number, one in self.rows.items():
            self.rows[number] = replace(one, photo=good.get(one.photo, one.photo))

    def withdraw(self, by: str, kept: set[tuple[str, str]]) -> int:
        ours = [one for one in self.held().values() if one.by == by and one.batch]
        stale = [one.id for one in ours if (one.photo, one.check) not in kept]
        self.rows = {number: one for number, one in self.rows.items() if number not in stale}
        return len(stale)

    def undone_findings(self, by: str) -> set[tuple[str, str]]:
        gone = (one for number, one in self.rows.items() if number in self.undone)
        return {(one.photo, one.check) for one in gone if one.by == by and one.batch}


DECISION = st.builds(
    Decision,
    st.sampled_from(PHOTOS),
    st.sampled_from(DECISIONS),
    by=st.sampled_from(AUTHORS),
    why=st.sampled_from(["", "by hand", "sharpness 3: limit 9"]),
    check=st.sampled_from(CHECKS),
    person=st.sampled_from(PEOPLE),
)
PAIRS = st.sets(st.tuples(st.sampled_from(PHOTOS), st.sampled_from(CHECKS)))
DEED = st.one_of(
    st.tuples(st.just("decide"), DECISION),
    st.tuples(st.just("decide batch"), st.lists(DECISION, max_size=4)),
    st.tuples(st.just("undo"), st.integers(1, 12)),
    st.tuples(st.just("undo batch"), st.tuples(st.sampled_from(AUTHORS), st.sampled_from(PEOPLE))),
    st.tuples(st.just("carry"), st.dictionaries(st.sampled_from(PHOTOS), st.sampled_from((*PHOTOS, "e", "f")))),
    st.tuples(st.just("withdraw"), st.tuples(st.sampled_from(AUTHORS), PAIRS)),
)


def do(catalog: Catalog, model: Model, deed: str, what: object) -> None:
    """Do the same to both; what they answer is equal."""
    match deed, what:
        case "decide", Decision() as one:
            model.decide(one)
            assert catalog.decide(one) == max(model.rows)
        case "decide batch", list() as several:
            model.decide_batch(*several)
            catalog.decide_batch(several)
        case "undo", int() as number:
            model.undone |= {number} & model.rows.keys()
            catalog.undo(number)
        case "undo batch", (str() as by, str() as person):
            assert catalog.undo_batch(by, person) == model.undo_batch(by, person)
        case "carry", dict() as moved:
            model.carry(moved)
            catalog.carry_decisions(moved)
        case "withdraw", (str() as by, set() as kept):
            assert catalog.withdraw(by, kept) == model.withdraw(by, kept)
        case _:
            raise AssertionError(deed)


@settings(max_examples=120, deadline=None)
@given(st.lists(DEED, max_size=14))
def test_any_sequence_of_deeds_leaves_what_a_plain_list_says(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, object]]
) -> None:
    model = Model(reuses_numbers="WHATSIT_CATALOG" not in os.environ)
    with open_catalog(tmp_path_factory.mktemp("data")) as catalog:
        for deed, what in deeds:
            do(catalog, model, deed, what)
            held = {photo: replace(one, time="") for photo, one in catalog.decisions().items()}
            assert held == model.held()
        for photo in (*PHOTOS, "e", "f"):
            assert catalog.decision_of(photo) == catalog.decisions().get(photo)
        for by in AUTHORS:
            assert catalog.undone_findings(by) == model.undone_findings(by)


def test_batches_of_one_author_are_undone_one_after_the_other(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        catalog.decide_batch([Decision("a", "keep", by="review"), Decision("b", "keep", by="review")])
        catalog.decide_batch([Decision("c", "leave-out", by="clean", check="blurred", why="too soft")])
        catalog.decide_batch([Decision("a", "leave-out", by="review")])
        assert catalog.undo_batch("review") == ["a"]
        assert catalog.decisions().keys() == {"a", "b", "c"}
        assert catalog.undo_batch("review") == ["a", "b"]
        assert catalog.undo_batch("review") == []
        assert catalog.decisions()["c"].reason == "blurred: too soft"


def test_a_decision_that_stands_alone_is_in_no_batch(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        number = catalog.decide(Decision("a", "keep", by="review"))
        assert catalog.undo_batch("review") == []
        catalog.undo(number)
        assert catalog.decisions() == {}


def test_what_was_undone_keeps_the_time_of_its_undoing(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        number = catalog.decide(Decision("a", "keep"))
        catalog.write("UPDATE decisions SET undone = 'long ago'")
        catalog.undo(number)
        assert list(catalog.rows("SELECT undone FROM decisions")) == [("long ago",)]


def test_every_write_and_undo_changes_the_state(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        states = [catalog.decisions_state()]

        def note() -> None:
            states.append(catalog.decisions_state())

        number = catalog.decide(Decision("a", "keep"))
        note()
        catalog.undo(number)
        note()
        catalog.undo(number)
        assert catalog.decisions_state() == states[-1]
        catalog.decide_batch([Decision("b", "keep", by="clean"), Decision("c", "keep", by="clean")])
        note()
        catalog.undo_batch("clean")
        note()
        catalog.undo_batch("clean")
        assert catalog.decisions_state() == states[-1]
        catalog.decide_batch([Decision("d", "leave-out", by="clean", check="blurred")])
        note()
        catalog.carry_decisions({"d": "e"})
        note()
        catalog.withdraw("clean", [])
        note()
    assert len(set(states)) == len(states)


def test_photos_decided_between_two_states_are_known_while_none_is_undone(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        catalog.decide(Decision("a", "keep"))
        before = catalog.decisions_state()
        number = catalog.decide(Decision("b", "keep"))
        catalog.decide(Decision("c", "keep"))
        after = catalog.decisions_state()
        catalog.decide(Decision("d", "keep"))
        assert catalog.photos_decided(before, after, most=2) == {"b", "c"}
        assert catalog.photos_decided(before, after, most=1) is None
        catalog.undo(number)
        assert catalog.photos_decided(before, catalog.decisions_state(), most=9) is None


def test_the_last_decision_holds_until_it_is_undone(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as known:
        known.decide(Decision("a.jpg", "leave-out", by="person"))
        second = known.decide(Decision("a.jpg", "relabel", "cat", "person"))
        assert known.decisions()["a.jpg"].label == "cat"
        known.undo(second)
        assert known.decisions()["a.jpg"].decision == "leave-out"
