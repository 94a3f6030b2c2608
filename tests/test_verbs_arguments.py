"""What verbs say of arguments of a wrong kind: a sentence and a hint, whatever the verb."""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import whatsit
from whatsit.cli import COMMANDS

if TYPE_CHECKING:
    from models import Tiny

NAMES = [name for name in (*COMMANDS, "sort") if name != "studio"]
OTHERS: dict[str, Any] = {
    "photos": "x.jpg",
    "out": "out",
    "into": "out",
    "to": "docker",
    "name": "o/n",
    "classes": ["a"],
}


def call(name: str, **wrong: Any) -> None:
    """A verb with an argument of a wrong kind, and ordinary ones in the other places that have to be filled."""
    verb = getattr(whatsit, name)
    given: list[Any] = []
    for one in inspect.signature(verb).parameters.values():
        if one.name in wrong and one.kind is not one.KEYWORD_ONLY:
            given.append(wrong.pop(one.name))
        elif one.kind is one.POSITIONAL_OR_KEYWORD and one.default is one.empty:
            given.append(OTHERS.get(one.name, "there-is-nothing-here"))
    verb(*given, **wrong)


def taking(*wanted: str) -> list[tuple[str, str]]:
    return [
        (name, one)
        for name in NAMES
        for one in inspect.signature(getattr(whatsit, name)).parameters
        if one in wanted and (name, one) != ("review", "run")
    ]


@pytest.mark.parametrize("value", [3, None, ["a", "b"], {"a": 1}], ids=["number", "none", "list", "dict"])
@pytest.mark.parametrize(("name", "argument"), taking("data", "run", "runs", "measure"))
def test_data_and_runs_of_a_wrong_kind_are_one_sentence(
    name: str, argument: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if value is None and inspect.signature(getattr(whatsit, name)).parameters[argument].default is None:
        return
    if name in ("forget", "demo", "make", "train") and argument == "runs":
        return  # where runs are put: a path that is written to
    with pytest.raises(whatsit.UserError) as refused:
        call(name, **{argument: value})
    assert refused.value.hint
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["cnn", {"recipe": "cnn"}, 3], ids=["text", "dict", "number"])
@pytest.mark.parametrize(("name", "argument"), taking("options"))
def test_options_of_a_wrong_kind_are_one_sentence(
    name: str, argument: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Tiny
) -> None:
    monkeypatch.chdir(tmp_path)
    first = "run" if name == "deploy" else "runs" if name == "serve" else "data"
    given = tiny.run.folder if first != "data" else "digits"
    with pytest.raises(whatsit.UserError, match=r"^The options are .*, and have to be \w+Options\(…\)") as refused:
        call(name, **{first: given, argument: value})
    assert refused.value.hint.startswith("Or give them by their names, as in ")


def test_one_name_where_a_list_is_wanted_is_a_list_of_one(folder: Path) -> None:
    with pytest.raises(whatsit.UserError, match="There is no check 'nope'"):
        whatsit.clean(folder, accept="nope")
    assert whatsit.clean(folder, accept="blurred").dataset.classes == ("cat", "dog")
    with pytest.raises(whatsit.UserError, match="There is no source 'nowhere'"):
        whatsit.collect(folder, "cat", source="nowhere")


@pytest.mark.parametrize("name", ["info", "clean", "pack", "train", "review", "collect", "make"])
def test_a_run_where_photos_are_wanted_is_called_a_run(
    name: str, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "my runs" / "pets"
    shutil.copytree(tiny.run.folder, run)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(whatsit.UserError, match="is a run, and this looks at photos") as refused:
        call(name, data=Path("my runs/pets"))
    source = whatsit.open_run(run).info.source or "DATA"
    wanted = {"train": f"whatsit train {source} --from 'my runs/pets'"}
    wanted["review"] = f"whatsit review {source} --run 'my runs/pets'"
    assert refused.value.hint.startswith(f"Give the photos: {wanted.get(name, f'whatsit {name} {source}')}")


def test_a_run_json_of_somebody_else_is_no_run(folder: Path) -> None:
    (folder / "run.json").write_text("{}")
    assert whatsit.info(folder).found.photos == 12
