"""The runs of a project, good and bad ones, and the one that is in use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drawing import class_folders
from models import tiny_run
from whatsit.errors import UserError
from whatsit.studio.places import find_projects
from whatsit.studio.runs import Runs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    class_folders(tmp_path / "pets" / "photos", "cat", "dog")
    return tmp_path / "pets"


def runs_of(folder: Path) -> Runs:
    (project,) = find_projects(folder)
    return Runs(project)


def test_finished_runs_are_shown_with_their_interval_and_others_with_why_not(folder: Path) -> None:
    tiny_run(folder / "runs" / "good")
    for name in ("damaged", "newer", "begun"):
        tiny_run(folder / "runs" / name)
    (folder / "runs/damaged/run.json").write_text("{")
    for name, change in (("newer", {"format": 99}), ("begun", {"finished": None})):
        file = folder / "runs" / name / "run.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | change))
    found = {one["name"]: one for one in runs_of(folder).describe()}
    assert found.keys() == {"good", "damaged", "newer"}
    low, high = found["good"]["interval"]
    assert low < found["good"]["accuracy"] < high
    assert "Update whatsit" in found["newer"]["problem"]
    assert found["damaged"]["problem"]


def test_one_is_chosen_and_then_another(folder: Path) -> None:
    for name in ("one", "two"):
        tiny_run(folder / "runs" / name)
    runs = runs_of(folder)
    assert runs.live == ""
    for name in ("one", "two"):
        runs.make_live(name)
        assert (runs.live, (folder / "runs/live/model.onnx").exists()) == (name, True)
    assert {one["name"] for one in runs.describe()} == {"one", "two"}
    with pytest.raises(UserError, match="two different runs"):
        runs.compare(["one"])


@pytest.mark.parametrize("name", ["", ".", "..", "../runs/one", "nothere", "/etc", "live"])
def test_no_name_leads_out_of_the_runs(folder: Path, name: str) -> None:
    tiny_run(folder / "runs" / "one")
    runs_of(folder).make_live("one")
    with pytest.raises(UserError, match="There is no run"):
        runs_of(folder).folder(name)


def test_what_is_no_link_of_ours_is_left_alone(folder: Path) -> None:
    tiny_run(folder / "runs" / "one")
    (folder / "runs/live").mkdir()
    with pytest.raises(UserError, match="no link of ours"):
        runs_of(folder).make_live("one")


def test_beside_a_data_set_only_its_own_runs_are_shown(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "pets", "cat", "dog")
    for name, source in (("ours", "pets"), ("by path", str(data)), ("theirs", "colours")):
        tiny_run(tmp_path / "runs" / name)
        file = tmp_path / "runs" / name / "run.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"source": source}))
    assert {one["name"] for one in runs_of(data).describe()} == {"ours", "by path"}
