"""Two labels a photo, from pixels to figures, by a network that is trained on them."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from scipy.special import expit
from sklearn.metrics import accuracy_score, average_precision_score, f1_score

from labelled import red_and_striped

pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.data.ready import ReadyData
from whatsit.data.target import SEVERAL, TARGETS
from whatsit.errors import UserError
from whatsit.evaluating.figures import compute_figures
from whatsit.evaluating.measured import Measured, measure
from whatsit.evaluating.predictions import predict, read_predictions, write_predictions
from whatsit.image import encode_png
from whatsit.model.asking.batch import write_table
from whatsit.model.asking.photos import NamedPhoto
from whatsit.model.calibrate import COLDEST, HOTTEST, fit_temperature
from whatsit.model.classifier import MODEL_FILE, Classifier, load
from whatsit.model.container import read_facts
from whatsit.model.finish import UNSCALED, Finished, finish
from whatsit.model.graph.stages import compute_outputs
from whatsit.records import as_json
from whatsit.road.preparing import prepare
from whatsit.training.options import NetOptions, TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task
from whatsit.words import probability

OPTIONS = TrainOptions(
    recipe="cnn",
    net=NetOptions(net="simple", epochs=8, width=8, depth=1, dense=16, learning_rate=0.01, precision="fp32"),
)


@dataclass(frozen=True)
class Learnt:
    """A finished model of two labels, its photos, and what it said of them."""

    ready: ReadyData
    made: Finished
    model: Classifier
    measured: Measured
    history: list[dict[str, float]]
    folder: Path


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    folder = tmp_path_factory.mktemp("labels")
    ready = prepare(red_and_striped(), OPTIONS)
    trained = RECIPES["cnn"].fit(Task(ready, OPTIONS, folder))
    made = finish(trained, ready)
    (folder / MODEL_FILE).write_bytes(made.file())
    model = load(folder)
    return Learnt(ready, made, model, measure(model, ready), trained.history, folder)


def test_it_is_split_by_which_labels_go_together(learnt: Learnt) -> None:
    assert (
        learnt.ready.counts("train").tolist()
        == learnt.ready.dataset.labels[learnt.ready.rows("train")].sum(axis=0).tolist()
    )
    for part in ("train", "val", "test"):
        assert learnt.ready.dataset.dealt_by[learnt.ready.rows(part)].any(axis=0).all()


def test_it_learns_by_its_own_loss(learnt: Learnt) -> None:
    assert learnt.history[-1]["val_loss"] < learnt.history[0]["val_loss"]
    assert learnt.history[-1]["val_accuracy"] > 0.9


def test_the_models_probabilities_are_sigmoids_at_its_temperature(learnt: Learnt) -> None:
    content, rows = (learnt.folder / MODEL_FILE).read_bytes(), learnt.ready.rows("test")
    assert [node.op_type for node in onnx.load_from_string(content).graph.node].count("Sigmoid") == 1
    (logits,) = compute_outputs(content, learnt.ready.decoded.take, rows, ("logits",), is_frozen=False)
    facts = learnt.model.facts
    assert COLDEST < facts.temperature < HOTTEST
    assert np.allclose(learnt.measured.test.probabilities, expit(logits / facts.temperature), atol=1e-5)
    assert (learnt.measured.test.probabilities.sum(axis=1) > 1.2).any()


def test_each_label_is_scaled_by_itself_as_photos_say_that_were_not_learnt_from(learnt: Learnt) -> None:
    content, rows = (learnt.folder / MODEL_FILE).read_bytes(), learnt.ready.rows("val")
    take, labels = learnt.ready.decoded.take, learnt.ready.dataset.labels[rows]
    plain, logits = compute_outputs(content, take, rows, (UNSCALED, "logits"), is_frozen=False)
    temperature = fit_temperature(plain, labels, SEVERAL)
    assert learnt.model.facts.temperature == pytest.approx(temperature, rel=1e-3)
    scales = SEVERAL.fit_scales(plain, labels, temperature)
    assert scales is not None
    assert np.allclose(logits, plain * scales[0] + scales[1] * temperature, atol=1e-3)
    assert not np.allclose(logits, plain, atol=0.1)


def test_the_file_states_what_it_predicts_and_a_limit_a_label(learnt: Learnt) -> None:
    facts = read_facts((learnt.folder / MODEL_FILE).read_bytes())
    assert facts.target == "several"
    assert facts.thresholds.labels is not None
    assert len(facts.thresholds.labels) == 2
    assert as_json(facts)["target"] == "several"


def with_limits(learnt: Learnt, *limits: float) -> bytes:
    """The model file with other limits of its labels."""
    facts = learnt.made.facts
    return replace(learnt.made, facts=replace(facts, thresholds=replace(facts.thresholds, labels=limits))).file()


def test_a_file_with_limits_of_other_labels_is_refused(learnt: Learnt) -> None:
    with pytest.raises(UserError, match="1 limits for 2 labels"):
        read_facts(with_limits(learnt, 0.5))


@pytest.mark.parametrize(
    ("limits", "said"), [((0.3, 0.5), ("red",)), ((0.5, 0.3), ("striped",)), ((0.4, 0.4), ("red", "striped"))]
)
def test_each_label_is_said_from_its_own_limit_on(
    learnt: Learnt, limits: tuple[float, float], said: tuple[str, ...]
) -> None:
    model = Classifier(with_limits(learnt, *limits))
    assert model.answer(np.array([0.4, 0.4]), 0.0).said == said


def test_a_file_of_a_kind_that_is_not_known_here_is_refused(learnt: Learnt) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(TARGETS, "several")
        with pytest.raises(UserError, match="'several', which this whatsit does not know"):
            load(learnt.folder)


def test_an_answer_says_the_labels_above_their_limits(learnt: Learnt) -> None:
    row = next(row for row in learnt.ready.rows("test") if learnt.ready.dataset.labels[row].all())
    answer = learnt.model.predict(np.asarray(learnt.ready.dataset.photos.read(int(row))))
    limits = dict(zip(learnt.model.classes, learnt.model.facts.thresholds.labels or (), strict=True))
    assert answer.labels == tuple(
        label for label in ("red", "striped") if answer.probabilities[label] >= limits[label]
    )
    assert answer.labels == ("red", "striped")
    assert replace(answer, known=True).sentence() == "; ".join(
        f"{label}, {probability(answer.probabilities[label])}" for label in answer.labels
    )
    told = json.loads(json.dumps(answer.as_dict()))
    assert (told["labels"], told["target"]) == (["red", "striped"], "several")


def test_a_photo_may_have_none_of_the_labels(learnt: Learnt) -> None:
    row = next(row for row in learnt.ready.rows("test") if not learnt.ready.dataset.labels[row].any())
    answer = learnt.model.predict(np.asarray(learnt.ready.dataset.photos.read(int(row))))
    assert answer.labels == ()
    assert replace(answer, known=True).sentence() == "none of its labels"


def test_predictions_are_decided_by_the_models_limits(learnt: Learnt) -> None:
    found = predict(Classifier(with_limits(learnt, 0.0, 2.0)), learnt.ready, learnt.ready.rows("test"))
    assert (found.chosen == [1, 0]).all()
    assert np.array_equal(found.hits, (found.labels == [1, 0]).all(axis=1))
    assert 0 < found.hits.sum() < len(found)


def test_predictions_are_written_and_read_in_its_own_columns(learnt: Learnt, tmp_path: Path) -> None:
    test, facts, path = learnt.measured.test, learnt.model.facts, tmp_path / "predictions.csv"
    write_predictions(path, test, facts.classes, facts.thresholds)
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header[:6] == ["name", "true", "predicted", "distance", "known", "could_be"]
    assert header[6:] == ["p(red)", "p(striped)"]
    assert {line[1] for line in lines} == {"", "red", "striped", "red;striped"}
    found, classes = read_predictions(path, SEVERAL, facts.thresholds.rule)
    assert classes == facts.classes
    assert np.array_equal(found.labels, test.labels)
    assert np.array_equal(found.chosen, test.chosen)
    assert np.array_equal(found.hits, test.hits)


def test_its_figures_are_scikit_learns(learnt: Learnt) -> None:
    figures, test = compute_figures(learnt.measured), learnt.measured.test
    assert figures.accuracy == pytest.approx(accuracy_score(test.labels, test.chosen), abs=1e-6)
    assert [row.f1 for row in figures.per_class] == pytest.approx(
        f1_score(test.labels, test.chosen, average=None), abs=1e-6
    )
    assert figures.accuracy > 0.8
    assert figures.several is not None
    assert figures.several.mean_average_precision == pytest.approx(
        average_precision_score(test.labels, test.probabilities), abs=1e-6
    )


def test_could_be_holds_the_labels_of_photos_as_often_as_promised(learnt: Learnt) -> None:
    limit, val = learnt.model.facts.thresholds.probability, learnt.measured.val
    some = (val.labels == 1).any(axis=1)
    held = ((val.probabilities >= limit) & (val.labels == 1)).sum(axis=1)[some] / val.labels[some].sum(axis=1)
    assert held.mean() >= 0.95


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_table_of_answers_has_its_columns_too(learnt: Learnt, tmp_path: Path, suffix: str) -> None:
    picture = encode_png(np.asarray(learnt.ready.dataset.photos.read(0)))
    asked = [NamedPhoto("a.png", lambda: picture), NamedPhoto("b.png", lambda: b"no photo")]
    path = tmp_path / f"answers.{suffix}"
    assert write_table(learnt.model, asked, path).failed == 1
    text = path.read_text().splitlines()
    said = list(learnt.model.predict(picture).labels or ())
    if suffix == "csv":
        assert text[0] == "name,predicted,distance,known,could_be,reason,p(red),p(striped)"
        assert text[1].split(",")[1] == ";".join(said)
    else:
        assert json.loads(text[0])["labels"] == said
