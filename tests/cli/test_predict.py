"""`whatsit predict`, as it is typed."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders, put
from models import tiny_run
from whatsit.image import GIVE_ONE, encode_png, read_header


def test_a_photo_is_answered_on_one_line_and_whole_as_json(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "colours")
    photo = tmp_path / "photo.png"
    photo.write_bytes(encode_png(np.full((20, 30, 3), (200, 60, 60), np.uint8)))
    command = [sys.executable, "-m", "whatsit", "predict", str(tiny.run.folder), str(photo)]
    whole = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(whole.stdout) == tiny.model.predict(str(photo)).as_dict()
    short = subprocess.run(command, capture_output=True, text=True, check=True)
    assert short.stdout.startswith(f"{photo}: red, ")


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "whatsit", "predict", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, input=stdin)


def test_a_folder_is_a_line_a_photo_and_an_account(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    class_folders(tmp_path / "photos", "a", "b")
    (tmp_path / "photos" / "a" / "bad.jpg").write_bytes(b"<html>")
    done = run(model, tmp_path / "photos")
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 7
    assert "bad.jpg: This photo cannot be read: not a picture" in " ".join(lines)
    assert b"7 photos asked about, 1 of them could not be read" in b" ".join(done.stderr.split())
    assert done.returncode == 0


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]], ids=["lines", "json", "csv"])
def test_what_of_a_folder_is_left_out_is_said_behind_its_answers(tmp_path: Path, form: list[str]) -> None:
    model = tiny_run(tmp_path / "run").run.folder
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):  # more than are asked about at once
        (folder / f"{number:02}.png").write_bytes(encode_png(np.full((16, 16, 3), number, np.uint8)))
    (folder / "notes.md").write_text("words")
    together = subprocess.run(
        [sys.executable, "-m", "whatsit", "predict", model, folder, *form],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    lines = together.stdout.splitlines()
    behind = [place for place, line in enumerate(lines) if "1 left out, not a photo by its name (.md)" in line]
    assert behind == [len(lines) - (1 if form else 2)]


def test_a_file_that_is_no_photo_is_named_with_the_formats_that_are_read(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    (tmp_path / "README.md").write_text("# Photos")
    done = run(model, tmp_path / "README.md")
    told = " ".join(done.stderr.decode().split())
    assert f"{tmp_path / 'README.md'}: This photo cannot be read: not a picture" in told
    assert told.endswith("TIFF, AVIF, HEIC, JPEG 2000, ICO or PPM.")
    assert done.returncode == 1


def test_answers_go_to_a_file_or_through_a_pipe(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    folder = class_folders(tmp_path / "photos", "a", "b")
    assert run(model, folder, "--to", tmp_path / "answers.csv").returncode == 0
    assert (tmp_path / "answers.csv").read_bytes() == run(model, folder, "--csv").stdout
    names = "\n".join(str(file) for file in sorted(folder.rglob("*.png"))).encode()
    assert run(model, "-", "--csv", stdin=names).stdout == run(model, folder, "--csv").stdout
    piped = json.loads(run(model, "-", "--json", stdin=(folder / "a" / "0.png").read_bytes()).stdout)
    assert piped["name"] == "-"


def test_what_cannot_be_asked_about_is_said_with_what_to_do(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    (tmp_path / "page.jpg").write_bytes(b"<html>")
    for arguments, sentence, hint in (
        ((model, tmp_path / "gone.jpg"), "There is no file", "Is it written as on disk?"),
        ((model, tmp_path / "page.jpg"), "This photo cannot be read: not a picture", GIVE_ONE),
        ((model, "http://127.0.0.1/a.jpg"), "It cannot be fetched: ", "Save the photo to a file"),
        ((tmp_path / "none", tmp_path / "page.jpg"), "There is no run in", ""),
        ((model, tmp_path / "page.jpg", "--to", tmp_path / "x.doc"), "says no format by its name", ".parquet"),
    ):
        done = run(*arguments)
        assert done.returncode == 1, arguments
        assert sentence in " ".join(done.stderr.decode().split())
        assert hint in done.stderr.decode().splitlines()[-1]
        assert b"Traceback" not in done.stderr
        assert done.stdout == b""


def run_in_terminal(*arguments: object) -> tuple[int, str]:
    """The exit code, and what stands in the terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "whatsit", "predict", *map(str, arguments)]
    how = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=how) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal is gone when the command has ended
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    return process.returncode, shown.decode()


