"""The verbs as functions: what a person calls in Python, and what it gives back."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import whatsit
import whatsit.verbs
from whatsit import events
from whatsit.cli import COMMANDS
from whatsit.data.catalog import open_catalog

VERBS = [name for name in COMMANDS if name != "studio"]  # which is an application: no program calls it


def test_every_command_is_a_function_with_the_command_s_own_options() -> None:
    for name in VERBS:
        command = getattr(importlib.import_module(f"whatsit.cli.{name}"), name)
        verb = getattr(whatsit, name)
        ours = {one.rstrip("_") for one in inspect.signature(verb).parameters}
        typed = {one.rstrip("_") for one in inspect.signature(command).parameters}
        shown_only = {
            "json",
            "csv",
            "show",
            "png",
            "charts",
            "resize_preview",
            "changes",
            "size",
            "explain",
            "serve",
            "yes",
        }
        functions_of_their_own = {"sort", "link", "undo"} if name == "predict" else set()  # `sort` and `undo_sort`
        assert typed - shown_only - functions_of_their_own <= ours, name


def test_every_verb_says_what_it_gives_and_is_listed() -> None:
    for name in VERBS:
        assert name in dir(whatsit)
        assert inspect.getdoc(getattr(whatsit, name))


def test_the_package_lists_its_public_names_alone() -> None:
    assert dir(whatsit) == sorted(whatsit.__all__)
    assert not {"sys", "Any", "TYPE_CHECKING", "import_module", "annotations"} & set(dir(whatsit))


def test_what_verbs_give_back_is_shown_in_brief() -> None:
    """Every record that a public function returns: a data set of 1,797 photos took 28,000 characters."""
    from whatsit.words import brief

    seen = set()
    for name in {*VERBS, "read", "open_run", "load", "sort"}:
        for word in re.findall(r"\w+", str(inspect.signature(getattr(whatsit, name)).return_annotation)):
            kind = getattr(sys.modules[getattr(whatsit, name).__module__], word, None)
            kind = kind or _named(word)
            if is_dataclass(kind):
                assert kind.__repr__ is brief, word
                seen.add(word)
    assert {"Run", "Answer", "Cleaned", "Comparison", "Dataset", "Examined", "Seen", "Backbones"} <= seen
    digits = whatsit.read("digits")
    assert len(repr(digits)) < 400
    assert "photos=Arrays(…)" in repr(digits)


def _named(word: str) -> object:
    """A class of the package by its name, which verbs import for type checkers alone."""
    sources = "".join(file.read_text() for file in Path(whatsit.verbs.__file__).parent.glob("*.py"))
    lines = re.findall(rf"from (whatsit[\w.]*) import [^\n]*\b{word}\b", sources)
    return getattr(importlib.import_module(lines[0]), word) if lines else None


def test_training_options_are_keywords_that_help_shows() -> None:
    parameters = inspect.signature(whatsit.train).parameters
    assert parameters["recipe"].default == "auto"
    assert parameters["epochs"].kind is inspect.Parameter.KEYWORD_ONLY
    assert "learning_rate" in str(inspect.signature(whatsit.train))


def test_from_photos_to_answers_in_python(folder: Path, tmp_path: Path) -> None:
    cleaned = whatsit.clean(folder)
    assert cleaned.dataset.classes == ("cat", "dog")
    assert whatsit.info(folder).found.photos == 12
    runs = tmp_path / "runs"
    quick = whatsit.TrainOptions(recipe="classical")
    run = whatsit.train(folder, quick, models="logistic", features="raw", runs=runs, name="pets")
    assert run.folder == runs / "pets"
    assert run.is_finished
    (answer,) = whatsit.predict(run, folder / "cat" / "0.jpg")
    assert answer.label in ("cat", "dog")
    assert answer.probability == whatsit.load(run.folder).predict(folder / "cat" / "0.jpg").probability
    asked = whatsit.predict(run.folder, [folder / "cat", folder / "dog"], to=tmp_path / "answers.csv")
    assert asked.photos == 12
    assert whatsit.evaluate(run).report.exists()
    second = whatsit.train(folder, quick, models="svm-linear", features="raw", runs=runs)
    found = whatsit.compare(run, second.folder, html=tmp_path / "both.html")
    assert len(found.pairs) == 1
    assert (tmp_path / "both.html").exists()
    assert (whatsit.deploy(run, tmp_path / "kit", "docker", title="Pets") / "README.md").exists()


def test_cleaning_is_undone_by_the_same_verb(folder: Path) -> None:
    (folder / "cat" / "broken.jpg").write_bytes(b"no photo")
    assert whatsit.clean(folder).left_out == {"cat/broken.jpg"}
    assert whatsit.clean(folder, undo=True) == 1
    with open_catalog(folder) as catalog:
        assert not catalog.decisions()


def test_packing_takes_options_as_keywords(folder: Path, tmp_path: Path) -> None:
    contents = whatsit.pack(folder, tmp_path / "packed", to="npz", size=16)
    assert contents.decoded.size == (16, 16)
    assert (tmp_path / "packed").is_dir()


def test_a_misspelt_option_is_named() -> None:
    with pytest.raises(TypeError, match="Did you mean 'epochs'"):
        whatsit.train("digits", epoch=3)


def test_sources_are_listed_by_name() -> None:
    assert "openverse" in whatsit.sources()


def test_doctor_names_the_machine() -> None:
    assert whatsit.doctor().cores >= 1


def heard_of(verb: Callable[[], object]) -> list[events.Event]:
    heard: list[events.Event] = []
    with events.listening(heard.append):
        verb()
    return heard


def test_a_finding_is_told_as_it_is_found(folder: Path) -> None:
    (folder / "cat" / "broken.jpg").write_bytes(b"no photo")
    heard = heard_of(lambda: whatsit.clean(folder))
    (told,) = (event for event in heard if isinstance(event, events.FindingMade))
    assert (told.photo, told.check, told.severity) == ("cat/broken.jpg", "broken", "certain")


@pytest.mark.parametrize("to", ["folders", "npz", "shards"])
def test_packing_tells_every_photo_and_can_be_stopped(folder: Path, tmp_path: Path, to: str) -> None:
    heard = heard_of(lambda: whatsit.pack(folder, tmp_path / "whole", to=to, size=16))
    (work,) = (event.work for event in heard if isinstance(event, events.Begin) and event.what == "Packing")
    assert sum(event.count for event in heard if isinstance(event, events.Step) and event.work == work) == 12
    assert events.Saved("pack", str(tmp_path / "whole")) in heard

    def stop_while_packing(event: events.Event) -> None:
        if isinstance(event, events.Begin) and event.what == "Packing":
            events.stop()

    with events.listening(stop_while_packing), pytest.raises(whatsit.Stopped):
        whatsit.pack(folder, tmp_path / "stopped", to=to, size=16)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("stopped")] == []


def test_type_checkers_know_every_option_by_its_name() -> None:
    tool = Path(__file__).parents[1] / "tools" / "choices.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
