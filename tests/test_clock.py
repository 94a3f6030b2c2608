"""SOURCE_DATE_EPOCH: what is made twice is the same bytes, and carries the time that it names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import whatsit
from whatsit import clock
from whatsit.deploying.kit import zip_kit
from whatsit.errors import UserError
from whatsit.files import write_json

BUILT = 1_000_000_000  # 2001-09-09


@pytest.fixture
def dated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.VARIABLE, str(BUILT))


def test_the_time_is_now_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    monkeypatch.setenv(clock.VARIABLE, str(BUILT))
    assert clock.stamp() == "2001-09-09T01:46:40+00:00"
    assert clock.zip_stamp() == (2001, 9, 9, 1, 46, 40)
    monkeypatch.setenv(clock.VARIABLE, "0")
    assert clock.stamp().startswith("1970-01-01")
    assert clock.zip_stamp()[0] == 1980  # the earliest that a zip can hold


@pytest.mark.parametrize("value", ["yesterday", "1.5", "9" * 30, " "])
def test_a_time_that_is_none_is_a_sentence(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.VARIABLE, value)
    with pytest.raises(UserError, match="SOURCE_DATE_EPOCH cannot be"):
        clock.now()


@pytest.mark.usefixtures("dated")
def test_two_builds_are_the_same_bytes(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for build in ("first", "second"):
        place = tmp_path / build
        place.mkdir()
        monkeypatch.chdir(place)
        run = whatsit.train(folder, recipe="classical", models="logistic", features="raw", name="colours")
        whatsit.deploy(run, "kit", to="docker")
        whatsit.pack(folder, "pack", to="npz")
        zip_kit(Path("kit"), Path("kit.zip"))
        forget_durations(run.folder / "run.json")
        found.append(read_all(place))
    first, second = found
    measured = {name for name in first if Path(name).name in ("history.csv", "report.html")}  # they tell durations
    assert {name for name in first if first[name] != second.get(name)} - measured == set()
    assert first.keys() == second.keys()
    assert {"kit.zip", "kit/sbom.cdx.json", "pack/data.npz", "runs/colours/model.onnx"} <= first.keys()
    stated = json.loads(first["runs/colours/run.json"])
    assert stated["created"] == stated["finished"] == "2001-09-09T01:46:40+00:00"
    assert b"2001-09-09" in first["runs/colours/README.md"]
    assert json.loads(first["pack/croissant.json"])["datePublished"] == "2001-09-09"


def forget_durations(file: Path) -> None:
    stated = json.loads(file.read_text(encoding="utf-8"))
    assert stated.pop("seconds")
    write_json(file, stated)


def read_all(place: Path) -> dict[str, bytes]:
    return {file.relative_to(place).as_posix(): file.read_bytes() for file in place.rglob("*") if file.is_file()}
