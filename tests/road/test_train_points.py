"""Operating points, from `--prefer` to answers, by the command line and the library."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import whatsit
from labelled import write_labelled
from models import colours
from pointed import QUICK, find_answer, train_point, write_folders
from whatsit.data.target import NEVER_SAID
from whatsit.errors import UserError
from whatsit.files import read_csv
from whatsit.model import container
from whatsit.model.asking.photos import NamedPhoto
from whatsit.model.asking.sorting import sort_photos
from whatsit.model.classifier import load
from whatsit.model.run import Run, open_run


def typed(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(whatsit.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "COLUMNS": "80"}
    command = [sys.executable, "-m", "whatsit", *words]
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("points")


@pytest.fixture(scope="module")
def run(place: Path) -> Run:
    return train_point(place, "precision=0.9")


@pytest.fixture(scope="module")
def unsure(run: Run, place: Path) -> Path:
    return find_answer(run, place / "photos", sure=False)


@pytest.fixture(scope="module")
def sure(run: Run, place: Path) -> Path:
    return find_answer(run, place / "photos", sure=True)


def test_it_says_what_it_promises_and_what_it_comes_to(run: Run) -> None:
    point, found = run.model().facts.thresholds.point, run.info.figures.point
    assert point is not None
    assert found is not None
    assert (point.wish, point.confidence, found.wish) == ("precision=0.9", 0.95, "precision=0.9")
    assert point.promise() == "at least 90 % of its answers are right, with 95 % confidence, on photos like these"
    (counts,) = point.counts
    assert counts.is_found
    assert 0 < counts.answered < counts.photos
    assert counts.right / counts.answered > 0.9
    assert 0 < (found.answered.accuracy or 0) < 1
    assert open_run(run.folder).info == run.info  # written and read again


def test_its_predictions_say_of_which_photos_it_is_sure(run: Run) -> None:
    rows, found = run.rows("predictions"), run.info.figures.point
    assert found is not None
    given = [row for row in rows if row["known"] == row["sure"] == "yes"]
    assert (found.answered.right, found.answered.n) == (len(given), len(rows))
    assert found.precision.right == sum(row["predicted"] == row["true"] for row in given)
    least = run.model().facts.thresholds.rule.sure
    assert least is not None
    assert all((row["sure"] == "yes") == (float(row["probability"]) >= least) for row in rows)


def test_only_such_a_file_is_of_format_2_which_version_0_1_0_refuses(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = whatsit.train(place / "photos", name="plain", runs=place / "runs", **QUICK)
    assert (run.model().facts.format, plain.model().facts.format) == (2, 1)
    assert plain.model().predict(np.zeros((12, 12, 3), np.uint8)).sure is None
    monkeypatch.setattr(container, "FORMATS", (1,))  # those of 0.1.0
    load(plain.folder)
    with pytest.raises(UserError, match=r"has model format 2, and this whatsit reads formats 1 to 1\."):
        load(run.folder)


def test_a_terminal_says_not_sure(run: Run, place: Path, sure: Path, unsure: Path) -> None:
    said = typed(place, "predict", str(run.folder), str(unsure)).stdout
    assert f"{unsure}: not sure (likeliest: " in said
    assert "not sure" not in typed(place, "predict", str(run.folder), str(sure)).stdout


def test_why_it_is_not_sure_is_noted(run: Run, place: Path, unsure: Path, tmp_path: Path) -> None:
    told = typed(place, "predict", str(run.folder), str(unsure), "--explain", str(tmp_path / "why"))
    assert "It answers where it is at least " in told.stderr
    assert "(precision=0.9)" in told.stderr


def test_that_photos_are_too_few_is_said_before_anything_is_learnt(place: Path) -> None:
    told = typed(place, "train", "photos", "--prefer=precision=0.999", "--recipe=classical", "--models=none")
    assert "precision=0.999 cannot be promised on 306 photos: it takes 2,995, all of them right" in told.stderr


def test_json_and_tables_say_it_too(run: Run, place: Path, sure: Path, unsure: Path, tmp_path: Path) -> None:
    both = [str(sure), str(unsure)]
    told = [
        json.loads(line) for line in typed(place, "predict", str(run.folder), *both, "--json").stdout.splitlines()
    ]
    assert [one["sure"] for one in told] == [True, False]
    rows = list(csv.DictReader(io.StringIO(typed(place, "predict", str(run.folder), *both, "--csv").stdout)))
    assert [row["sure"] for row in rows] == ["yes", "no"]
    whatsit.predict(run.folder, both, to=tmp_path / "answers.csv")
    assert read_csv(tmp_path / "answers.csv") == rows
    parquet = pytest.importorskip("pyarrow.parquet")
    whatsit.predict(run.folder, both, to=tmp_path / "answers.parquet")
    assert parquet.read_table(tmp_path / "answers.parquet")["sure"].to_pylist() == [True, False]


def test_what_it_is_not_sure_of_is_sorted_apart(run: Run, sure: Path, unsure: Path, tmp_path: Path) -> None:
    photos = [NamedPhoto(str(file), file.read_bytes) for file in (sure, unsure)]
    counts = sort_photos(run.model(), photos, tmp_path / "sorted")
    assert (counts.sure, counts.unsure) == (1, 1)
    assert [file.name for file in (tmp_path / "sorted" / "unsure").glob("*/*.png")] == [unsure.name]


def test_measured_again_it_is_the_same_and_on_other_photos_it_is_measured_too(run: Run, tmp_path: Path) -> None:
    assert whatsit.evaluate(run.folder).figures == run.info.figures
    others = write_folders(tmp_path / "others", colours(90, seed=5))
    found = whatsit.evaluate(run.folder, data=others).figures.point
    assert found is not None
    assert found.answered.n == 90
    assert 0 < found.answered.right < 90
    assert json.dumps(whatsit.evaluate(run.folder).as_dict())


def test_the_report_shows_the_point(run: Run) -> None:
    text = run.report.read_text()
    assert "<h2>Operating point</h2>" in text
    assert "The upright line is its operating point." in text
    assert "| answered, the others “not sure” (precision=0.9) | " in (run.folder / "README.md").read_text()


def test_two_with_a_point_are_compared_by_it(run: Run, place: Path) -> None:
    other = train_point(place, "recall=0.9", "recall")
    found = whatsit.compare(run.folder, other.folder)
    sentences = [side.point_sentence() for side in found.list_points()]
    assert sentences[0].startswith("point at precision=0.9 answers ")
    assert sentences[1].startswith("recall at recall=0.9 answers ")
    assert found.as_dict()["runs"][0]["point"]["wish"] == "precision=0.9"
    plain = whatsit.train(place / "photos", name="without", runs=place / "runs", **QUICK)
    (_, *points) = whatsit.compare(run.folder, plain.folder).sentences()
    assert points == [sentences[0], "without has no operating point: it is never “not sure”."]


def test_recall_gives_nearly_all_right_answers(place: Path) -> None:
    other = train_point(place, "recall=0.9", "nearly-all")
    point = other.model().facts.thresholds.point
    assert point is not None
    (counts,) = point.counts
    assert 0.9 < counts.right / counts.there < 1
    assert counts.answered < counts.photos


def test_what_cannot_be_promised_is_said_and_nothing_is_answered(place: Path) -> None:
    told = typed(
        place, "train", "photos", "--name=strict", "--prefer=precision=0.9999", "--recipe=classical",
        "--features=colour", "--models=logistic", "--search-folds=3",
    )  # fmt: skip
    assert told.returncode == 0
    assert "of the photos answered, the others “not sure”.\n" in told.stdout
    said = " ".join(told.stderr.split())
    assert "precision=0.9999 cannot be promised on " in said
    assert "(29956 are needed, all of them right). So every answer is “not sure”. precision=0.9" in said
    model = load(place / "runs" / "strict")
    assert model.facts.thresholds.rule.sure == NEVER_SAID
    photo = next((place / "photos").glob("red/*.png"))
    assert model.predict(photo).is_given is False
    assert any("cannot be promised" in warning for warning in model.facts.card.warnings or ())


def test_costs_decide_and_stand_in_the_file(place: Path, tmp_path: Path) -> None:
    table = tmp_path / "costs.csv"
    table.write_text("truth,blue,green,red,not sure\nblue,0,1,1,0.2\ngreen,1,0,1,0.2\nred,20,20,0,1\n")
    run = train_point(place, str(table), "costs")
    table.unlink()
    model, found = open_run(run.folder).model(), run.info.figures.point
    assert model.facts.thresholds.rule.costs == ((0, 1, 1, 0.2), (1, 0, 1, 0.2), (20, 20, 0, 1))
    assert found is not None
    assert found.cost is not None
    answer = model.answer(np.array([0.9, 0.0, 0.1], np.float32), 0.0)  # answers cost 2, 2.9, 0.9; none 0.28
    assert (answer.label, answer.sure) == ("blue", False)
    answer = model.answer(np.array([0.2, 0.0, 0.8], np.float32), 0.0)
    assert (answer.label, answer.sure, answer.sentence()) == ("red", True, "red, 80 %")
    assert whatsit.evaluate(run.folder).figures == run.info.figures


def test_costs_may_say_another_class_than_the_likeliest(place: Path, tmp_path: Path) -> None:
    table = tmp_path / "costs.csv"
    table.write_text("truth,blue,green,red\nblue,0,1,1\ngreen,1,0,1\nred,20,20,0\n")
    model = train_point(place, str(table), "never-miss-red").model()
    answer = model.answer(np.array([0.8, 0.0, 0.2], np.float32), 0.0)
    assert (answer.label, answer.sure, answer.probability) == ("red", True, pytest.approx(0.2))
    assert next(iter(answer.probabilities)) == "blue"


def test_in_folds_each_photo_is_judged_by_the_limit_of_its_own_model(place: Path) -> None:
    run = whatsit.train(place / "photos", prefer="precision=0.9", folds=3, name="f", runs=place / "runs", **QUICK)
    rows = run.rows("predictions")
    assert len({row["sure_limit"] for row in rows}) == 3
    assert all((row["sure"] == "yes") == (float(row["probability"]) >= float(row["sure_limit"])) for row in rows)
    assert whatsit.evaluate(run.folder).figures == run.info.figures


@pytest.mark.parametrize("words", ["precision", "precision=1.5", "precision=abc", "f1", "missing.csv", "fast"])
def test_what_is_no_wish_is_refused_before_anything_is_learnt(place: Path, words: str) -> None:
    told = typed(place, "train", "photos", "--name=refused", f"--prefer={words}")
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert not (place / "runs" / "refused").exists()


def test_several_labels_keep_the_promise_each(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "set", photos=160)
    told = typed(
        tmp_path, "train", str(table), "--recipe=transfer", "--size=64", "--prefer=precision=0.9", "--name=p"
    )
    assert told.returncode == 0
    assert "precision=0.9: some label said of " in told.stdout
    run = open_run(tmp_path / "runs" / "p")
    point = run.model().facts.thresholds.point
    assert point is not None
    assert (len(point.counts), point.sure) == (2, None)
    assert all(one.is_found and one.right / one.answered > 0.9 for one in point.counts)
    assert run.model().predict(table.parent / "photos" / "0.png").sure is None
    assert whatsit.evaluate(run.folder).figures == run.info.figures
    report = run.report.read_text(encoding="utf-8").replace("\u202f", " ")  # the page keeps "90 %" on one line
    assert "for each label by itself, at least 90 % of the photos it is said of have it" in report


def test_a_label_that_cannot_keep_it_is_never_said_and_named(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "set", photos=80)
    run = whatsit.train(table, recipe="transfer", size=64, prefer="precision=0.999", runs=tmp_path, name="p")
    assert run.model().facts.thresholds.labels == (NEVER_SAID, NEVER_SAID)
    (warning,) = (one for one in run.info.warnings if "precision" in one)
    assert "cannot be promised for red, striped, which is therefore never said" in warning
    assert ">never</td>" in run.report.read_text()


def test_costs_of_labels_are_thresholds(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "set", photos=80)
    (tmp_path / "costs.csv").write_text("label,miss,false alarm\nred,1,3\nstriped,9,1\n")
    run = whatsit.train(
        table, recipe="transfer", size=64, prefer=str(tmp_path / "costs.csv"), runs=tmp_path, name="costs"
    )
    assert run.model().facts.thresholds.labels == (0.75, 0.1)
    assert run.info.figures.point is not None
    assert run.info.figures.point.cost is not None
