from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import whatsit
import whatsit.cli.info
from whatsit import events
from whatsit.data.dataset import dataset_of
from whatsit.data.handed import hand_over
from whatsit.road.info import draw_changes, see


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


def test_each_photo_is_shown_with_draws_of_its_own_that_the_seed_gives() -> None:
    pytest.importorskip("torch")
    photo = np.full((8, 8, 3), 120, np.uint8)
    two = dataset_of("pets", hand_over([photo, photo]), ["cat", "dog"])

    def drawn(seed: int) -> dict[tuple[int, str], bytes]:
        shown, columns = draw_changes(two, "noise=0.3, brightness=0.5", (8, 8), seed)
        assert columns == 4  # as it is, each of the two, and both together
        return {(place // columns, one.caption): one.pixels.tobytes() for place, one in enumerate(shown)}

    first = drawn(0)
    assert [caption for _, caption in first] == [
        *["no. 0: cat", "brightness", "noise", "all together"],
        *["no. 1: dog", "brightness", "noise", "all together"],
    ]
    assert first[0, "no. 0: cat"] == first[1, "no. 1: dog"] == photo.tobytes()
    for change in ("brightness", "noise", "all together"):
        assert first[0, change] != first[1, change]
        assert drawn(3)[0, change] == first[1, change]  # the draws of a photo go on where those before it ended
    assert drawn(0) == first
