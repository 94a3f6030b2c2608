"""A store gives back what was written and nothing else, whatever happens to its process, its files or its disk."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whatsit import events
from whatsit.errors import UserError
from whatsit.files import cache_dir, hold_lock, remove
from whatsit.store import Store, addition, keys_of, lock_of

FIELDS = [("number", "<i4"), ("name", "S12")]
FACTS = np.dtype(FIELDS)
ROW = 40  # bytes


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


def store(identity="some") -> Store:
    return Store("tests", identity, "some numbers", FIELDS)


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def row(number: int) -> bytes:
    return bytes((number * 7 + place) % 256 for place in range(ROW))


def put(*numbers: int, into: Store | None = None) -> None:
    facts = np.array([(number, str(number).encode()) for number in numbers], FACTS)
    with (into or store()).writing("busy") as out:
        out.add(keys_of([key(number) for number in numbers]), [row(number) for number in numbers], facts)


def held(numbers, of: Store | None = None) -> set[int]:
    """Which of these numbers are there; all that is said of them must be true."""
    records = (of or store()).read()
    found = records.find(keys_of([key(number) for number in numbers]))
    there = [number for number, at in zip(numbers, found, strict=True) if at >= 0]
    some = found[found >= 0]
    assert list(records.rows(some)) == [row(number) for number in there]
    assert records.facts["number"][some].tolist() == there
    rows, places = records.map_rows(some, np.uint8, (ROW,))
    assert [rows[place].tobytes() for place in places] == [row(number) for number in there]
    return set(there)


def test_what_was_written_is_found_by_its_key_and_nothing_else_is():
    put(3, 1, 2)
    put(5)
    assert held(range(9)) == {1, 2, 3, 5}


def test_nothing_is_written_by_reading():
    assert held(range(3)) == set()
    assert not cache_dir().exists()


def test_other_identities_and_fields_are_other_stores():
    put(1)
    assert held([1], store("other")) == set()
    assert not len(Store("tests", "some", "", [("number", "<i8")]).read().facts)


def test_rows_may_have_any_length_or_none():
    rows = [b"", b"x", b"y" * 5000, b""]
    with store().writing("busy") as out:
        out.add(keys_of([key(number) for number in range(4)]), rows)
    records = store().read()
    assert list(records.rows(np.arange(4))) == rows


def test_records_that_were_read_do_not_change_when_others_are_added():
    put(1, 2)
    before = store().read()
    put(3)
    assert len(before.facts) == 2
    assert before.find(keys_of([key(3)])).tolist() == [-1]


def test_an_exception_between_two_additions_keeps_the_first():
    def add_and_fail() -> None:
        with store().writing("busy") as out:
            out.add(keys_of([key(1)]), [row(1)], np.array([(1, b"1")], FACTS))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert held([1]) == {1}


class InterruptAt:
    """Ctrl-C before the line `place` of those that additions to a store run, if there are so many."""

    def __init__(self, place: int) -> None:
        self.left, self._before = place, sys.gettrace()

    def __enter__(self) -> Self:
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.settrace(self._before)

    def _enter(self, frame: FrameType, _event: str, _about: object) -> Any:
        return self._line if frame.f_code.co_filename == addition.__file__ else None

    def _line(self, _frame: FrameType, event: str, _about: object) -> Any:
        if event == "line":
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt
        return self._line


@pytest.mark.parametrize("reserved", [0, 1 << 16], ids=["written", "mapped"])
@pytest.mark.parametrize("stop", ["at once", "later"])
def test_an_addition_that_is_interrupted_at_any_line_leaves_all_of_it_or_nothing(reserved, stop):
    outcomes = set()
    for place in itertools.count(1):
        remove(cache_dir())
        put(1)
        interrupt = InterruptAt(place)
        with contextlib.suppress(KeyboardInterrupt), store().writing("busy") as out:
            out.make_room(reserved, ROW)
            try:
                with interrupt:
                    facts = np.array([(number, b"") for number in (2, 3)], FACTS)
                    out.add(keys_of([key(2), key(3)]), [row(2), row(3)], facts)
            except KeyboardInterrupt:
                if stop == "at once":
                    raise
            out.add(keys_of([key(4)]), [row(4)], np.array([(4, b"")], FACTS))
        there = held(range(9))
        outcomes.add(frozenset(there & {2, 3}))
        assert there - {2, 3} == ({1, 4} if stop == "later" or interrupt.left > 0 else {1})
        assert store().facts.stat().st_size == len(there) * store().record.itemsize
        assert store().rows.stat().st_size == len(there) * ROW
        if interrupt.left > 0:
            break
    assert place > 20
    assert outcomes == {frozenset(), frozenset({2, 3})}


# --- damage ---

NUMBERS = range(30)


def find_hit(file: Path, whole: bytes) -> set[int]:
    """The numbers of which a byte of their record or row is not as it was; one that was changed back is whole."""
    length, now = store().record.itemsize if file.name == "facts" else ROW, file.read_bytes()
    pieces = {number: slice(number * length, (number + 1) * length) for number in NUMBERS}
    return {number for number, piece in pieces.items() if now[piece] != whole[piece]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_exactly_what_was_hit_is_lost_and_can_be_written_again(data):
    remove(cache_dir())
    for start in range(0, 30, 6):
        put(*range(start, start + 6))
    files = [store().facts, store().rows]
    whole = {file: file.read_bytes() for file in files}
    for _ in range(data.draw(st.integers(1, 3))):
        file = data.draw(st.sampled_from(files))
        size = file.stat().st_size
        kind = data.draw(st.sampled_from(["cut", "flip", "zero"]))
        at = data.draw(st.integers(0, max(0, size - 1)))
        if kind == "cut":
            os.truncate(file, at)
        elif size:
            content = bytearray(file.read_bytes())
            length = 1 if kind == "flip" else data.draw(st.integers(1, 200))
            before = bytes(content[at : at + length])
            change = data.draw(st.integers(1, 255))
            content[at : at + length] = bytes([before[0] ^ change]) if kind == "flip" else bytes(len(before))
            file.write_bytes(content)
    lost = {number for file in files for number in find_hit(file, whole[file])}
    there = held(NUMBERS)
    assert set(NUMBERS) - there == lost
    if lost:
        put(*lost)
    assert held(NUMBERS) == set(NUMBERS)


def test_a_byte_that_was_flipped_at_once_is_seen_whatever_the_clocks_grain():
    for number in range(50):
        put(number)
        with store().rows.open("r+b") as file:
            file.seek(number * ROW)
            file.write(bytes([row(number)[0] ^ 1]))
        assert held([number]) == set()
        put(number)
        with store().facts.open("rb") as file:
            assert len(file.read()) == store().record.itemsize * (number + 1)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"facts": 3}', b'{"facts": ["x", 1]}'])
def test_a_note_that_is_damaged_means_that_all_is_checked(content):
    put(*NUMBERS)
    (store().folder / "settled").write_bytes(content)
    assert held(NUMBERS) == set(NUMBERS)


@pytest.mark.parametrize("name", ["facts", "rows", "settled", "about.json"])
def test_any_file_may_be_gone(name):
    put(*NUMBERS)
    (store().folder / name).unlink()
    there = held(NUMBERS)
    assert there == (set() if name in ("facts", "rows") else set(NUMBERS))
    put(*(set(NUMBERS) - there or [99]))
    assert held(NUMBERS) == set(NUMBERS)


def test_a_store_left_in_order_is_not_read_to_be_believed():
    put(*NUMBERS)
    assert held(NUMBERS) == set(NUMBERS)
    content = bytearray(store().rows.read_bytes())
    content[3] ^= 1
    facts = store().rows.stat()
    store().rows.write_bytes(content)
    os.utime(store().rows, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # as no writer would leave it
    records = store().read()
    assert (records.find(keys_of([key(number) for number in NUMBERS])) >= 0).all()


# --- processes ---

WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from test_store import key, keys_of, row, store, FACTS
import numpy as np
first, count = int(sys.argv[2]), int(sys.argv[3])
with store().writing("busy") as out:
    print("began", flush=True)
    for number in range(first, first + count):
        found = store().read() if number == first else None
        out.add(keys_of([key(number)]), [row(number)], np.array([(number, str(number).encode())], FACTS))
"""


