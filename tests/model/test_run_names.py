"""A mistyped run: every command that takes one says which may have been meant, in the same words."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import whatsit
from drawing import class_folders
from models import tiny_run
from whatsit.errors import UserError
from whatsit.model.run_names import NO_RUNS, hint_run

ASKS: dict[str, Callable[[str, Path], Any]] = {
    "predict": lambda run, _: whatsit.predict(run, "photo.jpg"),
    "load": lambda run, _: whatsit.load(run),
    "evaluate": lambda run, _: whatsit.evaluate(run),
    "compare": lambda run, _: whatsit.compare(run, run),
    "serve": lambda run, _: whatsit.serve(run, port=0),
    "deploy": lambda run, out: whatsit.deploy(run, out / "kit", to="browser"),
    "export": lambda run, out: whatsit.export(run, to="numpy", into=out / "export"),
    "push": lambda run, _: whatsit.push(run, "owner/name"),
    "train --from": lambda run, out: whatsit.train("digits", from_=run, runs=out / "more"),
    "review --run": lambda run, _: whatsit.review("photos", run=run, port=0),
    "review --corrections": lambda run, _: whatsit.review(run, corrections=True, port=0),
}


def make_run(folder: Path) -> None:
    """What is taken for a run by its name alone."""
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"finished": "2026-11-30T12:00:00+00:00"}')


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands are given in, with the photos `photos/` and the run `runs/shop`."""
    monkeypatch.chdir(tmp_path)
    tiny_run(tmp_path / "runs" / "shop")
    class_folders(tmp_path / "photos", "cat", "dog")
    return tmp_path


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize("typed", ["shop", "runs/shpo", "Shop"])
def test_every_command_says_which_run_may_have_been_meant(
    ask: Callable[[str, Path], Any], typed: str, here: Path
) -> None:
    with pytest.raises(UserError) as refusal:
        ask(typed, here)
    assert refusal.value.hint == "Did you mean runs/shop?"


def test_a_folder_of_photos_that_is_called_as_the_run_is_not_taken_for_it(here: Path) -> None:
    (here / "shop").mkdir()
    with pytest.raises(UserError, match=r"There is no model in 'shop'\. Did you mean runs/shop\?"):
        whatsit.predict("shop", "photo.jpg")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("elsewhere/cat", "Did you mean elsewhere/cats or runs/cat-2?"),  # beside it, and where runs lie
        ("runs/cat/model.onnx", "Did you mean runs/cat-2?"),
        ("elsewhere", "There are: runs/cat-2, elsewhere/cats, 'elsewhere/my dogs'"),  # within it
        ("cat-2", "Did you mean runs/cat-2?"),
        ("ca", "Did you mean runs/cat-2?"),  # and so of run names that were begun
        ("doggs", "There are: runs/cat-2"),
        ("cat.onnx", "There are: runs/cat-2"),
    ],
)
def test_runs_are_looked_for_where_they_usually_lie_beside_and_within(
    typed: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("runs/cat-2", "elsewhere/cats", "elsewhere/my dogs"):
        make_run(Path(name))
    assert hint_run(Path(typed)) == hint


def test_what_has_to_be_quoted_is_and_many_are_not_all_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_run(Path("runs/Camera Roll 2024"))
    assert hint_run(Path("camera-roll-2024")) == "Did you mean 'runs/Camera Roll 2024'?"
    for number in range(5):
        make_run(Path(f"runs/x{number}"))
    assert hint_run(Path("photographs")) == "There are: 'runs/Camera Roll 2024', runs/x0, runs/x1, …"


@pytest.mark.parametrize("text", ["{}", '{"finished": null}', "{", "[]", "", "[" * 100_000])
def test_a_run_that_is_not_finished_or_damaged_is_not_named(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_run(Path("runs/shop"))
    Path("runs/shop/run.json").write_text(text)
    assert hint_run(Path("shop")) == NO_RUNS


def test_where_there_are_no_runs_it_says_what_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").write_text("no folder")
    assert hint_run(Path("shop")) == NO_RUNS
    assert hint_run(Path("x" * 5000)) == NO_RUNS
    assert hint_run(Path("a\0b")) == NO_RUNS


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may look everywhere")
def test_a_closed_folder_is_said(here: Path) -> None:
    (here / "runs").chmod(0)
    for opens in (whatsit.load, whatsit.evaluate):
        with pytest.raises(UserError, match="cannot be opened"):
            opens("runs/shop")
    (here / "runs").chmod(0o700)


def test_a_name_longer_than_any_file_is_refused_in_a_sentence() -> None:
    for opens in (whatsit.load, whatsit.evaluate):
        with pytest.raises(UserError, match="There is no run in"):
            opens("x" * 5000)


@pytest.mark.parametrize("typed", ["runs/more", "runs/more/model.onnx"])
def test_of_a_training_that_stopped_it_says_how_it_goes_on(typed: str, here: Path) -> None:
    (here / "runs" / "more").mkdir()
    (here / "runs" / "more" / "run.json").write_text('{"finished": ""}')
    assert hint_run(Path(typed)).startswith("A training stopped there.")
    with pytest.raises(UserError) as refusal:
        whatsit.predict(typed, "photo.jpg")
    assert refusal.value.hint.startswith("A training stopped there.")
