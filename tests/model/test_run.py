"""A run's folder: what run.json says today, what version 0.1.0 wrote there, and what nobody can have meant."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import JSON, changed, places, without
from evaluating import measured, photo_folder
from models import Tiny
from whatsit.data.dataset import Skipped
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.evaluating.compare import compare
from whatsit.evaluating.remeasure import remeasure
from whatsit.model.begin import begin
from whatsit.model.run import (
    Run,
    confusion_file,
    is_finished,
    open_run,
    read_beginning,
    run_name,
    trace_lineage,
    write_info,
)
from whatsit.records import as_json
from whatsit.training.options import TrainOptions

Stored = dict[str, Any]
SKIPPED = (Skipped("blue/broken.jpg", "cut short"), Skipped("caf\udce9.jpg", "no photo"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A measured run whose photos lie in a folder, two files of which were skipped."""
    place = tmp_path_factory.mktemp("runs")
    photos = replace(read(photo_folder(place / "colours")), skipped=SKIPPED)
    return measured(place / "tiny", photos)


def as_version_1(run: Run) -> Stored:
    """The run.json that version 0.1.0 wrote of such a run."""
    stored = as_json(run.info)
    data = stored["data"]
    data["source"], data["cleaned"] = stored["source"], None
    data["skipped"] = [{"name": one.name, "reason": one.reason} for one in run.skipped()]
    classes = list(run.info.classes)
    for figures in (stored["figures"], stored["figures"]["val"]):
        matrix = [[0] * len(classes) for _ in classes]
        for row in run.rows("confusion"):
            if row["part"] == figures["part"]:
                matrix[classes.index(row["true"])][classes.index(row["predicted"])] = int(row["photos"])
        figures["confusion"] = matrix
    return {**stored, "format": 1}


