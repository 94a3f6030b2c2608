"""What to do next follows from the figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from whatsit.evaluating.advice import Known, advice
from whatsit.evaluating.metrics import Share
from whatsit.evaluating.slices import Slice

MARKS = {0x2068: None, 0x2069: None}  # around names, for those written from right to left
FIGURES: dict[str, Any] = {
    "accuracy": 0.95,
    "interval": [0.935, 0.962],
    "n": 1000,
    "right": 950,
    "ece": 0.01,
    "ece_by_chance": 0.02,
    "guessing": {"class": "cat", "accuracy": 0.34},
    "test_leaked": 0,
    "without_leaked": {"n": 1000, "accuracy": 0.95},
    "per_class": [
        {"class": label, "recall": 0.95, "recall_interval": [0.92, 0.97]} for label in ("cat", "dog", "emu")
    ],
}
FINE = Known(
    classes=("cat", "dog", "emu"),
    figures=FIGURES,
    counts=(300, 300, 300),
    validated=200,
    history=(),
    pairs=(("cat", "dog", 2),),
    sure=0,
    slices=(),
    skipped=0,
    source="pets",
    run="runs/pets",
)


def said(known: Known) -> list[str]:
    return [step.what.translate(MARKS) for step in advice(known)]


def with_figures(**changes: Any) -> Known:
    return replace(FINE, figures=FIGURES | changes)


def epochs(*rows: tuple[float, float]) -> Known:
    history = [
        {"epoch": str(epoch), "accuracy": str(train), "val_accuracy": str(val)}
        for epoch, (train, val) in enumerate(rows, 1)
    ]
    return replace(FINE, history=history)


def test_a_good_run_is_to_be_used() -> None:
    assert said(FINE) == ["Use it"]
    assert advice(FINE)[0].command == "whatsit serve runs/pets"


@pytest.mark.parametrize(
    ("known", "first"),
    [
        (
            with_figures(test_leaked=12, without_leaked={"n": 988, "accuracy": 0.9}),
            "Take the copies out of the test photos",
        ),
        (with_figures(interval=[0.33, 0.37]), "Do not use this model yet"),
        (replace(FINE, sure=3), "Check the labels of the surest mistakes"),
        (replace(FINE, suspects=4), "Look through the suspect labels"),
        (epochs((0.5, 0.5), (0.9, 0.7), (0.95, 0.7), (0.99, 0.7)), "Show it more varied photos"),
        (epochs((0.5, 0.5), (0.6, 0.6), (0.7, 0.7), (0.8, 0.8)), "Train longer"),
        (replace(FINE, pairs=(("cat", "dog", 20),)), "Help it tell cat from dog"),
        (
            with_figures(
                per_class=[
                    *FIGURES["per_class"][:2],
                    {"class": "emu", "recall": 0.6, "recall_interval": [0.5, 0.7]},
                ]
            ),
            "Bring more photos of emu",
        ),
        (
            replace(FINE, slices=(Slice("size", "small", Share(5, 20, 0.1, 0.4), Share(80, 90, 0.8, 0.9)),)),
            "Bring more photos like those it is weak on: small",
        ),
        (with_figures(interval=[0.83, 0.99], n=40, right=38), "Measure on more photos"),
        (with_figures(ece=0.06), "Do not take its probabilities at their word"),
        (replace(FINE, counts=(500, 300, 100)), "Even out the classes"),
        (replace(FINE, validated=40), "Keep more photos for validation"),
        (replace(FINE, skipped=50), "Look at the skipped files"),
    ],
)
def test_each_fault_has_its_step(known: Known, first: str) -> None:
    assert said(known) == [first, "Use it"]


def test_changes_are_not_proposed_to_a_run_that_had_them() -> None:
    known = epochs((0.5, 0.5), (0.9, 0.7), (0.95, 0.7), (0.99, 0.7))
    assert advice(known)[0].command == "whatsit train pets --augment light"
    assert advice(replace(known, augment="light"))[0].command == ""


def test_of_many_faults_the_weightiest_are_named() -> None:
    bad = replace(FINE, figures=FIGURES | {"test_leaked": 3, "ece": 0.3}, sure=9, skipped=90, validated=9)
    assert len(said(bad)) == 5
    assert said(bad)[0] == "Take the copies out of the test photos"
    assert said(bad)[-1] == "Use it"


def test_a_class_that_has_no_figures_gives_no_step() -> None:
    unseen = {"class": "yak", "recall": None, "recall_interval": [0.0, 1.0]}
    known = with_figures(per_class=[*FIGURES["per_class"], unseen])
    assert said(replace(known, classes=("cat", "dog", "emu", "yak"), counts=(300, 300, 300, 0))) == ["Use it"]


def test_only_photos_in_a_folder_are_to_be_cleaned() -> None:
    suspected = replace(FINE, suspects=4)
    assert advice(suspected)[0].command == ""
    command = advice(replace(suspected, is_folder=True))[0].command
    assert command == "whatsit clean pets --deep && whatsit review pets"
