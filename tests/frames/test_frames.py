"""Frames of pandas and polars, made by these libraries: whole, typed, and with what is missing left missing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whatsit
from evaluating import measured, photo_folder
from labelled import red_and_striped, write_labelled
from models import Tiny
from whatsit.data.target import UNKNOWN
from whatsit.files import write_csv
from whatsit.frames import columns
from whatsit.frames.columns import Column, lists, numbers, texts, wholes
from whatsit.frames.columns import flags as flags_of
from whatsit.frames.measured import _columns_of
from whatsit.frames.tables import make_table
from whatsit.image import encode_jpeg
from whatsit.model.answer import Answer
from whatsit.model.facts.figures import Figures
from whatsit.model.run import Run

pytest.importorskip("pandas", reason="needs the extra 'pandas'")
polars = pytest.importorskip("polars", reason="needs the extra 'polars'")

Make = Callable[..., Any]


@pytest.fixture(params=["to_pandas", "to_polars"])
def make(request: pytest.FixtureRequest) -> Make:
    """Each of the two ways to a frame."""
    found: Make = getattr(whatsit, request.param)
    return found


def rows(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of either library; None where something is missing."""
    if isinstance(frame, polars.DataFrame):
        return frame.to_dicts()
    gone = frame.isna()
    return [
        {name: None if gone.at[at, name] else _plain(frame.at[at, name]) for name in frame.columns}
        for at in frame.index
    ]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    folder = tmp_path_factory.mktemp("frames")
    return measured(folder / "runs" / "tiny", whatsit.read(photo_folder(folder / "colours")))


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of several labels."""
    folder = tmp_path_factory.mktemp("tags")
    return whatsit.train(
        write_labelled(folder / "set", photos=80), recipe="transfer", size=32, runs=folder / "runs"
    )


def test_answers_are_a_row_a_photo_whatever_became_of_it(make: Make, on_disk: Tiny, tmp_path: Path) -> None:
    photo = sorted(Path(str(on_disk.dataset.root)).rglob("*.png"))[0]
    strange = tmp_path / "noise.jpg"
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    noise[:32] = (255, 255, 0)
    strange.write_bytes(encode_jpeg(noise))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    answers = list(whatsit.predict(on_disk.run.folder, [str(photo), str(strange), str(broken)]))
    assert [one.known for one in answers] == [True, False, False]
    good, unlike, none = rows(make(iter(answers)))
    assert list(good) == [
        *("name", "predicted", "probability", "distance", "known", "could_be", "is_given", "reason"),
        *("p(blue)", "p(green)", "p(red)"),
    ]
    assert (good["predicted"], good["is_given"], good["reason"]) == (answers[0].label, True, None)
    assert good["probability"] == answers[0].probability
    assert {name: good[f"p({name})"] for name in answers[0].probabilities} == answers[0].probabilities
    assert list(good["could_be"]) == list(answers[0].could_be)
    assert (unlike["predicted"], unlike["known"], unlike["is_given"]) == (answers[1].label, False, False)
    assert none.pop("name") == str(broken)
    assert none.pop("reason") == answers[2].reason != ""
    assert none.pop("is_given") is False
    assert set(none.values()) == {None}


def test_one_answer_and_no_answer_are_frames_too(make: Make) -> None:
    one = Answer("cat", 0.9, {"cat": 0.9, "dog": 0.1}, ("cat",), True, 0.2, "a.jpg", sure=False)
    (row,) = rows(make(one))
    assert (row["sure"], row["is_given"], row["could_be"]) == (False, False, ["cat"])
    nothing = make([])
    assert rows(nothing) == []
    assert "predicted" in nothing.columns
    failed = Answer("", 0.0, {}, (), False, float("nan"), "b.jpg", "Not a photo.")
    (row,) = rows(make([failed]))
    assert (row["predicted"], row["known"], row["reason"]) == (None, None, "Not a photo.")


def test_answers_of_several_labels_are_lists(make: Make, tagged: Run) -> None:
    photos = sorted((Path(str(tagged.info.source)).parent / "photos").glob("*.png"))[:20]
    answers = list(whatsit.predict(tagged.folder, [str(photo) for photo in photos] + ["nowhere.png"]))
    found = rows(make(answers))
    assert [None if row["predicted"] is None else tuple(row["predicted"]) for row in found] == [
        *(one.labels for one in answers[:-1]),
        None,
    ]
    assert any(len(one.labels or ()) == 2 for one in answers)
    assert "probability" not in found[0]
    assert found[-1]["could_be"] is None


def test_answers_of_two_kinds_are_no_one_frame() -> None:
    plain = Answer("cat", 0.9, {"cat": 0.9, "dog": 0.1}, ("cat",), True, 0.2)
    with pytest.raises(whatsit.UserError, match="some are several labels"):
        whatsit.to_pandas([plain, replace(plain, labels=("cat",), target="labels")])


def test_answers_of_models_with_other_classes_leave_gaps(make: Make) -> None:
    one = Answer("cat", 0.9, {"cat": 0.9, "dog": 0.1}, ("cat",), True, 0.2)
    other = Answer("cow", 0.6, {"cow": 0.6, "cat": 0.4}, ("cow",), True, 0.2)
    found = rows(make([one, other]))
    assert [row["p(cow)"] for row in found] == [None, 0.6]
    assert [row["p(dog)"] for row in found] == [0.1, None]


def test_of_very_many_classes_the_likeliest_are_named(make: Make) -> None:
    shares = {f"class {place}": 0.5 / 2**place for place in range(150)}
    (row,) = rows(make(Answer("class 0", 0.5, shares, ("class 0",), True, 0.1)))
    assert [row[f"likeliest_{place}"] for place in range(1, 11)] == list(shares)[:10]
    assert row["p_10"] == shares["class 9"]
    assert "p(class 0)" not in row


def test_the_predictions_of_a_run_are_its_figures(make: Make, on_disk: Tiny) -> None:
    run = on_disk.run
    figures = run.info.figures
    found = rows(make(run))
    assert len(found) == figures.n
    assert sum(row["right"] for row in found) == figures.right
    assert all(row["right"] == (row["true"] == row["predicted"]) for row in found)
    assert sum(row["true"] in row["could_be"] for row in found) == figures.could_be.right
    assert sum(not row["known"] for row in found) == figures.not_one_of_these.right
    written = run.rows("predictions")
    assert [row["name"] for row in found] == [row["name"] for row in written]
    for ours, theirs in zip(found, written, strict=True):
        assert ours["p(red)"] == np.float32(theirs["p(red)"])
        assert " | ".join(ours["could_be"]) == theirs["could_be"]


def test_what_measuring_gave_has_the_tables_of_the_run(make: Make, on_disk: Tiny) -> None:
    again = whatsit.evaluate(on_disk.run)
    for table in ("predictions", "classes", "confusion", "calibration", "coverage", "distances"):
        kept, given = rows(make(on_disk.run, table)), rows(make(again, table))
        assert [list(row) for row in kept] == [list(row) for row in given]
        for ours, theirs in zip(kept, given, strict=True):
            assert (
                ours == pytest.approx(theirs, abs=1e-6)
                if table != "predictions"
                else ours["name"] == theirs["name"]
            )


def test_photos_of_elsewhere_and_outliers_are_in_what_measuring_them_gave(
    make: Make, on_disk: Tiny, tmp_path: Path
) -> None:
    others = photo_folder(tmp_path / "others", 30, seed=5)
    found = whatsit.evaluate(on_disk.run, data=others)
    assert len(make(found)) == 30
    whatsit.evaluate(on_disk.run)
    strange = tmp_path / "strange"
    strange.mkdir()
    random = np.random.default_rng(1)
    for place in range(12):
        drawn = random.integers(0, 255, (16, 16, 3), dtype=np.uint8)
        (strange / f"{place}.jpg").write_bytes(encode_jpeg(drawn))
    table = rows(make(whatsit.evaluate(on_disk.run, outliers=strange), "distances"))
    assert sum(row["outlier"] for row in table) == 12
    assert table[-1]["outlier"]
    assert len({row["limit"] for row in table}) == 1


def check_classes(found: list[dict[str, Any]], figures: Figures) -> None:
    for row, of_class in zip(found, figures.per_class, strict=True):
        assert (row["class"], row["photos"], row["right"]) == (of_class.class_, of_class.photos, of_class.right)
        assert row["recall"] == of_class.recall
        assert (row["recall_low"], row["recall_high"]) == of_class.recall_interval


def test_the_figures_of_each_class(make: Make, on_disk: Tiny, tagged: Run) -> None:
    check_classes(rows(make(on_disk.run, "classes")), on_disk.run.info.figures)
    several = rows(make(tagged, "classes"))
    check_classes(several, tagged.info.figures)
    assert tagged.info.figures.several is not None
    each = tagged.info.figures.several.each
    assert [row["average_precision"] for row in several] == [one.average_precision for one in each]


def test_the_numbers_of_charts_follow_from_the_predictions(on_disk: Tiny) -> None:
    run, n = on_disk.run, on_disk.run.info.figures.n
    photos = whatsit.to_pandas(run)
    cells = whatsit.to_pandas(run, "confusion").set_index(["true", "predicted"])["photos"]
    assert cells.to_dict() == photos.groupby(["true", "predicted"]).size().to_dict()
    bins = whatsit.to_pandas(run, "calibration")
    assert bins.photos.sum() == n
    assert (bins.right * bins.photos).sum() == pytest.approx(photos.right.sum())
    assert (bins.claimed * bins.photos).sum() == pytest.approx(photos.probability.sum(), rel=1e-6)
    assert ((bins.low <= bins.right) & (bins.right <= bins.high)).all()
    curve = whatsit.to_pandas(run, "coverage").iloc[-1]
    assert (curve.answered, curve.accuracy) == (1, photos.right.mean())
    assert curve.probability == pytest.approx(photos.probability.min(), rel=1e-6)
    far = whatsit.to_pandas(run, "distances")
    assert ((far.distance <= far.limit) == photos.known).all()


def test_tables_of_several_labels(make: Make, tagged: Run) -> None:
    figures = tagged.info.figures
    found = rows(make(tagged))
    assert sum(row["right"] for row in found) == figures.right
    assert all(row["right"] == (sorted(row["true"]) == sorted(row["predicted"])) for row in found)
    assert all(list(row["unknown"]) == [] for row in found)
    curves = rows(make(tagged, "precision-and-recall"))
    assert {row["label"] for row in curves} == set(tagged.info.classes)
    assert [row["recall"] for row in curves if row["label"] == "red"][-1] == 1
    assert sum(row["photos"] for row in rows(make(tagged, "calibration"))) == figures.n * 2
    assert {tuple(row["labels"]) for row in rows(make(tagged, "split"))} <= {
        (), ("red",), ("striped",), ("red", "striped"),
    }  # fmt: skip
    assert rows(make(tagged, "folds"))
    with pytest.raises(whatsit.UserError, match="There is no table 'coverage'"):
        make(tagged, "coverage")


def test_how_it_was_trained_is_numbers_and_names_stay_names(make: Make, on_disk: Tiny, tmp_path: Path) -> None:
    epochs = rows(make(on_disk.run, "history"))
    assert [row["epoch"] for row in epochs] == [1, 2, 3, 4]
    assert all(isinstance(row["epoch"], int) and isinstance(row["loss"], float) for row in epochs)
    parts = rows(make(on_disk.run, "split"))
    assert len(parts) == 240
    assert {row["part"] for row in parts} == {"train", "val", "test"}
    digits = photo_folder(tmp_path / "digits", 90)
    for folder, digit in zip(sorted(digits.iterdir()), "123", strict=True):
        folder.rename(digits / digit)
    run = whatsit.train(digits, recipe="transfer", size=32, runs=tmp_path / "runs")
    for table, column in (("split", "class"), ("classes", "class"), ("predictions", "predicted")):
        assert {row[column] for row in rows(make(run, table))} <= {"1", "2", "3"}
    heads = rows(make(run, "history"))
    assert [row["chosen"] for row in heads].count(True) == 1
    assert all(isinstance(row["loss"], float) for row in heads)


def test_a_run_without_test_photos_says_where_its_answers_are(make: Make, tmp_path: Path) -> None:
    data = photo_folder(tmp_path / "colours", 90)
    run = whatsit.train(data, recipe="transfer", size=32, test=0, runs=tmp_path / "runs")
    assert run.info.figures.part == "folds"
    assert len(make(run)) == run.info.figures.n == 90
    of_val = replace(run, info=replace(run.info, figures=replace(run.info.figures, part="val")))
    with pytest.raises(whatsit.UserError, match="has no test photos") as caught:
        make(of_val)
    assert "whatsit.evaluate(" in caught.value.hint


def test_suspects_are_typed_and_an_empty_table_keeps_its_columns(
    make: Make, on_disk: Tiny, tmp_path: Path
) -> None:
    run = replace(on_disk.run, folder=tmp_path)
    names = ("name", "class", "looks_like", "probability_of_class", "probability_of_other")
    write_csv(tmp_path / "suspects.csv", names, [dict(zip(names, ("a", "7", "1", 0.1, 0.9), strict=True))])
    assert rows(make(run, "suspects")) == [dict(zip(names, ("a", "7", "1", 0.1, 0.9), strict=True))]
    write_csv(tmp_path / "suspects.csv", names, [])
    assert list(make(run, "suspects").columns) == list(names)


def test_a_comparison(make: Make, on_disk: Tiny, tmp_path: Path) -> None:
    other = measured(tmp_path / "other", on_disk.dataset)
    found = whatsit.compare(on_disk.run, other.run)
    runs = rows(make(found))
    assert [row["name"] for row in runs] == ["tiny", "other"]
    assert [row["accuracy"] for row in runs] == [side.figures.accuracy for side in found.sides]
    (difference,) = rows(make(found, "differences"))
    assert (difference["difference"], difference["better"]) == (0.0, None)
    assert difference["photos"] == found.pairs[0].difference.n
    photos = rows(make(found, "photos"))
    assert sum(row["right(tiny)"] for row in photos) == on_disk.run.info.figures.right
    alone = replace(found, sides=(found.sides[0], replace(found.sides[1], hits={})))
    assert {row["right(other)"] for row in rows(make(alone, "photos"))} == {None}


def test_a_data_set(make: Make, on_disk: Tiny, tmp_path: Path) -> None:
    dataset = on_disk.dataset
    found = rows(make(dataset))
    assert len(found) == len(dataset)
    for place, row in enumerate(found):
        assert row["class"] == dataset.written(place)
        assert Path(row["file"]).read_bytes() == dataset.photos.read(place)
        assert (row["part"], row["group"]) == (None, None)
    marked = replace(
        dataset,
        parts=np.array(["train", "test"] * 120, dtype="<U5"),
        groups=np.arange(240) // 2,
        columns={"camera": ["phone"] * 240, "part": ["left"] * 240},
    )
    row = rows(make(marked))[3]
    assert (row["part"], row["group"], row["camera"], row["table(part)"]) == ("test", 1, "phone", "left")
    (tmp_path / "cat").mkdir()
    assert list(make(replace(dataset, skipped=())).columns)[:2] == ["name", "file"]
    assert rows(make(red_and_striped(4)))[0]["file"] is None


def test_labels_that_nobody_looked_for_are_neither_there_nor_missing(make: Make) -> None:
    dataset = red_and_striped(3)
    labels = np.array([[1, UNKNOWN], [0, 1], [UNKNOWN, UNKNOWN]])
    found = [(list(row["labels"]), list(row["unknown"])) for row in rows(make(replace(dataset, labels=labels)))]
    assert found == [(["red"], ["striped"]), (["striped"], []), ([], ["red", "striped"])]


def test_findings_and_what_became_of_the_photos(make: Make, folder: Path) -> None:
    (folder / "cat" / "9.jpg").write_bytes((folder / "cat" / "0.jpg").read_bytes())
    (folder / "dog" / "8.jpg").write_bytes(b"no photo")
    cleaned = whatsit.clean(folder)
    found = rows(make(cleaned))
    assert len(found) == len(cleaned.findings) > 0
    copy = next(row for row in found if row["check"] == "exact-duplicate")
    assert copy["left_out"] is True
    assert isinstance(json.loads(copy["detail"]), dict)
    photos = rows(make(cleaned, "photos"))
    assert {row["name"] for row in photos if row["left_out"]} == cleaned.left_out & {row["name"] for row in photos}
    assert "reason" in make(cleaned, "skipped").columns


def test_what_is_no_table_of_ours_is_said_in_a_sentence(make: Make, on_disk: Tiny) -> None:
    with pytest.raises(whatsit.UserError, match="Did you mean 'confusion'"):
        make(on_disk.run, "confusions")
    with pytest.raises(whatsit.UserError, match="There is no table of 'int'"):
        make(3)
    with pytest.raises(whatsit.UserError, match="There is no table of 'str'"):
        make("runs/pets")
    with pytest.raises(whatsit.UserError, match="'int' is no answer"):
        make([3])


def test_kinds_are_the_libraries_own_and_gaps_stay_gaps() -> None:
    table = {
        "text": texts(["a", None, "\udcff.jpg"]),
        "number": numbers([0.5, None, float("nan")]),
        "whole": wholes([1, None, 2**53 + 1]),
        "full": wholes([1, 2, 3]),
        "flag": flags_of([True, None, False]),
        "list": lists([["a"], None, []]),
    }
    one, other = columns.make_pandas(table), columns.make_polars(table)
    assert one["whole"].dtype == "Int64"
    assert one["whole"][2] == 2**53 + 1
    assert (one["full"].dtype, one["flag"].dtype, one["number"].dtype) == ("int64", "boolean", "float64")
    assert one["text"].isna().tolist() == [False, True, False]
    assert one["text"][2] == other["text"][2] == "\\xff.jpg"
    assert one[one["flag"]].index.tolist() == [0]
    assert other.schema == {
        "text": polars.String,
        "number": polars.Float64,
        "whole": polars.Int64,
        "full": polars.Int64,
        "flag": polars.Boolean,
        "list": polars.List(polars.String),
    }
    assert other.null_count().row(0) == (1, 2, 1, 0, 1, 1)
    assert other["list"].to_list() == [["a"], None, []]


def test_both_libraries_say_the_same(on_disk: Tiny, tagged: Run) -> None:
    for run in (on_disk.run, tagged):
        for table in ("predictions", "classes", "confusion", "calibration", "distances", "history", "split"):
            assert rows(whatsit.to_pandas(run, table)) == rows(whatsit.to_polars(run, table))


def test_a_column_that_a_plug_in_wrote_is_text_unless_all_of_it_is_numbers() -> None:
    found = _columns_of([{"rate": "0.5", "kind": "7", "note": "a"}, {"rate": "", "kind": "x", "note": "1"}])
    assert found["rate"] == Column(columns.Kind.NUMBER, [0.5, found["rate"].values[1]])
    assert np.isnan(found["rate"].values[1])
    assert found["kind"].values == ["7", "x"]
    assert found["note"].values == ["a", "1"]


def test_of_more_than_a_thousand_classes_the_figures_come_from_their_file(on_disk: Tiny, tmp_path: Path) -> None:
    figures = on_disk.run.info.figures
    lines = [
        {"part": part, "class": name, "precision": "", "recall": recall, "photos": photos}
        for part, name, recall, photos in (("test", "7", 0.5, 2), ("val", "7", 0.25, 4), ("test", "8", "", 0))
    ]
    write_csv(tmp_path / "classes.csv", list(lines[0]), lines)
    info = replace(on_disk.run.info, figures=replace(figures, per_class=()))
    found = rows(whatsit.to_polars(replace(on_disk.run, folder=tmp_path, info=info), "classes"))
    assert [(row["class"], row["recall"], row["photos"]) for row in found] == [("7", 0.5, 2), ("8", None, 0)]
    assert "part" not in found[0]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_without_the_library_one_sentence_says_how_to_get_it(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(whatsit.UserError, match=f"needs {library}, which is not installed") as caught:
        getattr(whatsit, f"to_{library}")([])
    assert caught.value.hint == f"Install it with: pip install 'whatsit[{library}]'"


def test_neither_library_is_imported_before_a_frame_is_made() -> None:
    code = (
        "import sys, whatsit\nwhatsit.to_pandas, whatsit.to_polars, whatsit.open_run, whatsit.predict\n"
        "from whatsit.frames.tables import make_table\nmake_table([], None)\n"
        "assert not {'pandas', 'polars'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert list(make_table([], "answers")) == list(whatsit.to_pandas([]).columns)