@pytest.fixture
def old(tiny: Tiny, tmp_path: Path) -> Path:
    """The run as version 0.1.0 left it: without the tables that stood in its run.json."""
    folder = tmp_path / "old"
    folder.mkdir()
    for file in tiny.run.folder.iterdir():
        if file.name not in ("run.json", "confusion.csv", "skipped.csv"):
            (folder / file.name).write_bytes(file.read_bytes())
    text = json.dumps(as_version_1(tiny.run), ensure_ascii=False)
    (folder / "run.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    return folder


def test_a_run_is_read_as_it_was_saved(tiny: Tiny) -> None:
    run = open_run(tiny.run.folder)
    assert run.info == tiny.run.info
    assert (run.name, run.is_finished, run.skipped()) == ("tiny", True, SKIPPED)
    assert open_run(tiny.run.folder / "report.html").info == run.info  # by a file in it too
    assert run.model().classes == run.info.classes


def test_what_grows_with_the_classes_does_not_stand_in_it(tiny: Tiny) -> None:
    text = (tiny.run.folder / "run.json").read_text()
    assert "confusion" not in text
    assert json.loads(text)["data"]["skipped"] == 2


def test_a_run_of_version_0_1_0_says_what_it_said(tiny: Tiny, old: Path) -> None:
    before = (old / "run.json").read_bytes()
    run = open_run(old)
    assert run.info == tiny.run.info
    assert run.skipped() == SKIPPED
    assert run.before is not None
    assert {part: matrix.photos.sum() for part, matrix in run.before.matrices[""].items()} == {
        "test": run.info.figures.n,
        "val": run.info.figures.val.n,
    }
    assert (old / "run.json").read_bytes() == before  # reading rewrites nothing
    assert not (old / "skipped.csv").exists()
    assert compare([run, tiny.run]).pairs[0].difference.value == 0


def test_saved_it_is_written_in_the_new_form_with_its_tables(tiny: Tiny, old: Path) -> None:
    open_run(old).save()
    assert json.loads((old / "run.json").read_text())["format"] == 2
    again = open_run(old)
    assert (again.info, again.skipped()) == (tiny.run.info, SKIPPED)
    assert (old / "confusion.csv").read_bytes() == (tiny.run.folder / "confusion.csv").read_bytes()


def test_measured_on_other_photos_it_keeps_what_it_knew_of_its_own(tiny: Tiny, old: Path, tmp_path: Path) -> None:
    remeasure(open_run(old), photo_folder(tmp_path / "fresh", 30, seed=4))
    again = open_run(old)
    assert again.info.figures == tiny.run.info.figures
    assert again.info.elsewhere is not None
    assert again.info.elsewhere["fresh"].n == 30
    assert (old / "confusion.csv").read_bytes() == (tiny.run.folder / "confusion.csv").read_bytes()
    assert sum(int(row["photos"]) for row in again.rows("confusion-fresh")) == 30


def test_measured_again_on_its_own_photos_it_has_the_new_matrix(tiny: Tiny, old: Path) -> None:
    stored = as_version_1(tiny.run)
    stored["figures"]["confusion"][0] = [0, 0, 99]
    (old / "run.json").write_text(json.dumps(stored, ensure_ascii=False), errors="surrogateescape")
    remeasure(open_run(old))
    assert (old / "confusion.csv").read_bytes() == (tiny.run.folder / "confusion.csv").read_bytes()


def test_other_photos_of_a_run_of_version_0_1_0_keep_their_matrix_too(tiny: Tiny, old: Path) -> None:
    stored = as_version_1(tiny.run)
    stored["elsewhere"] = {"a/b": {**stored["figures"], "val": None}}
    (old / "run.json").write_text(json.dumps(stored))
    open_run(old).save()
    assert {row["part"] for row in open_run(old).rows("confusion-a-b")} == {"test"}
    assert confusion_file("a/b") == "confusion-a-b.csv"


def test_what_a_newer_version_added_survives_when_the_run_is_saved(tiny: Tiny, tmp_path: Path) -> None:
    stored = as_json(tiny.run.info)
    stored["mood"] = {"of": "the day"}
    stored["figures"]["per_class"][0]["charm"] = 3
    (tmp_path / "run.json").write_text(json.dumps(stored))
    open_run(tmp_path).save()
    again = json.loads((tmp_path / "run.json").read_text())
    assert again["mood"] == {"of": "the day"}
    assert again["figures"]["per_class"][0]["charm"] == 3


HOSTILE: dict[str, tuple[Callable[[Stored], None], str]] = {
    "newer": (changed("format", to=3), "has format 3, and this whatsit reads formats 1 to 2"),
    "format is a word": (changed("format", to="two"), "has format two, and this"),
    "no format": (without("format"), "has format None, and this"),
    "unfinished": (without("finished"), "is not finished"),
    "no classes": (without("classes"), "classes is missing"),
    "a class is a number": (changed("classes", 0, to=1), r"classes\[0\] is 1 and not a text"),
    "options are a list": (changed("options", to=[]), "options is a list and not an object"),
    "command is a text": (changed("command", to="whatsit train"), "command is 'whatsit train' and not a list"),
    "no figures": (without("figures"), "figures is missing"),
    "figures are none": (changed("figures", to=None), "figures is None and not an object"),
    "accuracy is no number": (changed("figures", "accuracy", to=float("nan")), "figures.accuracy is nan"),
    "interval of one": (changed("figures", "interval", to=[1]), "figures.interval is a list of 1 and not of 2"),
    "photos of words": (
        changed("figures", "per_class", 1, "photos", to="many"),
        r"figures.per_class\[1\].photos is 'many'",
    ),
    "counts of another class": (
        lambda stored: stored["data"]["counts"]["val"].append(3),
        "counts photos of 4 classes in val, and has 3",
    ),
    "counts of nothing": (changed("data", "counts", to={}), "data.counts.train is missing"),
    "origin is a text": (changed("data", "origin", to="here"), "data.origin is 'here' and not an object"),
    "cleaned is a number": (changed("data", "cleaned", to=1), "data.cleaned is 1 and not an object"),
    "card is a list": (changed("card", to=[]), "card is a list and not an object"),
    "elsewhere is a list": (changed("elsewhere", to=[]), "elsewhere is a list and not an object"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_run_that_says_what_cannot_be_is_refused(tiny: Tiny, tmp_path: Path, case: str) -> None:
    change, sentence = HOSTILE[case]
    stored = as_json(tiny.run.info)
    change(stored)
    (tmp_path / "run.json").write_text(json.dumps(stored))
    with pytest.raises(UserError, match=sentence):
        open_run(tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (changed("figures", "confusion", to=[[1, 2], [3]]), "a confusion matrix in it is none"),
        (changed("figures", "confusion", to="all"), "a confusion matrix in it is none"),
        (changed("figures", "confusion", to=[[0.5] * 3] * 3), "a confusion matrix in it is none"),
        (without("figures", "confusion"), "figures.confusion is missing"),
        (changed("data", "skipped", to=2), "data.skipped is 2 and not a list"),
        (changed("data", "skipped", to=["a.jpg"]), r"data.skipped\[0\] is 'a.jpg' and not an object"),
    ],
)
def test_an_old_run_that_says_what_cannot_be_is_refused(
    tiny: Tiny, tmp_path: Path, change: Callable[[Stored], None], sentence: str
) -> None:
    stored = as_version_1(tiny.run)
    change(stored)
    (tmp_path / "run.json").write_text(json.dumps(stored))
    with pytest.raises(UserError, match=sentence):
        open_run(tmp_path)


@pytest.mark.parametrize("seed", ["three", None, True, [1] * 100])
def test_a_seed_that_is_no_number_is_said_by_whoever_needs_it(tiny: Tiny, seed: object) -> None:
    with pytest.raises(UserError, match="which is no number"):
        _ = replace(tiny.run.info, options={"seed": seed}).seed
    assert tiny.run.info.seed == 0


@pytest.mark.parametrize("text", ["", "[]", '"run"', "[" * 100_000, "{"])
def test_what_is_no_json_of_ours_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    for reads in (open_run, read_beginning, is_finished):
        with pytest.raises(UserError):
            reads(tmp_path)


@pytest.mark.parametrize("is_old", [False, True])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_changed_it_is_read_and_saved_or_said_why_not(
    tiny: Tiny, tmp_path: Path, is_old: bool, data: st.DataObject
) -> None:
    stored = copy.deepcopy(as_version_1(tiny.run) if is_old else as_json(tiny.run.info))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(stored)))
        change = without(*path) if data.draw(st.booleans()) else changed(*path, to=data.draw(JSON))
        change(stored)
    (tmp_path / "run.json").write_text(json.dumps(stored))
    try:
        run = open_run(tmp_path)
    except UserError:
        return
    run.save()
    assert open_run(tmp_path).info == run.info


def test_a_folder_without_a_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no run in"):
        open_run(tmp_path)
    assert not is_finished(tmp_path)


def test_a_table_that_is_not_there_is_said(tiny: Tiny) -> None:
    with pytest.raises(UserError, match=r"The run 'tiny' has no suspects\.csv"):
        tiny.run.rows("suspects")


def test_runs_that_went_on_from_each_other_without_end_are_walked_once(tiny: Tiny, tmp_path: Path) -> None:
    usual = TrainOptions()
    for name, earlier in (("one", "two"), ("two", "one")):
        write_info(tmp_path / name, begin(tmp_path / name, "photos", usual, usual, tmp_path / earlier))
    run = Run(tmp_path / "one", replace(tiny.run.info, from_="two"))
    assert [folder.name for folder in trace_lineage(run)] == ["one", "two"]


@pytest.mark.parametrize(
    ("words", "name"),
    [("cats vs dogs/cnn", "cats-vs-dogs-cnn"), ("猫と犬", "猫と犬"), ("../..", "run"), ("", "run")],
)
def test_a_folder_name_is_made_from_words(words: str, name: str) -> None:
    assert run_name(words) == name
