"""What was read from stores is kept while there is room, and what is damaged is read anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from whatsit.buckets.kept import read_kept
from whatsit.files import cache_dir
from whatsit.store import OBJECTS


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


class Source:
    """A store that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def giving(self, content: bytes) -> Callable[[], bytes]:
        def fetch() -> bytes:
            self.asked += 1
            return content

        return fetch


def files() -> list[Path]:
    return [file for file in (cache_dir() / OBJECTS).rglob("*") if file.is_file()]


@pytest.mark.parametrize("content", [b"", b"a", bytes(100_000)])
def test_a_piece_is_asked_for_once(content):
    source = Source()
    for _ in range(3):
        assert read_kept(key(1), source.giving(content)) == content
    assert source.asked == 1
    assert read_kept(key(2), source.giving(b"other")) == b"other"


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[:-1], lambda whole: whole[:2], lambda whole: whole[:-1] + b"!", lambda _: b""]
)
def test_a_piece_that_is_damaged_is_asked_for_again(damage):
    source = Source()
    read_kept(key(1), source.giving(b"content"))
    (file,) = files()
    file.write_bytes(damage(file.read_bytes()))
    assert read_kept(key(1), source.giving(b"content")) == b"content"
    assert read_kept(key(1), source.giving(b"content")) == b"content"
    assert source.asked == 2


def test_what_fails_is_kept_as_nothing():
    def fail() -> bytes:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        read_kept(key(1), fail)
    assert files() == []
    assert read_kept(key(1), Source().giving(b"content")) == b"content"


def test_where_nothing_can_be_kept_that_costs_nothing_but_time():
    cache_dir().mkdir(parents=True, exist_ok=True)
    (cache_dir() / OBJECTS).write_bytes(b"a file in the way")
    source = Source()
    for _ in range(2):
        assert read_kept(key(1), source.giving(b"content")) == b"content"
    assert source.asked == 2


def test_what_is_kept_where_nothing_can_be_written_is_read_there(monkeypatch):
    source = Source()
    read_kept(key(1), source.giving(b"content"))

    def refuse(*_args: object) -> None:  # whoever runs tests may be root, whom no right of a file holds back
        raise PermissionError

    monkeypatch.setattr("os.utime", refuse)
    assert read_kept(key(1), source.giving(b"content")) == b"content"
    assert source.asked == 1


def test_two_that_want_one_piece_at_a_time_ask_once():
    source, found = Source(), []
    is_asking, may_answer = threading.Event(), threading.Event()

    def fetch() -> bytes:
        is_asking.set()
        assert may_answer.wait(20)
        return source.giving(b"content")()

    threads = [threading.Thread(target=lambda: found.append(read_kept(key(1), fetch))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert is_asking.wait(20)
    may_answer.set()
    for thread in threads:
        thread.join()
    assert found == [b"content"] * 3
    assert source.asked == 1
