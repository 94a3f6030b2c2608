"""From words to a finished run in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

import whatsit
from whatsit import events
from whatsit.errors import UserError


@pytest.fixture
def source(folder: Path) -> tuple[str]:
    return (f"folder:{folder}",)


def test_photos_of_a_folder_become_a_finished_run(source: tuple[str], tmp_path: Path) -> None:
    steps: list[object] = []
    place = tmp_path / "made"
    made = whatsit.make(place, ["cat", "dog"], source=source, runs=tmp_path / "runs", done=steps.append)
    assert steps == [made.collected, made.cleaned, made.run]
    assert {one.class_name: one.photos for one in made.collected.classes} == {"cat": 6, "dog": 6}
    assert made.run.folder == tmp_path / "runs" / "made"
    assert made.run.is_finished


def test_making_again_takes_the_run_that_is_there(source: tuple[str], tmp_path: Path) -> None:
    def make() -> whatsit.Run:
        return whatsit.make(
            tmp_path / "made", ["cat", "dog"], source=source, runs=tmp_path / "runs", name="pets"
        ).run

    first = (make().folder / "model.onnx").stat().st_mtime_ns
    heard: list[events.Event] = []
    with events.listening(heard.append):
        again = make()
    assert (again.folder / "model.onnx").stat().st_mtime_ns == first
    assert any("is finished already" in event.text for event in heard if isinstance(event, events.Note))


def test_making_stops_where_a_class_has_no_photo(folder: Path, source: tuple[str], tmp_path: Path) -> None:
    for photo in (folder / "dog").iterdir():
        photo.write_bytes(b"no photo")
    with pytest.raises(UserError, match="There is no photo of 'dog', so nothing is trained") as refused:
        whatsit.make(tmp_path / "made", ["cat", "dog"], source=source, runs=tmp_path / "runs")
    assert '"dog=' in refused.value.hint
    assert not (tmp_path / "runs").exists()
