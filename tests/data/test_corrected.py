"""Corrected photos join the training part, whichever run of a chain they were given to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drawing import class_folders, put
from labelled import red_and_striped
from whatsit.data.catalog import KEEP, LEAVE_OUT, RELABEL, Decision, open_catalog
from whatsit.data.corrections import add_corrections, count_unseen, proposals_in, read_proposals
from whatsit.data.readers import read
from whatsit.data.target import SEVERAL
from whatsit.errors import UserError
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


def test_what_no_class_has_is_left_out_and_named(tmp_path: Path) -> None:
    photos = read(class_folders(tmp_path / "photos", "cat", "dog"))
    for label, name in (("%none", "a.jpg"), ("owl", "b.jpg")):
        corrected(tmp_path / "first", label, name, 100)
    both = add_corrections(photos, [tmp_path / "first"])
    assert both.photos is photos.photos
    assert [(one.name, one.reason) for one in both.skipped] == [
        ("first/corrections/%none/a.jpg", "of none of the classes"),
        ("first/corrections/owl/b.jpg", "of the class 'owl', which the data set has not"),
    ]
    assert add_corrections(photos, [tmp_path / "second"]) is photos


def test_every_entry_beside_corrections_is_a_photo_or_is_named(tmp_path: Path) -> None:
    photos = read(class_folders(tmp_path / "photos", "cat", "dog"))
    run = corrected(tmp_path / "first", "cat", "a.jpg", 100)
    folder = run / "corrections"
    corrected(tmp_path / "elsewhere", "owls", "far.jpg", 101)
    (folder / "dog").symlink_to(tmp_path / "elsewhere" / "corrections" / "owls")
    os.mkfifo(folder / "cat" / "pipe.jpg")
    (folder / "cat" / "gone.jpg").symlink_to("nowhere")
    (folder / "cat" / "notes.txt").write_text("x")
    Path(os.fsdecode(os.fsencode(folder / "cat") + b"/\xff.jpg")).write_bytes(b"x")
    put(folder / "cat" / "deep" / "b.jpg")
    put(folder / "c.jpg")
    put(folder / "%proposed" / "cat" / "d.jpg")
    (folder / "journal.jsonl").write_text("{}")
    both = add_corrections(photos, [run])
    assert both.photos.names[6:] == ["first/corrections/cat/a.jpg", "first/corrections/dog/far.jpg"]
    assert {one.name.removeprefix("first/corrections/"): one.reason for one in both.skipped} == {
        "c.jpg": "in no class folder",
        "cat/deep/b.jpg": "in a folder within a class folder",
        "cat/gone.jpg": "a link that leads nowhere",
        "cat/notes.txt": "not a photo by its name (.txt)",
        "cat/pipe.jpg": "a named pipe, no file",
        "cat/\\xff.jpg": "its name is not valid UTF-8",
    }


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


def proposed(run: Path, label: str, name: str, seed: int) -> str:
    corrected(run, f"%proposed/{label}", name, seed)
    return f"{label}/{name}"


def decide(run: Path, *decisions: Decision) -> None:
    with open_catalog(proposals_in(run)) as catalog:
        catalog.decide_batch(decisions)


def test_what_strangers_propose_counts_when_the_owner_has_accepted_it(tmp_path: Path) -> None:
    photos = read(class_folders(tmp_path / "photos", "cat", "dog"))
    run = tmp_path / "first"
    names = [proposed(run, "dog", f"{letter}.jpg", 100 + place) for place, letter in enumerate("abcd")]
    assert add_corrections(photos, [run]) is photos
    assert count_unseen([run]) == 4
    decide(run, Decision(names[0], KEEP), Decision(names[1], LEAVE_OUT), Decision(names[2], RELABEL, "cat"))
    assert count_unseen([run]) == 1
    accepted = add_corrections(photos, [run])
    added = [accepted.classes[label] for label in accepted.labels[len(photos.labels) :]]
    assert list(accepted.photos.names[len(photos.labels) :]) == [
        "first/corrections/%proposed/dog/a.jpg",
        "first/corrections/%proposed/dog/c.jpg",
    ]
    assert added == ["dog", "cat"]
    everything = add_corrections(photos, [run], with_proposals=True)
    assert len(everything.labels) == len(photos.labels) + 3  # what was left out stays out


def test_what_earlier_versions_kept_and_what_the_owner_put_there_counts_first(tmp_path: Path) -> None:
    photos = read(class_folders(tmp_path / "photos", "cat", "dog"))
    run = corrected(tmp_path / "first", "cat", "a.jpg", 100)
    decide(run, Decision(proposed(run, "dog", "a.jpg", 100), KEEP))
    both = add_corrections(photos, [run], with_proposals=True)
    assert [both.classes[label] for label in both.labels[len(photos.labels) :]] == ["cat"]


def test_proposals_are_a_data_set_to_decide_about(tmp_path: Path) -> None:
    run = tmp_path / "first"
    with pytest.raises(UserError, match="no proposed corrections"):
        read_proposals(run, ["cat", "dog"])
    proposed(run, "dog", "a.jpg", 100)
    proposed(run, "%none", "b.jpg", 101)
    proposed(run, "owl", "c.jpg", 102)  # of a model before
    found = read_proposals(run, ["cat", "dog"])
    assert found.classes == ("cat", "dog", "%none")
    assert [found.classes[label] for label in found.labels] == ["%none", "dog"]
    assert found.root == proposals_in(run)


def test_proposals_of_several_labels_are_put_right_label_by_label(tmp_path: Path) -> None:
    run = tmp_path / "first"
    names = [
        proposed(run, label, f"{letter}.jpg", 100 + place)
        for place, (letter, label) in enumerate(
            zip("abcde", ("red;striped", "red", "%none", "red", "red;round"), strict=True)
        )
    ]
    found = read_proposals(run, ["red", "striped"], SEVERAL)
    assert found.classes == ("red", "striped")
    assert sorted(found.written(row) for row in range(4)) == ["", "red", "red", "red;striped"]
    assert [one.name for one in found.skipped] == [names[4]]
    decide(
        run,
        Decision(names[0], KEEP),
        Decision(names[1], "has", "striped"),
        Decision(names[1], "has-not", "red"),
        Decision(names[2], "not-looked", "striped"),
        Decision(names[3], "has-not", "red"),
    )
    assert count_unseen([run]) == 1
    both = add_corrections(red_and_striped(6), [run])
    added = dict(zip(both.photos.names[6:], (both.written(row) for row in range(6, len(both))), strict=True))
    assert {name.rpartition("/")[2]: labels for name, labels in added.items()} == {
        "a.jpg": "red;striped",
        "b.jpg": "striped",
        "c.jpg": "?striped",
        "d.jpg": "",
    }
