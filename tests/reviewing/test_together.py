"""Several people who decide about one data set, each on a page of their own, with one catalog in PostgreSQL."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from browser import chromium
from postgres import Postgres
from reviewing import Reviewing, reviewing
from whatsit.data.catalog import catalog_path, open_catalog, sharing
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read

KEPT, OUT, NOTHING = "keep", "leave-out", ""


@pytest.fixture
def database(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """The same photos in another place, as on another person's disk."""
    return shutil.copytree(folder, tmp_path / "elsewhere" / folder.name)


@contextlib.contextmanager
def two(database: str, folder: Path, copy: Path) -> Iterator[tuple[Reviewing, Reviewing]]:
    """The pages of A and B."""
    with (
        reviewing(folder, "--catalog", database, "--as", "A") as a,
        reviewing(copy, "--catalog", f"{database}#{folder.name}", "--as", "B") as b,
    ):
        yield a, b


def decide(page: Reviewing, photos: list[int], decision: str) -> Any:
    status, _, answer = page.ask("/api/decide", {"photos": photos, "decision": decision})
    assert status == 200, answer
    return answer


def changed(page: Reviewing, since: int = 0) -> tuple[dict[int, str], dict[int, str]]:
    """What was decided since a place: by row the decision, and whose it is where it is another's."""
    _, _, answer = page.ask(f"/api/changes?since={since}")
    return (
        {row: decision for row, decision, *_ in answer["states"]},
        {int(row): person for row, person in answer["others"].items()},
    )


def test_each_sees_what_the_other_decides_and_who_did(database: str, folder: Path, copy: Path) -> None:
    with two(database, folder, copy) as (a, b):
        decide(a, [0, 1], OUT)
        assert changed(b) == ({0: OUT, 1: OUT}, {0: "A", 1: "A"})
        assert changed(a) == ({0: OUT, 1: OUT}, {})
        decide(b, [1, 2], KEPT)
        assert changed(a) == ({0: OUT, 1: KEPT, 2: KEPT}, {1: "B", 2: "B"})
        _, _, queue = b.ask("/api/queue/all")
        assert (queue["decisions"][:4], queue["others"]) == ([OUT, KEPT, KEPT, NOTHING], {"0": "A"})
    assert not catalog_path(folder).exists()


def test_each_undoes_their_own_and_what_held_before_is_there_again(
    database: str, folder: Path, copy: Path
) -> None:
    with two(database, folder, copy) as (a, b):
        decide(a, [0, 1], OUT)
        decide(b, [1], KEPT)
        assert b.ask("/api/undo", {})[2]["states"][0][:2] == [1, OUT]
        assert changed(a)[0] == {0: OUT, 1: OUT}
        decide(b, [1], KEPT)
        a.ask("/api/undo", {})  # B decided last about the second, and that holds
        assert changed(b) == ({0: NOTHING, 1: KEPT}, {})
        assert a.ask("/api/undo", {})[2]["states"] == []
    with sharing(database):
        assert len(apply_decisions(read(folder))) == 12


def test_who_is_killed_loses_nothing_and_holds_up_nobody(database: str, folder: Path, copy: Path) -> None:
    with two(database, folder, copy) as (a, b):
        decide(a, [0], OUT)
        a.kill()
        decide(b, [1], OUT)
        with reviewing(folder, "--catalog", database, "--as", "A") as again:
            _, _, queue = again.ask("/api/queue/left-out")
            assert (queue["photos"], queue["others"]) == ([0, 1], {"1": "B"})


def test_a_database_that_goes_is_said_and_found_again(
    database: str, postgres: Postgres, folder: Path, copy: Path
) -> None:
    with two(database, folder, copy) as (a, b):
        decide(a, [0], OUT)
        postgres.stop()
        for page in (a, b):
            status, _, answer = page.ask("/api/decide", {"photos": [1], "decision": OUT})
            assert status == 400
            assert "does not answer" in answer["error"]
            assert "Traceback" not in str(answer)
        postgres.start()
        decide(b, [2], KEPT)
        assert changed(a) == ({0: OUT, 2: KEPT}, {2: "B"})


@pytest.mark.slow
def test_of_four_at_once_no_decision_is_lost(database: str, folder: Path) -> None:
    with contextlib.ExitStack() as pages:
        first = pages.enter_context(reviewing(folder, "--catalog", database, "--as", "0"))
        rest = [pages.enter_context(reviewing(folder, "--catalog", database, "--as", name)) for name in "123"]

        def work(page: Reviewing) -> None:
            for number in range(25):
                decide(page, list(range(12)), (KEPT, OUT)[number % 2])

        with ThreadPoolExecutor(4) as people:
            list(people.map(work, [first, *rest]))
        seen = [changed(page)[0] for page in (first, *rest)]
    assert [one == seen[0] for one in seen] == [True] * 4
    with sharing(database), open_catalog(folder) as known:
        assert list(known.rows("SELECT count(*), count(undone) FROM decisions")) == [(4 * 25 * 12, 0)]
        for name in "0123":
            undone = [known.undo_batch("review", name) for _ in range(26)]
            assert [len(photos) for photos in undone] == [12] * 25 + [0]


def test_a_page_shows_whose_a_decision_is(database: str, folder: Path, copy: Path) -> None:
    with chromium() as browser, two(database, folder, copy) as pages:
        a, b = [browser.new_context().new_page() for _ in pages]
        for tab, page in zip((a, b), pages, strict=True):
            tab.on("pageerror", lambda error: pytest.fail(str(error)))
            tab.goto(page.address)
            tab.wait_for_selector(".cell img")
        a.keyboard.press("x")
        b.wait_for_function("() => document.querySelector('#cell-0 p').textContent === 'left out · cat · by A'")
        assert "by A" in b.get_attribute("#cell-0", "aria-label")
        b.keyboard.press("k")
        a.wait_for_function("() => document.querySelector('#cell-0 p').textContent === 'kept · cat · by B'")
        assert b.text_content("#cell-0 p") == "kept · cat"
        b.keyboard.press("z")
        a.wait_for_function("() => document.querySelector('#cell-0 p').textContent === 'left out · cat'")
