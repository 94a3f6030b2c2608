"""Corrected photos join the training part, whichever run of a chain they were given to."""

from __future__ import annotations

from pathlib import Path

from drawing import class_folders, put
from whatsit.data.corrections import add_corrections
from whatsit.data.readers import read
from whatsit.model.begin import begin
from whatsit.model.run import Run, read_beginning, trace_lineage, write_info
from whatsit.training.options import TrainOptions


def corrected(run: Path, label: str, name: str, seed: int) -> Path:
    put(run / "corrections" / label / name, seed=seed)
    return run


def test_corrections_are_photos_of_the_training_part_alone(tmp_path: Path) -> None:
    photos = read(class_folders(tmp_path / "photos", "cat", "dog"))
    run = corrected(tmp_path / "first", "dog", "a.jpg", 100)
    both = add_corrections(photos, [run])
    assert both.photos.names[-1] == "first/corrections/dog/a.jpg"
    assert (both.classes[both.labels[-1]], both.parts[-1]) == ("dog", "train")
    assert list(both.parts[:-1]) == list(photos.parts)
    assert both.photos.read(6) == (run / "corrections" / "dog" / "a.jpg").read_bytes()


def test_what_no_class_has_is_left_out(tmp_path: Path) -> None:
    photos = read(class_folders(tmp_path / "photos", "cat", "dog"))
    for label in ("%none", "owl"):
        corrected(tmp_path / "first", label, "a.jpg", 100)
    assert add_corrections(photos, [tmp_path / "first"]) is photos


def test_the_newest_run_of_a_chain_says_what_a_photo_is(tmp_path: Path) -> None:
    photos = read(class_folders(tmp_path / "photos", "cat", "dog"))
    corrected(tmp_path / "first", "cat", "a.jpg", 100)
    corrected(tmp_path / "first", "cat", "b.jpg", 101)
    corrected(tmp_path / "second", "dog", "a.jpg", 100)
    both = add_corrections(photos, [tmp_path / "second", tmp_path / "first"])
    assert list(both.photos.names[6:]) == ["second/corrections/dog/a.jpg", "first/corrections/cat/b.jpg"]


def test_a_run_knows_those_it_went_on_from_as_far_as_they_are_there(tmp_path: Path) -> None:
    for name, earlier in (("second", "first"), ("third", "second")):
        begun = begin(tmp_path / name, "photos", TrainOptions(), TrainOptions(), tmp_path / earlier)
        write_info(tmp_path / name, begun)
    third = Run(tmp_path / "third", read_beginning(tmp_path / "third"))
    assert [folder.name for folder in trace_lineage(third)] == ["third", "second"]  # the first was removed
