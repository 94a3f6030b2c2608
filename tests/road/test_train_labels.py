"""Several labels a photo, from a table to answers, by the command line's own functions."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import whatsit
from labelled import write_labelled
from whatsit.data.target import SEVERAL
from whatsit.errors import UserError
from whatsit.image import decode
from whatsit.model.asking.photos import NamedPhoto
from whatsit.model.asking.sorting import sort_photos, undo_sort
from whatsit.model.run import Run, open_run


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_labelled(tmp_path_factory.mktemp("set"), photos=120)


@pytest.fixture(scope="module")
def run(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return whatsit.train(table, recipe="transfer", size=64, runs=tmp_path_factory.mktemp("runs"), name="labels")


def test_its_figures_say_how_well_labels_are_ranked_and_told(run: Run) -> None:
    figures = run.info.figures
    assert figures.several is not None
    assert figures.several.mean_average_precision is not None
    assert figures.several.mean_average_precision > 0.9
    assert [one.label for one in figures.several.each] == ["red", "striped"]
    assert 0 < figures.accuracy <= 1
    assert open_run(run.folder).info == run.info  # written and read again


def test_its_model_card_ranks_labels_and_says_any_number(run: Run) -> None:
    text = (run.folder / "README.md").read_text(encoding="utf-8")
    assert '"mean_average_precision"' in text
    assert '"multi-label"' in text
    assert "2 labels, any number a photo." in text
    assert "| every label right |" in text


def test_its_report_shows_every_label_and_its_worst_photos(run: Run) -> None:
    text = run.report.read_text()
    assert "mean average precision" in text
    assert "Label by label" in text
    assert "There, and missed" in text or "Said, and not there" in text or "every label was said right" in text


def test_its_model_answers_in_onnxruntime_alone(run: Run, table: Path) -> None:
    session = onnxruntime.InferenceSession(run.folder / "model.onnx")
    photo = table.parent / "photos" / "0.png"
    pixels = decode(photo.read_bytes(), (64, 64))[None]
    probabilities, *_ = session.run(["probabilities", "distance"], {"pixels": pixels})
    answer = run.model().predict(photo)
    assert answer.probabilities == pytest.approx(
        dict(zip(run.info.classes, probabilities[0], strict=True)), abs=1e-5
    )
    assert answer.labels is not None
    assert set(answer.labels) == {
        label
        for label, share, limit in zip(
            run.info.classes, probabilities[0], run.model().facts.thresholds.labels or (), strict=True
        )
        if share >= limit
    }


def test_its_file_is_of_format_2_so_that_older_runtimes_refuse_it(run: Run) -> None:
    facts = run.model().facts
    assert (facts.format, facts.target) == (2, SEVERAL.name)


def test_it_is_measured_again_to_the_same_figures(run: Run) -> None:
    again = whatsit.evaluate(run.folder)
    assert again.figures == run.info.figures
    assert json.dumps(again.as_dict())


def test_a_suspect_label_is_found_missing_ones_too(tmp_path: Path) -> None:
    pytest.importorskip("cleanlab")
    table = write_labelled(tmp_path / "set", photos=160, seed=3)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    struck = [row for row in rows if "striped" in row["labels"]][:6]
    for row in struck:
        row["labels"] = row["labels"].replace("striped", "").strip(";")
    table.write_text("path,labels\n" + "".join(f"{row['path']},{row['labels']}\n" for row in rows))
    run = whatsit.train(table, recipe="transfer", size=64, runs=tmp_path / "runs")
    found = [row["name"] for row in run.rows("suspects") if (row["label"], row["marked"]) == ("striped", "no")]
    in_training = {row["name"] for row in run.rows("split") if row["part"] == "train"}
    wanted = {row["path"] for row in struck} & in_training
    assert len(wanted & set(found)) >= 2
    assert len(set(found) - wanted) <= 2


def test_runs_are_compared_by_mean_average_precision(run: Run, table: Path, tmp_path: Path) -> None:
    other = whatsit.train(table, recipe="transfer", size=64, strength=1e-4, runs=tmp_path, name="other")
    (pair,) = whatsit.compare(run.folder, other.folder).pairs
    assert "mean average precision" in pair.sentence()


def test_what_is_wished_for_moves_the_thresholds(table: Path, tmp_path: Path) -> None:
    limits = [
        np.mean(
            whatsit.train(table, recipe="transfer", size=64, prefer=wish, runs=tmp_path, name=wish)
            .model()
            .facts.thresholds.labels
            or ()
        )
        for wish in ("recall", "precision")
    ]
    assert limits[0] <= limits[1]


@pytest.mark.parametrize("wish", ["f1", "recall"])
def test_no_label_is_said_that_its_set_rules_out(table: Path, tmp_path: Path, wish: str) -> None:
    """Of a label with few photos the best limit is chosen by chance, and may be next to nothing."""
    run = whatsit.train(table, recipe="transfer", size=64, prefer=wish, runs=tmp_path)
    limits = run.model().facts.thresholds
    assert limits.labels is not None
    assert min(limits.labels) >= limits.probability


def test_folds_ask_every_photo_once(table: Path, tmp_path: Path) -> None:
    run = whatsit.train(table, recipe="transfer", size=64, folds=3, runs=tmp_path)
    assert (run.info.figures.part, run.info.figures.n) == ("all", 120)


def test_an_info_says_how_labels_go_together(table: Path) -> None:
    several = whatsit.info(table).found.several
    assert several is not None
    assert sum(several.a_photo.values()) == 120
    assert several.together[0][:2] == ("red", "striped")


def test_cleaning_finds_copies_and_says_what_their_labels_are(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "set", photos=20)
    first, second = sorted((tmp_path / "set" / "photos").glob("*.png"))[:2]
    second.write_bytes(first.read_bytes())
    rows = [
        "path,labels",
        *(
            f"photos/{file.name},{'red' if file == first else 'striped'}"
            for file in sorted((tmp_path / "set" / "photos").glob("*.png"))
        ),
    ]
    table.write_text("\n".join(rows) + "\n")
    found = [one for one in whatsit.clean(table).findings if one.check == "class-conflict"]
    assert {one.photo for one in found} == {f"photos/{first.name}", f"photos/{second.name}"}


def test_a_head_of_one_class_says_so(table: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--head means takes one class a photo"):
        whatsit.train(table, recipe="transfer", head="means", runs=tmp_path)


def test_recipe_classical_learns_a_model_a_label(table: Path, tmp_path: Path) -> None:
    run = whatsit.train(
        table, recipe="classical", features="colour", models="logistic", size=32, search_folds=3, runs=tmp_path
    )
    assert run.info.figures.several is not None
    assert (run.info.figures.several.mean_average_precision or 0) > 0.8
    assert "mean average precision in cross-validation" in run.report.read_text()
    session = onnxruntime.InferenceSession(run.folder / "model.onnx")
    photo = table.parent / "photos" / "0.png"
    pixels = decode(photo.read_bytes(), (32, 32))[None]
    (probabilities,) = session.run(["probabilities"], {"pixels": pixels})
    answer = run.model().predict(photo)
    assert list(answer.probabilities.values()) == pytest.approx(probabilities[0].tolist(), abs=1e-5)


def test_a_photo_is_sorted_into_the_folder_of_each_of_its_labels(run: Run, table: Path, tmp_path: Path) -> None:
    model, out = run.model(), tmp_path / "sorted"
    photos = [
        NamedPhoto(str(file), file.read_bytes) for file in sorted((table.parent / "photos").glob("*.png"))[:30]
    ]
    sort_photos(model, photos, out)
    for photo in photos:
        answer = model.predict(photo.name)
        there = {file.parent.name for file in out.glob(f"*/*/{Path(photo.name).name}")}
        assert there == (set(answer.said) if answer.known else set())
    copies = len(list(out.glob("*/*/*.png"))) + len(list(out.glob("*/*.png")))
    assert copies > len(photos)  # some have two labels
    next(out.glob("*/*/*.png")).unlink()
    sort_photos(model, photos, out)  # what is missing is put back
    assert undo_sort(out) == (copies, 0)
    assert not out.exists()
