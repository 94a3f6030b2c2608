"""What to do next follows from the figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from whatsit.evaluating.report.advising.advice import give_advice
from whatsit.evaluating.report.advising.evidence import Evidence
from whatsit.evaluating.slices import Slice
from whatsit.model.facts.figures import Figures
from whatsit.model.share import Share
from whatsit.records import read_record

MARKS = {0x2068: None, 0x2069: None}  # around names, for those written from right to left
FIGURES: dict[str, Any] = {
    "part": "test",
    "accuracy": 0.95,
    "interval": [0.935, 0.962],
    "n": 1000,
    "right": 950,
    "guessing": {"class": "cat", "accuracy": 0.34},
    "macro_f1": 0.95,
    "weighted_f1": 0.95,
    "top_5": None,
    "log_loss": 0.1,
    "brier": 0.05,
    "ece": 0.01,
    "ece_by_chance": 0.02,
    "could_be": {"accuracy": 0.95, "interval": [0.93, 0.97], "right": 950, "n": 1000, "mean_size": 1.1},
    "not_one_of_these": {"accuracy": 0.01, "interval": [0.0, 0.02], "right": 10, "n": 1000},
    "val": None,
    "leaked": 0,
    "random_leaks": 0,
}


def share(n: int, accuracy: float) -> dict[str, Any]:
    return {"accuracy": accuracy, "interval": [0.0, 1.0], "right": round(n * accuracy), "n": n}


def of_class(label: str, recall: float | None, low: float, high: float) -> dict[str, Any]:
    shares = {"precision": recall, "precision_interval": [low, high], "recall": recall, "f1": recall}
    return {"class": label, **shares, "recall_interval": [low, high], "photos": 9, "predicted": 9, "right": 8}


PER_CLASS = [of_class(label, 0.95, 0.92, 0.97) for label in ("cat", "dog", "emu")]
FIGURES |= {"test_leaked": 0, "without_leaked": share(1000, 0.95), "per_class": PER_CLASS}
FINE = Evidence(
    classes=("cat", "dog", "emu"),
    figures=read_record(Figures, FIGURES, "run.json"),
    counts=(300, 300, 300),
    validated=200,
    history=(),
    pairs=(("cat", "dog", 2),),
    sure=0,
    slices=(),
    skipped=0,
    source="pets",
    run="runs/pets",
    name="pets",
    command=("whatsit", "train", "pets", "--name", "pets"),
    recipe="cnn",
    photos=2000,
)


def said(evidence: Evidence) -> list[str]:
    return [step.what.translate(MARKS) for step in give_advice(evidence)]


def with_figures(**changes: Any) -> Evidence:
    return replace(FINE, figures=read_record(Figures, FIGURES | changes, "run.json"))


def epochs(*rows: tuple[float, float]) -> Evidence:
    history = [
        {"epoch": str(epoch), "accuracy": str(train), "val_accuracy": str(val)}
        for epoch, (train, val) in enumerate(rows, 1)
    ]
    return replace(FINE, history=history)


def test_a_good_run_is_to_be_used() -> None:
    assert said(FINE) == ["Use it"]
    assert give_advice(FINE)[0].command == "whatsit serve runs/pets"


@pytest.mark.parametrize(
    ("evidence", "first"),
    [
        (
            with_figures(test_leaked=12, without_leaked=share(988, 0.9)),
            "Take the copies out of the test photos",
        ),
        (replace(FINE, sure=3), "Check the labels of the surest mistakes"),
        (replace(FINE, suspects=4), "Look through the suspect labels"),
        (epochs((0.5, 0.5), (0.9, 0.7), (0.95, 0.7), (0.99, 0.7)), "Show it more varied photos"),
        (epochs((0.5, 0.5), (0.6, 0.6), (0.7, 0.7), (0.8, 0.8)), "Train longer"),
        (replace(FINE, pairs=(("cat", "dog", 20),)), "Help it tell cat from dog"),
        (
            with_figures(per_class=[*PER_CLASS[:2], of_class("emu", 0.6, 0.5, 0.7)]),
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
def test_each_fault_has_its_step(evidence: Evidence, first: str) -> None:
    assert said(evidence) == [first, "Use it"]


def test_nobody_is_told_to_use_what_is_not_to_be_used() -> None:
    useless = with_figures(interval=[0.33, 0.37])
    assert said(useless) == ["Do not use this model yet", "See what it says"]
    assert give_advice(useless)[-1].command == "whatsit serve runs/pets"


def test_what_was_missing_comes_first() -> None:
    poor = with_figures(test_leaked=7)
    step = give_advice(replace(poor, better="A pretrained network. Install it: pip install this"))[0]
    assert step.what == "Train again with what was missing"
    assert step.why.endswith("pip install this")


def test_changes_are_not_proposed_to_a_run_that_had_them() -> None:
    evidence = epochs((0.5, 0.5), (0.9, 0.7), (0.95, 0.7), (0.99, 0.7))
    assert (
        give_advice(evidence)[0].command == "whatsit train pets --recipe cnn --augment light --name pets-augment"
    )
    assert give_advice(replace(evidence, augment="light"))[0].command == ""


def test_a_command_trains_as_it_was_with_one_option_otherwise_under_another_name() -> None:
    short = epochs((0.5, 0.5), (0.6, 0.6), (0.7, 0.7), (0.8, 0.8))
    begun = ("whatsit", "train", "my pets", "--name", "pets", "--recipe", "cnn", "--epochs", "4", "--flip")
    step = give_advice(replace(short, command=begun))[0]
    assert step.command == "whatsit train 'my pets' --recipe cnn --flip --epochs 8 --name pets-epochs"
    older = give_advice(replace(short, command=("whatsit", "train", "pets")))[0]  # said no name
    assert older.command == "whatsit train pets --recipe cnn --epochs 8 --name pets-epochs"


def test_few_test_photos_are_measured_by_folds_where_that_asks_many_more() -> None:
    few = replace(with_figures(accuracy=0.9, interval=[0.76, 0.96], n=40, right=36), photos=400)
    step = give_advice(few)[0]
    assert step.command == "whatsit train pets --folds 5 --name pets-folds"
    assert "All 400 photos" in step.why
    assert "about 3 points either way" in step.why
    for other in (replace(few, photos=60), replace(few, command=(*FINE.command, "--from", "runs/first"))):
        assert give_advice(other)[0].command == "whatsit evaluate runs/pets --data FOLDER"


@pytest.mark.parametrize(
    ("photos", "command"),
    [
        (2000, "whatsit train pets --val 0.06 --name pets-val"),
        (400, "whatsit train pets --val 0.26 --name pets-val"),  # which is 104: 0.25 may deal 99 or fewer
        (300, ""),  # more than the rest can spare
    ],
)
def test_the_share_for_validation_is_computed(photos: int, command: str) -> None:
    assert give_advice(replace(FINE, validated=40, photos=photos))[0].command == command


def test_a_class_of_one_photo_is_named_before_figures_that_are_only_coarse() -> None:
    few = replace(with_figures(interval=[0.83, 0.99], n=40, right=38), skipped=120)
    assert said(replace(few, counts=(500, 300, 100)))[-2:] == ["Even out the classes", "Use it"]
    assert said(replace(few, counts=(500, 300, 1)))[0] == "Even out the classes"


def test_of_many_faults_the_weightiest_are_named() -> None:
    bad = replace(with_figures(test_leaked=3, ece=0.3), sure=9, skipped=90, validated=9)
    assert len(said(bad)) == 5
    assert said(bad)[0] == "Take the copies out of the test photos"
    assert said(bad)[-1] == "Use it"


@pytest.mark.parametrize(
    ("evidence", "order"),
    [
        (  # 100 of 1,000 photos, and 4 labels of 900
            replace(FINE, suspects=4, pairs=(("cat", "dog", 100),)),
            ["Help it tell cat from dog", "Look through the suspect labels"],
        ),
        (
            replace(FINE, suspects=400, pairs=(("cat", "dog", 100),)),
            ["Look through the suspect labels", "Help it tell cat from dog"],
        ),
        (  # 4 points that chance does not explain, and an interval of 20 points to either side
            replace(with_figures(ece=0.06, interval=[0.55, 0.95]), counts=(500, 300, 100)),
            ["Measure on more photos", "Do not take its probabilities at their word", "Even out the classes"],
        ),
    ],
)
def test_what_has_most_at_stake_comes_first(evidence: Evidence, order: list[str]) -> None:
    assert said(evidence) == [*order, "Use it"]


def test_a_class_that_has_no_figures_gives_no_step() -> None:
    unseen = of_class("yak", None, 0.0, 1.0)
    evidence = with_figures(per_class=[*PER_CLASS, unseen])
    assert said(replace(evidence, classes=("cat", "dog", "emu", "yak"), counts=(300, 300, 300, 0))) == ["Use it"]


def test_only_photos_in_a_folder_are_to_be_cleaned() -> None:
    suspected = replace(FINE, suspects=4)
    assert give_advice(suspected)[0].command == ""
    command = give_advice(replace(suspected, is_folder=True))[0].command
    assert command == "whatsit review pets --run runs/pets"


def test_a_label_that_is_said_rarely_by_wish_is_not_called_weak() -> None:
    ranked = [
        {"label": label, "average_precision": 0.95, "roc_area": 0.95, "ece": 0.01, "threshold": 0.5}
        for label in FINE.classes
    ]
    weak = {
        "several": {"mean_average_precision": 0.95, "interval": [0.9, 0.97], "each": ranked},
        "per_class": [*PER_CLASS[:2], of_class("emu", 0.4, 0.3, 0.5)],
    }
    wished = {
        "wish": "precision=0.9",
        "answered": share(9, 0.8),
        "precision": share(9, 1),
        "recall": share(9, 0.5),
    }
    assert "Bring more photos with emu" in said(with_figures(**weak))
    assert "Bring more photos with emu" not in said(with_figures(**weak, point=wished))


def test_one_mistake_that_it_is_sure_of_is_worth_a_look() -> None:
    (step, _) = give_advice(replace(FINE, sure=1, surest=("cat/4.jpg",), is_folder=True))
    assert step.why.startswith("1 photo may have a wrong label: ")
    assert "what it shows" in step.why
    assert step.photos == ("cat/4.jpg",)
    assert step.command == "whatsit review pets"


def test_either_cause_of_a_sure_mistake_has_its_command() -> None:
    evidence = replace(FINE, sure=5, surest=[f"cat/{number}.jpg" for number in range(5)], is_folder=True)
    (step, _) = give_advice(evidence)
    assert step.photos == ("cat/0.jpg", "cat/1.jpg", "cat/2.jpg")
    assert (step.command, step.otherwise_command) == (
        "whatsit review pets",
        "whatsit train pets --name pets-again",
    )
    assert step.otherwise.startswith("Where the label is right")
    (elsewhere, _) = give_advice(replace(evidence, is_folder=False))
    assert (elsewhere.command, elsewhere.otherwise_command) == ("", "")


def strangers(rejected: float, auroc: float) -> dict[str, Any]:
    scores = {"distance": {"auroc": auroc, "interval": [auroc - 0.02, auroc + 0.02]}}
    return {"source": "other", "n": 200, "overlapping": 0, "rejected": share(200, rejected), "scores": scores}


@pytest.mark.parametrize(
    ("rejected", "auroc", "validated", "what", "command"),
    [
        (0.3, 0.6, 200, "Show it what else it may be asked about", "whatsit train pets --name pets-again"),
        (0.3, 0.97, 40, "Bring more photos, to tell other things from them", ""),
        (0.3, 0.97, 200, "Show it what else it may be asked about", "whatsit train pets --name pets-again"),
    ],
)
def test_photos_of_other_things_that_get_a_class_have_a_step(
    rejected: float, auroc: float, validated: int, what: str, command: str
) -> None:
    evidence = with_figures(outliers=strangers(rejected, auroc))
    steps = {step.what: step for step in give_advice(replace(evidence, validated=validated, is_folder=True))}
    assert "only 30.0 % are called" in steps[what].why
    assert steps[what].command == command


def test_photos_of_other_things_that_are_turned_away_have_none() -> None:
    assert said(with_figures(outliers=strangers(0.9, 0.97))) == ["Use it"]


def test_labels_that_the_run_suspects_are_reviewed_as_it_found_them() -> None:
    (step, _) = give_advice(replace(FINE, suspects=4, is_folder=True))
    assert step.why.startswith("4 photos of 900 may have a wrong label: ")
    assert step.command == "whatsit review pets --run runs/pets"
