"""A catalog of an earlier format opens for good: whole or not at all, whoever is killed when."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.data.catalog import Decision, catalog_path, open_catalog
from whatsit.data.catalog.migrations import FORMAT, MIGRATIONS
from whatsit.errors import UserError

WRITTEN = {  # format → a catalog that whatsit itself wrote when it was today's; format 1 was 0.1.0's
    number: Path(__file__).with_name(f"format-{number}.sql").read_text(encoding="utf-8") for number in (1, 2)
}
OLD = WRITTEN[1]
OPEN = """
import sys
from pathlib import Path
from whatsit.data.catalog import open_catalog
print("begins", flush=True)
with open_catalog(Path(sys.argv[1])):
    pass
"""


def old_catalog(data: Path, decisions: int = 0) -> Path:
    """A folder with the catalog of format 1, with some more decisions in it; the file."""
    file = data / ".whatsit" / "catalog.sqlite"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(OLD)
        rows = (
            (f"cat/{number}.jpg", f"clean {1 + number // 100}", f"blurred: sharpness {number}, limit 60: too low")
            for number in range(decisions)
        )
        connection.executemany(
            "INSERT INTO decisions (photo, decision, label, by, why, time) VALUES (?, 'leave-out', '', ?, ?, '')",
            rows,
        )
        connection.commit()
    return file


def content(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows by table, and how tables and indexes are made up."""
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
        form = {f"form of {name}": list(connection.execute(f"PRAGMA table_info({name})")) for name in names}
        indexes = connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY 1")
        columns = [
            (name, table, *(column for _, _, column in connection.execute(f"PRAGMA index_info({name})")))
            for name, table in list(indexes)
        ]
        return rows | form | {"indexes": columns, "version": list(connection.execute("PRAGMA user_version"))}


def as_decided(file: Path) -> list[tuple[object, ...]]:
    """Every decision of a catalog of any format as format 1 told it."""
    with closing(sqlite3.connect(file)) as connection:
        ((version,),) = connection.execute("PRAGMA user_version")
        columns = "id, photo, decision, label, time, undone, by, why"
        if version == 1:
            return sorted(connection.execute(f"SELECT {columns} FROM decisions"))
        rows = connection.execute(f"SELECT {columns}, check_name, batch FROM decisions")
        return sorted(
            (*row, f"{by} {batch}" if batch else by, f"{check}: {why}" if check else why)
            for *row, by, why, check, batch in rows
        )


def lying_beside(file: Path) -> list[str]:
    return sorted(one.name for one in file.parent.iterdir() if one.name.startswith(f"{file.name}.format"))


def test_a_catalog_of_format_1_opens_and_every_row_is_kept(tmp_path: Path) -> None:
    file = old_catalog(tmp_path)
    before, told = content(file), as_decided(file)
    with open_catalog(tmp_path) as catalog:
        assert Path(catalog.place) == file
    after = content(file)
    assert as_decided(file) == told
    same = [name for name in before if not name.endswith("decisions") and name not in ("indexes", "version")]
    assert len(same) == 20
    assert [after[name] for name in same] == [before[name] for name in same]
    assert lying_beside(file) == []


def test_a_catalog_of_format_2_opens_and_nobody_decided_in_it(tmp_path: Path) -> None:
    file = tmp_path / ".whatsit" / "catalog.sqlite"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(WRITTEN[2])
    before, told = content(file), as_decided(file)
    with open_catalog(tmp_path) as catalog:
        assert {one.person for one in catalog.decisions().values()} == {""}
    after = content(file)
    same = [name for name in before if not name.endswith("decisions") and name != "version"]
    assert [after[name] for name in same] == [before[name] for name in same]
    with open_catalog(tmp_path) as catalog:
        assert catalog.undo_batch("review", "A") == ["cat/2.jpg"]  # nobody's are anybody's
    assert len(as_decided(file)) == len(told)


def test_a_migrated_catalog_is_made_up_as_a_new_one(tmp_path: Path) -> None:
    old = old_catalog(tmp_path / "old")
    for data in (tmp_path / "old", tmp_path / "new"):
        with open_catalog(data) as catalog:
            pass
    was, is_new = content(old), content(Path(catalog.place))
    form = [name for name in is_new if name.startswith("form of") or name in ("indexes", "version")]
    assert {name: was[name] for name in form} == {name: is_new[name] for name in form}
    assert set(MIGRATIONS) == set(range(1, FORMAT))


