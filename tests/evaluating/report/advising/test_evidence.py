"""A step to take comes with the command that takes it, as somebody would type it."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Any

import pytest

from whatsit.evaluating.report.advising.evidence import Act, Advice, Evidence, with_command
from whatsit.model.facts.figures import Figures
from whatsit.records import read_record

FIGURES = {
    "part": "test",
    "accuracy": 0.9,
    "interval": [0.8, 1.0],
    "n": 10,
    "right": 9,
    "guessing": {"class": "cat", "accuracy": 0.5},
    "macro_f1": 0.9,
    "weighted_f1": 0.9,
    "top_5": None,
    "log_loss": 0.1,
    "brier": 0.05,
    "ece": 0.01,
    "ece_by_chance": 0.02,
    "could_be": {"accuracy": 0.9, "interval": [0.8, 1.0], "right": 9, "n": 10, "mean_size": 1.1},
    "not_one_of_these": {"accuracy": 0.0, "interval": [0.0, 0.3], "right": 0, "n": 10},
    "val": None,
    "leaked": 0,
    "random_leaks": 0,
    "test_leaked": 0,
    "without_leaked": {"accuracy": 0.9, "interval": [0.8, 1.0], "right": 9, "n": 10},
    "per_class": [],
}
SEEN = Evidence(
    classes=("cat", "dog"),
    figures=read_record(Figures, FIGURES, "run.json"),
    counts=(5, 5),
    validated=4,
    history=(),
    pairs=(),
    sure=0,
    slices=(),
    skipped=0,
    source="pets",
    run="runs/pets",
    is_folder=True,
    name="pets",
    command=("whatsit", "train", "pets", "--name", "pets", "--epochs", "3"),
    recipe="cnn",
)


def command(verb: str, evidence: Evidence = SEEN, **choices: Any) -> str:
    return with_command(Advice("Do it", "why", Act(verb, choices)), evidence).command


@pytest.mark.parametrize(
    ("verb", "choices", "typed"),
    [
        ("serve", {}, "whatsit serve runs/pets"),
        ("evaluate", {"data": "others"}, "whatsit evaluate runs/pets --data others"),
        ("review", {}, "whatsit review pets"),
        ("clean", {}, "whatsit clean pets && whatsit review pets"),
        ("clean", {"faces": True}, "whatsit clean pets --faces && whatsit review pets"),
        ("clean", {"deep": "runs/pets"}, "whatsit review pets --run runs/pets"),
        ("", {}, ""),
    ],
)
def test_a_step_is_typed_with_what_it_is_about(verb, choices, typed):
    assert command(verb, **choices) == typed


@pytest.mark.parametrize("verb", ["clean", "review"])
def test_only_photos_in_a_folder_are_cleaned_and_reviewed(verb):
    step = Advice("Look", "why", Act(verb, {"deep": "x"}, label="cat"))
    found = with_command(step, replace(SEEN, is_folder=False))
    assert found.command == ""
    assert found.act == Act(label="cat")
    assert with_command(step, SEEN).act == step.act
    assert command("serve", replace(SEEN, is_folder=False)) == "whatsit serve runs/pets"


def test_photos_lie_in_no_folder_and_nothing_is_suspect_unless_it_is_said():
    plain = Evidence(*(getattr(SEEN, one.name) for one in fields(Evidence) if one.default is MISSING))
    assert command("review", plain) == ""
    assert (plain.suspects, plain.photos, list(plain.surest), list(plain.worst)) == (0, 0, [], [])
    assert Advice("Do it", "why").weight == 0


@pytest.mark.parametrize(
    ("choices", "typed"),
    [
        ({"epochs": 9}, "whatsit train pets --recipe cnn --epochs 9 --name pets-epochs"),
        ({"augment": "light"}, "whatsit train pets --epochs 3 --recipe cnn --augment light --name pets-augment"),
        ({"mirrored": False}, "whatsit train pets --epochs 3 --recipe cnn --no-mirrored --name pets-mirrored"),
        # where the choices leave the recipe open, it stays so
        ({"folds": 5}, "whatsit train pets --epochs 3 --folds 5 --name pets-folds"),
        ({"val": 0.2, "folds": 5}, "whatsit train pets --epochs 3 --val 0.2 --folds 5 --name pets-val-folds"),
        (
            {"val": 0.2, "augment": "light"},
            "whatsit train pets --epochs 3 --recipe cnn --val 0.2 --augment light --name pets-val-augment",
        ),
        ({}, "whatsit train pets --epochs 3 --name pets-again"),
    ],
)
def test_training_again_keeps_what_was_given_and_changes_what_is_chosen(choices, typed):
    assert command("train", **choices) == typed


def test_a_recipe_that_was_given_is_kept_and_not_given_twice():
    evidence = replace(SEEN, command=("whatsit", "train", "pets", "--recipe", "finetune"), recipe="finetune")
    assert command("train", evidence, epochs=9) == (
        "whatsit train pets --recipe finetune --epochs 9 --name pets-epochs"
    )


def test_a_run_that_does_not_say_how_it_was_trained_is_trained_from_its_source_again():
    evidence = replace(SEEN, command=(), source="my pets")
    assert command("train", evidence, augment="light") == (
        "whatsit train 'my pets' --recipe cnn --augment light --name pets-augment"
    )


def test_where_another_cause_may_be_behind_it_that_has_its_command_too():
    step = Advice("Train longer", "why", otherwise="Or use it", otherwise_act=Act("serve"))
    found = with_command(step, SEEN)
    assert (found.command, found.otherwise_command) == ("", "whatsit serve runs/pets")
    assert (found.what, found.why, found.otherwise) == ("Train longer", "why", "Or use it")