def test_in_a_terminal_the_photo_is_drawn_with_its_bars(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    code, shown = run_in_terminal(model, put(tmp_path / "photo.png", 40, 60))
    assert code == 0
    assert "▀" in shown
    assert all(label in shown for label in ("red", "green", "blue"))
    said, *others = re.findall(r"([\d.]+|<\s1)\s%", shown)  # of the answer, and then of the bars
    assert said in others


def test_a_text_is_said_to_be_read_as_a_list_whatever_is_done_with_its_photos(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    photos = class_folders(tmp_path / "photos", "a", "b", photos=1)
    names = tmp_path / "names.txt"
    names.write_text("\n".join(str(file) for file in sorted(photos.rglob("*.png"))))
    said = f"{str(names)!r} is read as a list of photos: 2 names."
    for words in ((), ("--json",), ("--csv",), ("--to", "out.csv"), ("--sort", "sorted"), ("--explain", "why")):
        given = [tmp_path / word if not word.startswith("-") else word for word in words]
        done = run(model, names, *given)
        assert done.returncode == 0, done.stderr
        assert said in done.stderr.decode(), words
    piped = run(model, "-", stdin=names.read_bytes())
    assert "What comes through the pipe is read as a list of photos: 2 names." in piped.stderr.decode()


def test_where_none_could_be_read_it_ends_with_1_in_every_form(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    (tmp_path / "page.jpg").write_bytes(b"<html>")
    bad = (tmp_path / "page.jpg", tmp_path / "gone.jpg")
    for flags in ((), ("--json",), ("--csv",), ("--to", tmp_path / "answers.csv")):
        assert run(model, *bad, *flags).returncode == 1, flags
        assert b"None of the photos could be read" in run(model, *bad, *flags).stderr
    code, shown = run_in_terminal(model, *bad)
    assert code == 1
    assert "2 photos asked about, 2 of them could not be read" in " ".join(shown.split())
    code, shown = run_in_terminal(model, bad[0], put(tmp_path / "photo.png", 40, 60))
    assert code == 0
    assert "2 photos asked about, 1 of them could not be read" in " ".join(shown.split())


def test_a_file_that_was_named_and_is_not_there_ends_with_1_behind_the_answers(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    photo, gone = put(tmp_path / "photo.png", 40, 60), tmp_path / "gone.jpg"
    for flags in ((), ("--json",), ("--csv",), ("--to", tmp_path / "out.csv"), ("--sort", tmp_path / "sorted")):
        done = run(model, gone, photo, *flags)
        assert done.returncode == 1, flags
        assert f"There is no file {str(gone)!r}." in " ".join(done.stderr.decode().split())
    assert b"photo.png: " in run(model, gone, photo).stdout
    assert b"photo.png," in (tmp_path / "out.csv").read_bytes()


def test_what_looks_like_an_option_is_not_asked_about(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    photo = put(tmp_path / "photo.png", 40, 60)
    for option in ("--jsn", "--top=3", "-v"):
        done = run(model, photo, option)
        assert (done.returncode, done.stdout) == (2, b"")
        assert f"Unknown option: {option}." in done.stderr.decode()


def test_a_name_that_is_no_text_is_printed_as_it_is(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    put(Path(odd))
    assert run(model, odd).stdout.startswith(os.fsencode(odd) + b": ")
    assert os.fsencode(odd) in run(model, odd, "--csv").stdout


def test_why_is_drawn_as_a_picture_a_photo(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    photos = class_folders(tmp_path / "photos", "a", "b", photos=1)
    (photos / "b" / "bad.jpg").write_bytes(b"")
    done = run(model, photos, "--explain", tmp_path / "why")
    assert done.returncode == 0
    drawn = sorted((tmp_path / "why").iterdir())
    assert [file.name for file in drawn] == ["0001-0.png", "0002-0.png"]
    assert read_header(drawn[0].read_bytes()).width == 12  # what the model saw, at its own size
    assert len(done.stdout.splitlines()) == 2
    assert b"bad.jpg" in done.stderr
    strange = done.stdout.count(b"not one of these")
    assert strange
    assert done.stderr.count(b"away from the photos that the model learnt from; 99 % of photos of its") == strange
    with_table = run(model, photos, "--explain", tmp_path / "why", "--json")
    assert with_table.returncode == 1
    assert b"--explain draws pictures" in with_table.stderr


def test_a_pile_is_sorted_into_folders_and_back(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "colours").run.folder
    pile = class_folders(tmp_path / "pile", "a", "b")
    done = run(model, pile, "--sort", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert b"The originals are where they were. Undo: whatsit predict" in b" ".join(done.stderr.split())
    assert len(list((tmp_path / "out").rglob("*.png"))) == 6
    undone = run(model, "--sort", tmp_path / "out", "--undo")
    assert (undone.returncode, (tmp_path / "out").exists()) == (0, False)
    assert b"Taken away: 6 photos." in undone.stderr
    for words, sentence in (
        ((model,), b"No photo is named."),
        ((model, "--sort", tmp_path / "out"), b"No photo is named."),
        ((pile,), b"is no run, and the run comes first:"),
        ((model, pile, "--link"), b"--link and --undo say how to sort."),
        ((model, pile, "--sort", tmp_path / "out", "--csv"), b"--sort writes folders"),
    ):
        told = run(*words)
        assert (told.returncode, told.stdout) == (1, b"")
        assert sentence in told.stderr
