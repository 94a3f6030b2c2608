"""What cleaning made of a data set: counted, drawn, and told by `info` and the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders
from whatsit.cleaning.cleaning import clean, undo
from whatsit.cli.info import info
from whatsit.data.catalog import Decision, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.inspecting.changes import find_changes, make_bars
from whatsit.data.inspecting.info import look
from whatsit.data.readers import read
from whatsit.image import decode, encode_jpeg, encode_png
from whatsit.road.train import train
from whatsit.training.options import ClassicalOptions, TrainOptions


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Two classes of eight photos; one of the cats twice, and one dog a web page."""
    root = tmp_path / "pets"
    random = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (root / label).mkdir(parents=True)
        for number in range(8):
            grey = random.integers(0, 256, (7, 9, 3)).astype(np.uint8)
            (root / label / f"{number}.jpg").write_bytes(encode_jpeg(grey.repeat(12, 0).repeat(12, 1)))
    (root / "cat/again.jpg").write_bytes((root / "cat/0.jpg").read_bytes())
    (root / "dog/page.jpg").write_text("<html>")
    return root


def test_a_folder_nobody_cleaned_has_no_changes(pets: Path) -> None:
    whole = read(pets)
    assert find_changes(whole, apply_decisions(whole)) is None
    assert [one.title for one in make_bars(look(whole), None)] == ["Photos a class", "Shorter side in pixels"]


def test_classes_before_and_after_and_findings_by_kind(pets: Path) -> None:
    clean(pets)
    whole = read(pets)
    found = find_changes(whole, apply_decisions(whole))
    assert found is not None
    assert [(row.label, row.before, row.after) for row in found.classes] == [
        ("cat", 9, 8),
        ("dog", 8, 8),
    ]  # broken is no photo
    kinds = {kind.check: (kind.photos, kind.left_out, kind.waiting) for kind in found.kinds}
    assert kinds == {"exact-duplicate": (1, 1, 0), "broken": (1, 1, 0)}
    assert found.faces == {}
    undo(pets)
    found = find_changes(whole, apply_decisions(whole))
    assert found is not None
    assert not found.has_left_out
    kinds = {kind.check: (kind.photos, kind.left_out, kind.waiting) for kind in found.kinds}
    assert kinds == {"exact-duplicate": (1, 0, 1), "broken": (1, 1, 0)}  # what cannot be read is left out still


def test_a_class_made_by_relabelling_had_nothing_before(pets: Path) -> None:
    clean(pets)
    with open_catalog(pets) as catalog:
        catalog.decide(Decision("cat/3.jpg", "relabel", "fox", by="review"))
    whole = read(pets)
    found = find_changes(whole, apply_decisions(whole))
    assert found is not None
    assert {row.label: (row.before, row.after) for row in found.classes}["fox"] == (0, 1)


def test_info_tells_and_draws_what_cleaning_did(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean(pets)
    drawn = pets.parent / "charts.png"
    info(str(pets), charts=drawn)
    screen = capsys.readouterr().out
    assert "Before cleaning" in screen
    assert "exact-duplicate" in screen
    height, width = decode(drawn.read_bytes()).shape[:2]
    assert min(height, width) > 300
    info(str(pets), json=True)
    assert json.loads(capsys.readouterr().out)["cleaned"]["classes"][0] == {
        "label": "cat",
        "before": 9,
        "after": 8,
    }


def test_where_nothing_was_left_out_there_is_no_before_and_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = class_folders(tmp_path / "pets", "cat", "dog")
    clean(folder)
    with open_catalog(folder) as catalog:  # somebody looked at a photo, and keeps it
        catalog.decide(Decision("cat/0.png", "keep", by="review"))
    info(str(folder))
    screen = capsys.readouterr().out
    assert "2 classes" in screen
    assert "Before cleaning" not in screen


def test_a_class_that_is_given_away_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for label, light in (("night", 20), ("day", 200)):
        for number in range(25):
            file = tmp_path / "times" / label / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            shade = np.full((40, 40, 3), light, np.uint8)
            shade[:2, :2] = number
            file.write_bytes(encode_png(shade))
    info(str(tmp_path / "times"))
    told = capsys.readouterr().err
    assert "The brightness alone gives 'day' away" in told
    assert "half is chance" in told
    assert "AUROC" not in told


def test_the_report_has_what_cleaning_did(pets: Path, tmp_path: Path) -> None:
    clean(pets)
    run = train(
        pets,
        TrainOptions("classical", classical=ClassicalOptions("raw", "logistic", 2)),
        "pets",
        tmp_path / "runs",
    )
    assert run.info.data.cleaned.kinds[0].left_out == 1
    html = run.report.read_text(encoding="utf-8")
    assert "What cleaning and reviewing left" in html
    assert "exact-duplicate" in html