def writer(first: int, count: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(first), str(count)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def test_after_each_of_many_kills_what_was_added_is_whole_and_the_next_goes_on():
    there = 0
    for turn in range(8):
        with writer(there, 1_000_000) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.02 * turn)
            process.send_signal(signal.SIGKILL)
        count = len(store().read().facts)
        assert count >= there
        assert held(range(count + 5)) == set(range(count))
        assert store().facts.stat().st_size == count * store().record.itemsize
        assert store().rows.stat().st_size == count * ROW
        there = count
    assert there > 0


def test_two_processes_add_to_one_store_one_after_the_other():
    with writer(0, 500) as one, writer(500, 500) as other:
        one.wait()
        other.wait()
    assert one.returncode == other.returncode == 0
    assert held(range(1000)) == set(range(1000))


def test_who_reads_while_another_writes_sees_what_was_there_before():
    put(1, 2)
    with store().writing("busy") as out:
        out.add(keys_of([key(3)]), [row(3)], np.array([(3, b"3")], FACTS))
        assert held([1, 2, 3]) == {1, 2}
    assert held([1, 2, 3]) == {1, 2, 3}


def test_who_has_to_wait_is_told_who_is_busy_and_goes_on_after_it():
    with writer(0, 1_000_000) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told: list[events.Event] = []

        def end(event: events.Event) -> None:
            told.append(event)
            process.kill()

        with events.listening(end), store().writing("Somebody writes."):
            pass
    assert [event.text for event in told if isinstance(event, events.Note)] == ["Somebody writes. Waiting for it."]


