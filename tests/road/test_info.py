from __future__ import annotations

from pathlib import Path

import pytest

import whatsit
import whatsit.cli.info
from whatsit import events
from whatsit.road.info import see


def test_a_folder_that_nobody_cleaned_has_no_changes(folder: Path) -> None:
    seen = see(folder)
    assert seen.found.photos == 12
    assert seen.changes is None
    assert seen.as_dict()["cleaned"] is None


def test_what_cleaning_left_out_is_not_looked_at_but_counted(folder: Path) -> None:
    (folder / "cat" / "copy.jpg").write_bytes((folder / "cat" / "0.jpg").read_bytes())
    whatsit.clean(folder)
    seen = see(folder)
    assert len(seen.dataset) == seen.found.photos == 12
    assert [(one.label, one.before, one.after) for one in seen.changes.classes] == [("cat", 7, 6), ("dog", 6, 6)]
    assert seen.as_dict()["cleaned"]["classes"][0]["before"] == 7


def test_a_data_set_that_was_read_is_looked_at_as_it_is(folder: Path) -> None:
    assert see(whatsit.read(folder)).found.name == "pets"


def test_what_was_seen_is_shown_in_a_line(folder: Path) -> None:
    assert repr(see(folder)) == "Seen(pets: 12 photos of 2 classes)"
    (folder / "cat" / "empty.jpg").write_bytes(b"")
    assert repr(see(folder)) == "Seen(pets: 12 photos of 2 classes; left out: 1 file)"


def test_training_warns_of_a_photo_in_two_classes_as_info_does(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "dog" / "copy.jpg").write_bytes((folder / "cat" / "0.jpg").read_bytes())
    heard: list[events.Event] = []
    with events.listening(heard.append):
        run = whatsit.train(folder, recipe="classical", models="logistic", features="raw", runs=tmp_path / "runs")
    warned = [event.text for event in heard if isinstance(event, events.Warn)]
    assert f"Photos that stand in several classes: 1, as these (all: whatsit info {folder} --json):" in warned
    assert "  cat/0.jpg, dog/copy.jpg" in warned
    assert repr(run).startswith(f"Run({run.folder}: classical on pets, 2 classes, ")
    assert " photos right)" in repr(run)
    whatsit.cli.info.info(str(folder))
    assert "Photos that stand in several classes: 1, as these (all: --json):" in capsys.readouterr().err
