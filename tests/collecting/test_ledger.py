"""The rules of a collection's candidates: whose a photo is, and what is asked for next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.collecting.ledger import STATES, TWO_CLASSES, Ledger
from whatsit.collecting.search.found import Page
from whatsit.data.catalog import Candidate, KnownPhoto, Proven, Sighting, Why, class_of, host_of, open_catalog

GONE = Why("status", "404 Not Found", 404)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_catalog(tmp_path) as catalog:
        yield Ledger(catalog)


def page(*numbers: int, following: str = "") -> Page:
    return Page(tuple(Sighting(f"https://photos.example/{number}.jpg") for number in numbers), following)


def named(ledger: Ledger, class_name: str, *numbers: int) -> list[Candidate]:
    """Let a source name addresses for a class; all its candidates that wait."""
    ledger.add(class_name, "commons", "words", page(*numbers), {})
    return ledger.catalog.next_candidates(class_name, 0, 1000)


def proven(class_name: str, content: str) -> Proven:
    return Proven(content, KnownPhoto(f"{class_name}/{content}.jpg", f"kept {content}", 9, 80, 60, "JPEG", 1))


def states(ledger: Ledger, class_name: str) -> list[str]:
    return [fate.state for fate in ledger.catalog.address_fates([class_name])]


def test_candidates_come_in_the_order_in_which_sources_named_them(ledger: Ledger) -> None:
    assert ledger.add("cat", "commons", "cat", page(3, 1, following="2"), {}) == 2
    assert ledger.add("cat", "openverse", "cat", page(2, 3), {}) == 1
    assert [one.address[-5] for one in ledger.catalog.next_candidates("cat", 0, 9)] == ["3", "1", "2"]
    assert [one.rank for one in ledger.catalog.next_candidates("cat", 1, 1)] == [2]
    assert ledger.catalog.next_candidates("dog", 0, 9) == []


def test_a_search_goes_on_where_it_stood(ledger: Ledger) -> None:
    assert ledger.catalog.search_state("cat", "commons", "cat") == ("", 0, False)
    ledger.add("cat", "commons", "cat", page(1, following="second"), {})
    assert ledger.catalog.search_state("cat", "commons", "cat") == ("second", 1, False)
    ledger.add("cat", "commons", "cat", page(2), {})
    assert ledger.catalog.search_state("cat", "commons", "cat") == ("", 2, True)


def test_a_page_that_says_nothing_new_is_the_last(ledger: Ledger) -> None:
    ledger.add("cat", "commons", "cat", page(1, 2, following="2"), {})
    ledger.add("cat", "commons", "cat", page(1, 2, following="3"), {})
    assert ledger.catalog.search_state("cat", "commons", "cat")[2]


def test_the_same_page_by_other_words_is_not_the_last(ledger: Ledger) -> None:
    ledger.add("cat", "commons", "cat", page(1, following="2"), {})
    ledger.add("cat", "commons", "kitten", page(1, following="2"), {})
    assert not ledger.catalog.search_state("cat", "commons", "kitten")[2]


def test_what_must_not_be_asked_for_is_skipped_with_the_reason(ledger: Ledger) -> None:
    skip = {"https://photos.example/1.jpg": Why("licence", "no licence is stated")}
    assert ledger.add("cat", "commons", "cat", page(1, 2), skip) == 2
    assert states(ledger, "cat") == ["skipped", "found"]
    assert ledger.catalog.outcome_counts("cat") == [
        ("commons", "found", "", 1),
        ("commons", "skipped", "licence", 1),
    ]


CONTENTS = st.lists(st.sampled_from("xyz"), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(CONTENTS, st.randoms(use_true_random=False))
def test_whichever_download_is_first_the_lowest_rank_has_the_photo(
    tmp_path_factory: pytest.TempPathFactory, contents: list[str], chance: object
) -> None:
    with open_catalog(tmp_path_factory.mktemp("data")) as catalog:
        ledger = Ledger(catalog)
        waiting = named(ledger, "cat", *range(len(contents)))
        order = list(zip(waiting, contents, strict=True))
        chance.shuffle(order)  # type: ignore[attr-defined]
        grown = sum(ledger.settle(one, proven("cat", what), one.address)[1] for one, what in order)
        first = [contents.index(what) == place for place, what in enumerate(contents)]
        assert states(ledger, "cat") == ["kept" if is_first else "duplicate" for is_first in first]
        assert grown == len(set(contents)) == len(catalog.photos())
        assert [fate.photo for fate in catalog.address_fates(["cat"])] == [f"cat/{what}.jpg" for what in contents]


def test_bytes_of_another_classs_photo_are_a_conflict_and_stay_there(ledger: Ledger) -> None:
    (cat,), (dog,) = named(ledger, "cat", 1), named(ledger, "dog", 2)
    assert ledger.settle(cat, proven("cat", "x"), cat.address) == ("kept", 1)
    assert ledger.settle(dog, proven("dog", "x"), dog.address) == ("conflict", 0)
    assert ledger.catalog.photo_at("dog", dog.address) == "cat/x.jpg"
    (finding,) = ledger.catalog.findings_of(["cat/x.jpg"])
    assert (finding.check, finding.severity, finding.reason) == (TWO_CLASSES, "likely", "also found for 'dog'")


def test_an_address_that_another_class_asked_for_is_settled_without_asking(ledger: Ledger) -> None:
    kept, bad = named(ledger, "cat", 1, 2)
    ledger.settle(kept, proven("cat", "x"), kept.address)
    ledger.catalog.fail(bad, "bad", GONE)
    twins = named(ledger, "dog", 1, 2, 3)
    assert [ledger.settle_as_twin(one) for one in twins] == ["conflict", "bad", ""]
    assert [(fate.state, fate.status) for fate in ledger.catalog.address_fates(["dog"])] == [
        ("conflict", None),
        ("bad", 404),
        ("found", None),
    ]


def test_a_photo_that_somebody_took_away_is_not_brought_back(ledger: Ledger) -> None:
    first, second = named(ledger, "cat", 1, 2)
    ledger.settle(first, proven("cat", "x"), first.address)
    [(number, path)] = ledger.catalog.kept_photos()
    ledger.catalog.mark_removed(number, path)
    assert ledger.settle(second, proven("cat", "x"), second.address) == ("removed", 0)
    assert ledger.catalog.photos() == {}


def test_another_class_may_keep_what_was_taken_away_from_the_first(ledger: Ledger) -> None:
    (cat,), (dog,) = named(ledger, "cat", 1), named(ledger, "dog", 2)
    ledger.settle(cat, proven("cat", "x"), cat.address)
    ledger.catalog.mark_removed(cat.id, "cat/x.jpg")
    assert ledger.settle(dog, proven("dog", "x"), dog.address) == ("kept", 1)


def test_what_another_class_has_is_a_conflict_wherever_else_it_was_taken_away(
    ledger: Ledger,
) -> None:
    first, second = named(ledger, "cat", 1, 2)
    (dog,) = named(ledger, "dog", 3)
    ledger.settle(first, proven("cat", "x"), first.address)
    ledger.catalog.mark_removed(first.id, "cat/x.jpg")
    ledger.settle(dog, proven("dog", "x"), dog.address)
    assert ledger.settle(second, proven("cat", "x"), second.address) == ("conflict", 0)


def test_bytes_that_were_taken_down_are_skipped(ledger: Ledger) -> None:
    first, second = named(ledger, "cat", 1, 2)
    ledger.catalog.forget([first.id], [("sha256", "x")])
    assert states(ledger, "cat") == ["skipped", "found"]
    assert ("address", first.address) in ledger.catalog.forgotten()
    assert ledger.settle(second, proven("cat", "x"), second.address) == ("skipped", 0)


def test_a_photo_that_was_put_there_by_hand_is_not_had_twice(ledger: Ledger) -> None:
    ledger.catalog.put_photos([KnownPhoto("cat/mine.jpg", "x", 9, 80, 60, "JPEG", 1)])
    (cat,), (dog,) = named(ledger, "cat", 1), named(ledger, "dog", 2)
    assert ledger.settle(cat, proven("cat", "x"), cat.address) == ("duplicate", 0)
    assert ledger.settle(dog, proven("dog", "x"), dog.address) == ("conflict", 0)
    assert ledger.catalog.photo_at("dog", dog.address) == "cat/mine.jpg"


def test_what_failed_for_a_passing_reason_is_asked_for_again(ledger: Ledger) -> None:
    passing, final = named(ledger, "cat", 1, 2)
    for one, state in ((passing, "later"), (final, "bad")):
        ledger.catalog.add_attempt(one, GONE, 0.25)
        ledger.catalog.fail(one, state, GONE)
    assert ledger.catalog.tried_count("cat") == 2
    assert ledger.catalog.next_candidates("cat", 0, 9) == []
    ledger.catalog.reopen_later("cat")
    assert [one.address for one in ledger.catalog.next_candidates("cat", 0, 9)] == [passing.address]
    assert [fate.tries for fate in ledger.catalog.address_fates(["cat"])] == [1, 1]


def test_an_address_waits_for_a_class_until_it_is_settled(ledger: Ledger) -> None:
    (cat,) = named(ledger, "cat", 1)
    assert ledger.catalog.waiting_candidate("cat", cat.address) == cat
    ledger.settle(cat, proven("cat", "x"), cat.address)
    assert ledger.catalog.waiting_candidate("cat", cat.address) is None
    assert ledger.catalog.waiting_candidate("dog", cat.address) is None


def test_every_state_has_words() -> None:
    assert all(STATES.values())


def test_a_candidate_has_a_host_and_a_photo_a_class() -> None:
    assert (host_of("https://Photos.Example:99/a"), host_of("file:///a.jpg"), host_of("https://[")) == (
        "photos.example",
        "",
        "",
    )
    assert class_of("cat/b/c.jpg") == "cat"