def test_checks_and_batches_are_taken_out_of_why_and_by(tmp_path: Path) -> None:
    old_catalog(tmp_path)
    with open_catalog(tmp_path) as catalog:
        found = catalog.decisions()
        assert (found["cat/copy.jpg"].check, found["cat/copy.jpg"].why) == (
            "exact-duplicate",
            "the same file as cat/1.jpg",
        )
        assert (found["cat/copy.jpg"].by, found["cat/copy.jpg"].batch) == ("clean", 3)
        assert found["cat/copy.jpg"].reason == "exact-duplicate: the same file as cat/1.jpg"
        assert found["gone.jpg"].why == "sharpness 3: limit 9"
        by_hand = (found["cat/2.jpg"], found["dog/0.jpg"], found["dog/1.jpg"], found["dog/2.jpg"])
        assert [(one.by, one.batch, one.check) for one in by_hand] == [
            ("somebody", 0, ""),
            ("clean", 0, ""),
            ("", 0, ""),
            ("review by 3", 0, ""),
        ]
        assert by_hand[0].reason == "blurred: says a friend"
        assert ("dog/broken.jpg", "broken") in catalog.undone_findings("clean")
        assert catalog.undo_batch("review") == ["cat/2.jpg"]
        assert catalog.undo_batch("review") == ["cat/0.jpg", "cat/1.jpg"]
        assert catalog.undo_batch("review") == []


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
BY = st.sampled_from(["clean", "review", "clean 1", "clean 12", "review 7", "clean 01", "clean 1 2", "clean "])
WHY = st.one_of(TEXT, st.builds("{}: {}".format, TEXT, TEXT))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.one_of(BY, TEXT), WHY), max_size=8))
def test_whatever_stood_in_by_and_why_reads_as_before(
    tmp_path_factory: pytest.TempPathFactory, decisions: list[tuple[str, str]]
) -> None:
    data = tmp_path_factory.mktemp("data")
    file = old_catalog(data)
    with closing(sqlite3.connect(file)) as connection:
        connection.executemany(
            "INSERT INTO decisions (photo, decision, label, by, why, time) VALUES ('a', 'keep', '', ?, ?, '')",
            decisions,
        )
        connection.commit()
    told = as_decided(file)
    with open_catalog(data):
        pass
    assert as_decided(file) == told


def _killed_at_line(data: Path, number: int) -> bool:
    """Open a catalog in a process that is killed before its `number`th line of the catalog; whether it was."""
    child = os.fork()
    if child == 0:
        passed = 0

        def trace(frame: FrameType, event: str, _argument: object) -> object:
            nonlocal passed
            if f"data{os.sep}catalog" not in frame.f_code.co_filename:
                return None
            passed += event == "line"
            if passed == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        try:
            sys.settrace(trace)
            with open_catalog(data):
                pass
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child that is a copy of this process")
@pytest.mark.slow
def test_killed_before_any_line_it_goes_on_at_the_next_opening(tmp_path: Path) -> None:
    whole = old_catalog(tmp_path / "whole")
    old = content(whole)
    shutil.copytree(tmp_path / "whole", tmp_path / "old")
    with open_catalog(tmp_path / "whole"):
        pass
    new = content(whole)
    states, number = [], 1
    while _killed_at_line(shutil.copytree(tmp_path / "old", tmp_path / str(number)), number):
        data = tmp_path / str(number)
        file = data / ".whatsit" / "catalog.sqlite"
        found = content(file)
        assert found in (old, new), f"line {number}"
        states.append((found == new, lying_beside(file)))
        with open_catalog(data):
            pass
        assert content(file) == new, f"line {number}"
        assert lying_beside(file) == [], f"line {number}"
        number += 1
    assert len(states) > 40
    copy = [f"{whole.name}.format-1"]
    assert {tuple(beside) for is_new, beside in states if not is_new} >= {(), tuple(copy)}
    assert {tuple(beside) for is_new, beside in states if is_new} == {(), tuple(copy)}
    assert [is_new for is_new, _ in states] == sorted(is_new for is_new, _ in states)


