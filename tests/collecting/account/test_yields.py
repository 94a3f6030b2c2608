"""The account of a collection: what came of every address, in one sentence a class, and what to try next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from whatsit.collecting.account.yields import (
    ClassYield,
    Yield,
    count_yield,
    explain_kind,
    write_addresses,
)
from whatsit.collecting.ledger import KINDS, Ledger
from whatsit.collecting.search.found import Page, SourceError
from whatsit.data.catalog import Catalog, KnownPhoto, Proven, Sighting, Why, open_catalog
from whatsit.fetch import errors
from whatsit.files import read_csv


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with open_catalog(tmp_path) as known:
        yield known


def of(name: str = "kite", goal: int | None = 9, photos: int = 9, **facts: Any) -> ClassYield:
    return ClassYield(name, goal, photos, **{"found": 0, "states": {}, "kinds": {}, "sources": {}} | facts)


def all_of(*classes: ClassYield, parked: dict[str, str] | None = None) -> Yield:
    return Yield(Path("data"), classes, parked or {}, (), Path("a.csv"), Path("b.csv"), False)


@pytest.mark.parametrize(
    ("goal", "photos", "is_short"),
    [(9, 8, True), (9, 9, False), (9, 10, False), (None, 0, True), (None, 1, False), (0, 0, True)],
)
def test_a_class_is_short_of_what_was_wanted_or_of_any_photo(goal, photos, is_short):
    assert of(goal=goal, photos=photos).is_short is is_short


def test_a_sentence_names_all_that_was_lost_and_nothing_that_was_not():
    lost = of(
        goal=3000,
        found=2400,
        photos=1790,
        states={"duplicate": 1, "conflict": 2, "removed": 3, "found": 4, "kept": 1790},
        kinds={"dns": 1, "status": 2, "blank": 1, "robots": 5, "private": 6, "licence": 7, "forgotten": 8},
    )
    assert lost.sentence() == (
        "kite: asked 3,000, found 2,400 addresses; 3 dead, 1 no photo, 1 duplicate, 2 of another class, "
        "5 asked to be left alone, 6 not public, 7 under another licence, 8 taken down, 3 removed since, "
        "4 not needed; 1,790 photos."
    )
    assert of(goal=None, photos=1, found=1).sentence() == "kite: found 1 address; 1 photo."
    assert (
        of(photos=0, found=2, kinds={"file": 2}).sentence()
        == "kite: asked 9, found 2 addresses; 2 no photos; no photos."
    )


def test_failures_are_added_up_by_their_reasons():
    failed = of(kinds={"dns": 3, "tls": 1, "blank": 7})
    assert failed.failed(("dns", "tls", "timeout")) == 4
    assert failed.failed(()) == 0


def test_where_every_class_has_its_photos_there_is_nothing_to_try():
    assert all_of(of(), of(goal=None, photos=1)).hints() == []


def test_what_to_try_names_what_waits_what_ended_and_other_words():
    short = of(photos=2, states={"later": 3}, ended={"flickr": SourceError("It is full.", "Wait.")})
    other = of("owl", photos=0, states={"later": 4}, ended={"commons": SourceError("It is full.", "Wait.")})
    fine = of("emu", states={"later": 50})
    assert all_of(fine, short, other, parked={"a.org": "a.org asks for a pause"}).hints() == [
        "a.org asks for a pause: the same command goes on later; waiting: 7 addresses.",
        "It is full. Wait.",
        'Other words find other photos, as in: "kite=these words|other words"',
        "Web search finds more, under unknown licences: --source bing",
    ]


def test_web_search_is_not_named_to_who_used_it():
    hints = all_of(of(photos=0, sources={"bing": {"bad": 1}})).hints()
    assert hints == ['Other words find other photos, as in: "kite=these words|other words"']


def test_the_account_of_a_class_is_counted_from_its_catalog(catalog):
    ledger = Ledger(catalog)
    addresses = [f"https://photos.example/{number}.jpg" for number in range(4)]
    found = tuple(Sighting(one) for one in addresses)
    ledger.add("kite", "commons", "kite", Page(found[:3]), {addresses[0]: Why("licence", "all rights reserved")})
    ledger.add("kite", "openverse", "kite", Page(found[3:]), {})
    ledger.add("owl", "commons", "owl", Page(found), {})
    gone, kept, _ = ledger.catalog.next_candidates("kite", 0, 9)
    photo = KnownPhoto("kite/1.jpg", "digest", 9, 80, 60, "JPEG", 1)
    catalog.fail(gone, "bad", Why("status", "404 Not Found", 404))
    ledger.settle(kept, Proven("content", photo), kept.address)
    ended = {"commons": SourceError("over")}
    account = count_yield(catalog, "kite", 5, 1, ended)
    assert account.states == {"skipped": 1, "bad": 1, "kept": 1, "found": 1}
    assert account.kinds == {"licence": 1, "status": 1}
    assert account.sources == {"commons": {"skipped": 1, "bad": 1, "kept": 1}, "openverse": {"found": 1}}
    assert (account.found, account.goal, account.photos, account.ended) == (4, 5, 1, ended)
    assert count_yield(catalog, "emu", None, 0, {}).found == 0


def test_the_table_of_addresses_has_a_line_for_each_of_these_classes(catalog, tmp_path):
    ledger = Ledger(catalog)
    for name in ("kite", "owl", "emu"):
        ledger.add(name, "commons", name, Page((Sighting(f"https://photos.example/{name}.jpg"),)), {})
    write_addresses(catalog, tmp_path / "table.csv", ["owl", "kite"])
    rows = read_csv(tmp_path / "table.csv")
    assert {row["class"] for row in rows} == {"owl", "kite"}
    assert len(rows) == 2
    first = next(row for row in rows if row["class"] == "owl")
    assert next(iter(first)) == "class"
    assert (first["address"], first["state"], first["source"]) == (
        "https://photos.example/owl.jpg",
        "found",
        "commons",
    )


@pytest.mark.parametrize("kind", [*KINDS, *errors.KINDS])
def test_every_reason_has_words(kind):
    assert len(explain_kind(kind)) > 3


def test_a_reason_of_our_own_is_explained_in_our_words():
    assert explain_kind("blank") == KINDS["blank"]
    assert explain_kind("dns") == errors.KINDS["dns"][0]
