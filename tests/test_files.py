"""Files appear whole or not at all, whatever the disk says."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import whatsit
from whatsit.errors import UserError
from whatsit.events import Event, Stopped, listening, stop
from whatsit.files import (
    Busy,
    _temporary_cache,
    as_cell,
    cache_dir,
    expand_home,
    explain_disk_errors,
    fits_in_a_folder,
    from_cell,
    hold_lock,
    make_folder,
    read_csv,
    read_json,
    write_bytes,
    write_csv,
    write_json,
    writing,
)

SMALL = 20_000  # bytes a file may have


@contextlib.contextmanager
def small_files() -> Iterator[None]:
    """As on a full disk: the system refuses to write more than SMALL bytes into a file.

    For a block and not for a test: the limit is the process's, and the runner's own output may be longer.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_the_disk_refuses_is_said_and_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    write_bytes(file, b"old")
    with small_files(), pytest.raises(UserError, match=r"a\.bin' could not be written: File too large"):
        write_bytes(file, b"x" * (SMALL + 1))
    with small_files(), pytest.raises(UserError, match=r"b\.csv' could not be written"):
        write_csv(tmp_path / "b.csv", ["number"], ({"number": 10**9 + row} for row in range(SMALL)))
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_of_a_library_that_knows_no_number_is_said_in_its_own_words() -> None:
    with pytest.raises(UserError, match="written: Invalid data stream"), explain_disk_errors(Path("a")):
        raise OSError("Invalid data stream")  # as bz2 does


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "Free some space or name another folder."),
        (errno.EDQUOT, "Free some space or name another folder."),
        (errno.EACCES, "The folder does not take files: name another, or change its rights."),
        (errno.EPERM, "The folder does not take files: name another, or change its rights."),
        (errno.EROFS, "The folder does not take files: name another, or change its rights."),
        (errno.ENOTDIR, "Name another folder."),
    ],
)
def test_only_where_a_disk_is_full_is_room_asked_for(number: int, hint: str) -> None:
    with pytest.raises(UserError) as refused, explain_disk_errors(Path("a")):
        raise OSError(number, "no")
    assert refused.value.hint == hint


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"old")

    def fails() -> None:
        with writing(tmp_path / "a") as file:
            file.write(b"new")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", b"old")]


def test_a_file_name_that_is_no_text_comes_back_as_it_was(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    write_json(tmp_path / "a.json", {"name": name})
    assert read_json(tmp_path / "a.json") == {"name": name}


def test_what_is_no_json_of_ours_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"half": ')
    with pytest.raises(UserError, match="damaged"):
        read_json(tmp_path / "a.json")
    with pytest.raises(UserError, match="no file"):
        read_json(tmp_path / "b.json")


def locking(path: Path, then: str, wait: bool = False) -> subprocess.Popen[str]:
    """Another process that does `then` while it holds the lock at `path`."""
    program = (
        "import pathlib, time; from whatsit.events import listening; from whatsit.files import hold_lock\n"
        "with listening(lambda event: print(event.text, flush=True)):\n"
        f"    with hold_lock(pathlib.Path({str(path)!r}), 'busy', wait={wait}): {then}"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(whatsit.__file__).parents[1])}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=pipe, stderr=pipe, text=True)


def test_a_lock_is_held_by_one_process(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "l", "busy"):
        assert "Busy: busy" in locking(tmp_path / "l", "print('mine')").communicate()[1]
    assert locking(tmp_path / "l", "print('mine')").communicate() == ("mine\n", "")


def test_a_lock_is_held_by_one_block_of_a_process(tmp_path: Path) -> None:
    with (
        hold_lock(tmp_path / "l", "busy"),
        pytest.raises(UserError, match="busy"),
        hold_lock(tmp_path / "l", "busy"),
    ):
        pass
    with hold_lock(tmp_path / "l", "busy"):
        pass


def test_a_lock_is_free_when_its_process_was_killed(tmp_path: Path) -> None:
    with locking(tmp_path / "l", "print('mine', flush=True); time.sleep(60)") as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(UserError, match="busy"), hold_lock(tmp_path / "l", "busy"):
            pass
        other.kill()
    with hold_lock(tmp_path / "l", "busy"):
        pass


def test_who_waits_for_a_lock_says_so_and_gets_it(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "l", "busy"):
        other = locking(tmp_path / "l", "print('mine')", wait=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "busy Waiting for it.\n"
        assert other.poll() is None
    assert other.communicate(timeout=60)[0] == "mine\n"


def test_who_waits_for_a_lock_can_be_stopped(tmp_path: Path) -> None:
    with (
        hold_lock(tmp_path / "l", "busy"),
        listening(lambda _event: stop()),
        pytest.raises(Stopped),
        hold_lock(tmp_path / "l", "busy", wait=True),
    ):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes files from nobody, be it root")
@pytest.mark.parametrize("wait", [False, True])
def test_a_lock_that_cannot_be_made_is_not_one_that_is_held(wait: bool) -> None:
    with pytest.raises(UserError) as refused, hold_lock(Path("/proc/a.lock"), "busy", wait):
        raise AssertionError("held")
    assert not isinstance(refused.value, Busy)
    assert "'/proc/a.lock' could not be written" in refused.value.sentence


def test_a_lock_where_nothing_may_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="could not be written"), hold_lock(tmp_path / "file" / "l", "busy"):
        pass