def test_a_store_that_was_removed_while_others_waited_is_made_anew():
    put(1)
    with hold_lock(lock_of(store().folder), ""):
        remove(store().folder)
    assert held([1]) == set()
    put(1)
    assert held([1]) == {1}


# --- room ---


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A disk of two megabytes, as the cache."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=2m", "none", place], check=False).returncode
    ):
        pytest.skip("needs a disk of its own: root, and mount")
    monkeypatch.setenv("WHATSIT_CACHE", str(place / "cache"))
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_what_does_not_fit_is_said_with_both_figures_and_takes_nothing(small_disk, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE_MOST", "1B")  # others would have to go, and would not do
    put(1)
    put(2, into=store("another"))
    before = shutil.disk_usage(small_disk).free
    refused = pytest.raises(
        UserError, match=r"The tests of some numbers need 10\.0 GB of disk, and 2\.\d MB are free"
    )
    with refused, store().writing("busy") as out:
        out.make_room(1000, 10_000_000)
    assert abs(shutil.disk_usage(small_disk).free - before) < 20_000
    assert held([1]) == {1}
    assert held([2], store("another")) == {2}


@pytest.mark.usefixtures("small_disk")
def test_a_disk_that_fills_up_is_a_sentence_and_keeps_what_was_whole():
    big = b"x" * 100_000

    def fill() -> None:
        with store().writing("busy") as out:
            for number in range(100):
                out.add(keys_of([key(number)]), [big])

    with pytest.raises(UserError, match="The disk is full"):
        fill()
    records = store().read()
    assert 10 < len(records.facts) < 25
    assert set(records.rows(np.arange(len(records.facts)))) == {big}
    assert store().rows.stat().st_size == len(records.facts) * len(big)
    remove(store().folder)
    put(1)
    assert held([1]) == {1}
