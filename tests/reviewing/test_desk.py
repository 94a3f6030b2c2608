"""The desk under the review page: queues, decisions, and what other programs change meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from whatsit.data.catalog import Decision, Face, Finding, open_catalog
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import Box
from whatsit.reviewing.desk import Desk
from whatsit.reviewing.labels import Sought

CHECKS = {"exact-duplicate": True, "dark": False}


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    with open_catalog(folder) as catalog:
        catalog.put_findings(
            [],
            [
                Finding("cat/0.jpg", "dark", "hint", 9, 10, "a little dark"),
                Finding("cat/1.jpg", "dark", "hint", 1, 10, "dark"),
                Finding("dog/2.jpg", "exact-duplicate", "certain", None, None, "again", {"of": "dog/1.jpg"}),
                Finding("dog/3.jpg", "exact-duplicate", "certain", None, None, "again", {"of": "gone.jpg"}),
                Finding("dog/4.jpg", "another-program's", "hint", None, None, "why"),
                Finding("gone.jpg", "dark", "hint", 1, 10, "dark"),
            ],
        )
        catalog.put_faces(
            [], [Face("cat/2.jpg", Box(0, 0.1, 0.5, 0.6, 3), 0.5, {"eyes": [[0.1, 0.2], [0.3, 0.2]]})]
        )
        yield Desk(read(folder), catalog, CHECKS)


def names(desk: Desk, rows: Iterable[int]) -> list[str]:
    return [desk.names[row] if row >= 0 else "" for row in rows]


def test_queues_come_in_the_order_of_checks_the_surest_first(desk: Desk) -> None:
    queues = {one.name: names(desk, one.photos) for one in desk.queues()}
    assert list(queues) == ["exact-duplicate", "dark", "another-program's", "faces", "all"]
    assert queues["dark"] == ["cat/1.jpg", "cat/0.jpg"]
    assert queues["faces"] == ["cat/2.jpg"]
    assert len(queues["all"]) == 12


def test_copies_are_shown_beside_the_photo_they_repeat(desk: Desk) -> None:
    copies, dark, *_ = desk.queues()
    beside = desk.window(copies, 0, 10)["of"]
    assert (names(desk, copies.photos), names(desk, beside)) == (["dog/2.jpg", "dog/3.jpg"], ["dog/1.jpg", ""])
    assert desk.window(dark, 0, 10)["of"] == []


def test_the_facts_of_a_photo_are_what_was_found_and_its_faces(desk: Desk) -> None:
    dark, faced = desk.facts([0, 2, 99, -1])
    assert (dark["name"], dark["found"], dark["faces"]) == ("cat/0.jpg", ["dark: a little dark"], [])
    assert faced["faces"] == [{"box": [0, 0.1, 0.5, 0.6, 3], "eyes": [[0.1, 0.2], [0.3, 0.2]]}]


def test_a_relabelled_photo_has_its_new_class_and_undo_gives_the_old_one_back(desk: Desk) -> None:
    assert desk.decide([0, 1], "relabel", "dog") == [0, 1]
    assert desk.states([0, 2]) == [(0, "relabel", "dog", []), (2, "", "cat", [])]
    assert [one.name for one in desk.queues()][-2:] == ["relabelled", "all"]
    assert desk.undo() == [0, 1]
    assert desk.states([0]) == [(0, "", "cat", [])]
    assert desk.undo() == []


@pytest.mark.parametrize(("rows", "decision", "label"), [([], "keep", ""), ([99], "keep", ""), ([0], "burn", "")])
def test_what_cannot_be_decided_is_refused(desk: Desk, rows: list[int], decision: str, label: str) -> None:
    with pytest.raises(UserError):
        desk.decide(rows, decision, label)
    with pytest.raises(UserError, match="no class 'wolf'"):
        desk.decide([0], "relabel", "wolf")
    assert not desk.held.is_decided.any()


def test_what_cannot_be_read_is_left_out_waits_for_nobody_and_cannot_be_kept(desk: Desk) -> None:
    broken = [Finding(f"cat/{number}.jpg", "broken", "certain", None, None, "cut short") for number in (3, 4)]
    desk.catalog.put_findings(["broken"], broken)
    queues = {one.name: (names(desk, one.photos), one.waiting) for one in desk.queues()}
    assert queues["broken"] == queues["left-out"] == (["cat/3.jpg", "cat/4.jpg"], 0)
    assert "Decided: 2 photos left out; waiting for you: 5 photos." in desk.sentence()
    for decision, label in (("keep", ""), ("relabel", "dog")):
        with pytest.raises(UserError, match=r"^'cat/3.jpg' and 1 more of these cannot be read"):
            desk.decide([0, 3, 4], decision, label)
    with pytest.raises(UserError, match=r"^'cat/4.jpg' cannot be read"):
        desk.decide([4], "keep")
    assert desk.states([0, 3, 4]) == [(0, "", "cat", []), (3, "", "cat", []), (4, "", "cat", [])]
    assert desk.decide([3, 4], "leave-out") == [3, 4]


def test_what_another_program_decides_is_heard_of_once(desk: Desk, folder: Path) -> None:
    _, place = desk.changed_since(0)
    with open_catalog(folder) as other:
        other.decide(Decision("dog/5.jpg", "leave-out", by="somebody"))
        other.decide(Decision("gone.jpg", "leave-out", by="somebody"))
    rows, place = desk.changed_since(place)
    assert names(desk, rows) == ["dog/5.jpg"]
    assert desk.changed_since(place)[0] == []


@pytest.mark.parametrize("deed", ["decide", "undo", "undo nothing"])
def test_what_others_decided_before_a_key_press_is_heard_of_too(desk: Desk, folder: Path, deed: str) -> None:
    if deed == "undo":
        desk.decide([1], "keep")
    _, place = desk.changed_since(0)
    with open_catalog(folder) as other:
        other.decide(Decision("dog/5.jpg", "leave-out", by="somebody"))
    assert desk.decide([0], "keep") if deed == "decide" else desk.undo() is not None
    rows, _ = desk.changed_since(place)
    assert "dog/5.jpg" in names(desk, rows)
    assert desk.states([desk.names.index("dog/5.jpg")]) == [(11, "leave-out", "dog", [])]


def test_what_is_found_while_the_page_is_open_has_its_queue(desk: Desk, folder: Path) -> None:
    with open_catalog(folder) as other:
        other.add_finding(Finding("dog/5.jpg", "dark", "hint", 0, 10, "dark"))
        other.put_faces(["dog/5.jpg"], [Face("dog/5.jpg", Box(0, 0, 1, 1, 0), 0.5)])
    queues = {one.name: names(desk, one.photos) for one in desk.queues()}
    assert queues["dark"] == ["dog/5.jpg", "cat/1.jpg", "cat/0.jpg"]
    assert queues["faces"] == ["cat/2.jpg", "dog/5.jpg"]


def test_the_catalog_is_not_read_whole_again_where_nothing_was_found_since(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.catalog, "each_finding", None)  # reading it would fail
    assert desk.open("dark", Sought()) is not None
    desk.decide([0], "keep")
    assert desk.queues()[1].waiting == 1