@pytest.mark.parametrize("how", ["--recipe cnn --epochs 1", "--recipe classical --models logistic --features raw"])
def test_a_training_on_a_disk_that_is_full_ends_with_a_sentence(how: str, tmp_path: Path) -> None:
    if "cnn" in how:
        pytest.importorskip("torch", reason="training needs the extra 'train'")
    program = (
        "import resource, sys; from whatsit.cli import main\n"
        "import whatsit.road.train, whatsit.training.recipes\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (4 * {SMALL}, resource.RLIM_INFINITY))\n"
        f"sys.argv = 'whatsit train digits {how}'\n"
        "sys.argv = sys.argv.split()\n"
        "main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(whatsit.__file__).parents[1]), "COLUMNS": "300"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "could not be written: File too large." in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("model.onnx"))


def test_a_new_cache_is_its_owners_alone_and_asking_for_it_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "caches" / "whatsit"))
    assert not cache_dir().exists()
    make_folder(cache_dir() / "stores" / "pixels")
    assert stat.S_IMODE(cache_dir().stat().st_mode) == 0o700
    assert (cache_dir() / "stores" / "pixels").is_dir()


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r a1.")) | st.text())
def test_a_cell_comes_back_as_it_was_and_is_never_a_formula(text: str) -> None:
    cell = as_cell(text)
    assert from_cell(cell) == text
    assert not cell.startswith(("=", "@", "\t", "\r"))
    assert not cell.startswith(("+", "-")) or float(cell) == float(text)


def test_a_table_with_a_formula_for_a_name_can_be_opened_and_read_back(tmp_path: Path) -> None:
    rows = [{"name": '=HYPERLINK("http://a.example")', "change": "-0.5"}, {"name": "'quoted'", "change": "1"}]
    write_csv(tmp_path / "a.csv", ["name", "change"], rows)
    assert "\n\"'=HYPERLINK" in (tmp_path / "a.csv").read_text().replace("\r\n", "\n")
    assert read_csv(tmp_path / "a.csv") == rows


@pytest.mark.parametrize("home", ["file", "dangling", "file/below", "none"])
def test_where_no_cache_can_be_kept_a_temporary_one_is_used_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing" / "there")
    for name in ("WHATSIT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / home))
    if home == "none":
        monkeypatch.setattr(Path, "home", classmethod(_no_home))
    told: list[Event] = []
    with listening(told.append):
        folder = cache_dir()
        assert cache_dir() == folder
    assert len(told) == 1
    assert "a temporary one is used" in str(told[0])
    assert "WHATSIT_CACHE=FOLDER" in str(told[0])
    write_json(folder / "kind" / "fact.json", {})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(one.name for one in tmp_path.iterdir()) == ["dangling", "file"]


def _no_home(_: type[Path]) -> Path:
    """What pathlib says for a user without a name, where $HOME is not set."""
    raise RuntimeError("Could not determine home directory.")


def test_asking_for_a_cache_that_can_be_kept_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WHATSIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a" / "b"))
    assert cache_dir() == tmp_path / "a" / "b" / "whatsit"
    assert list(tmp_path.iterdir()) == []


def test_what_a_cache_for_reading_holds_is_used_and_new_things_lie_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "kept"))
    for kind in ("weights", "stores"):
        (tmp_path / "kept" / kind).mkdir(parents=True)
        (tmp_path / "kept" / kind / "one").write_text("1")
    folder = _temporary_cache(tmp_path / "kept", "It is only read")
    assert (folder / "weights" / "one").read_text() == "1"
    write_json(folder / "weights" / "one", 2)
    assert (tmp_path / "kept" / "weights" / "one").read_text() == "1"
    assert not (folder / "stores").exists()


def test_a_home_that_nobody_knows_is_a_sentence() -> None:
    assert expand_home("~") == Path.home()
    assert expand_home("a/~b") == Path("a/~b")
    for name in ("~nobody-has-this-name/photos", "~nobody-has-this-name"):
        with pytest.raises(UserError, match="Nobody knows the home folder") as refusal:
            expand_home(name)
        assert refusal.value.hint == "Write the whole path."


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "../up", "nul\0", "é" * 128])
def test_what_leads_out_of_a_folder_is_no_name_in_it(name: str) -> None:
    assert not fits_in_a_folder(name, "posix")
    assert not fits_in_a_folder(name, "nt")


@pytest.mark.parametrize(
    "name", ["..\\up", "C:", "photo.jpg:stream", "nul", "Con.jpg", "COM1", "ends.", "ends ", "a?b"]
)
def test_windows_has_rules_of_its_own(name: str) -> None:
    assert fits_in_a_folder(name, "posix")
    assert not fits_in_a_folder(name, "nt")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_a_name_that_fits_makes_a_file_right_there(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "names"
    folder.mkdir(exist_ok=True)
    if fits_in_a_folder(name):
        (folder / name).write_bytes(b"")
        assert [file.name for file in folder.iterdir()] == [name]
        (folder / name).unlink()
    else:
        assert name in (".", "..") or "/" in name or "\0" in name or len(name.encode()) > 255