@pytest.mark.parametrize("kills", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_killed_at_any_moment_a_large_one_goes_on(kills: int, tmp_path: Path) -> None:
    old_catalog(tmp_path / "old", decisions=30_000)
    whole = shutil.copytree(tmp_path / "old", tmp_path / "whole") / ".whatsit" / "catalog.sqlite"
    begun = time.perf_counter()
    with open_catalog(tmp_path / "whole"):
        pass
    took, new = time.perf_counter() - begun, content(whole)
    chance = random.Random(kills)
    for number in range(kills):
        data = shutil.copytree(tmp_path / "old", tmp_path / f"killed-{number}")
        for _ in range(2):  # killed, and killed again while going on
            with subprocess.Popen([sys.executable, "-c", OPEN, str(data)], stdout=subprocess.PIPE) as child:
                assert child.stdout
                child.stdout.readline()
                time.sleep(chance.uniform(0, 1.2 * took))
                child.kill()
        with open_catalog(data) as catalog:
            pass
        assert content(Path(catalog.place)) == new
        assert lying_beside(Path(catalog.place)) == []
        shutil.rmtree(data)


def test_several_that_open_an_old_catalog_at_once_change_it_once(tmp_path: Path) -> None:
    file = old_catalog(tmp_path, decisions=20_000)
    told = as_decided(file)
    at_once = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(4)
    ]
    assert [(child.communicate()[1], child.returncode) for child in at_once] == [(b"", 0)] * 4
    assert as_decided(file) == told
    assert lying_beside(file) == []


def test_one_that_opens_while_another_changes_the_catalog_waits_for_it(tmp_path: Path) -> None:
    file = old_catalog(tmp_path)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with subprocess.Popen([sys.executable, "-c", OPEN, str(tmp_path)], stdout=subprocess.PIPE) as child:
            assert child.stdout
            child.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(6)  # longer than SQLite waits for a lock
            other.execute("COMMIT")
            assert child.wait(60) == 0


def test_a_read_only_folder_with_an_old_catalog_has_it_changed_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = old_catalog(tmp_path / "data")
    told, before = as_decided(file), file.read_bytes()
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    for _ in range(2):
        with open_catalog(tmp_path / "data") as catalog:
            assert Path(catalog.place).is_relative_to(tmp_path / "cache")
            assert catalog.decisions()["cat/copy.jpg"].batch == 3
        assert as_decided(Path(catalog.place)) == told
    assert file.read_bytes() == before


def test_a_damaged_old_catalog_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    file = old_catalog(tmp_path, decisions=2000)
    damaged = bytearray(file.read_bytes())
    damaged[8 * 4096 : 40 * 4096] = b"\xff" * (32 * 4096)
    file.write_bytes(damaged)
    with pytest.raises(UserError, match="damaged"), open_catalog(tmp_path):
        pass
    assert file.read_bytes() == bytes(damaged)


def test_a_catalog_damaged_after_a_kill_names_its_copy(tmp_path: Path) -> None:
    file = old_catalog(tmp_path)
    shutil.copy(file, file.with_name(f"{file.name}.format-1"))
    file.write_bytes(b"not a database any more" * 1000)
    with pytest.raises(UserError) as raised, open_catalog(tmp_path):
        pass
    assert "catalog.sqlite.format-1" in (raised.value.hint or "")
    assert lying_beside(file) == ["catalog.sqlite.format-1"]


def test_a_full_disk_leaves_the_old_catalog_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from whatsit.data.catalog.dialects import sqlite

    def full(_source: Path, _target: Path) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    file = old_catalog(tmp_path)
    before = content(file)
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "copy_database", full)
        with pytest.raises(UserError, match="disk is full"), open_catalog(tmp_path):
            pass
    assert content(file) == before


def test_what_is_decided_after_a_migration_is_undone_by_batch(tmp_path: Path) -> None:
    old_catalog(tmp_path)
    with open_catalog(tmp_path) as catalog:
        catalog.decide_batch(Decision(f"dog/{number}.jpg", "keep", by="review") for number in range(2))
        assert catalog.undo_batch("review") == ["dog/0.jpg", "dog/1.jpg"]
        assert catalog.undo_batch("clean") == ["cat/copy.jpg", "dog/again.jpg"]  # batch 3, and then 1
        assert catalog.undo_batch("clean") == ["gone.jpg"]
    assert catalog_path(tmp_path) == Path(catalog.place)
