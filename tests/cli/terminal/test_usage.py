"""What is said of a command line that cannot be taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whatsit.cli import COMMANDS, app
from whatsit.deploying import KITS
from whatsit.exporting import EXPORTS


def say(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of mistyped words, without the frame and the ends of its lines."""
    with pytest.raises(SystemExit) as ended:
        app()(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    return " ".join((said.err + said.out).replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["train", "our", "shop"],
            "Nothing takes 'shop' here. Is it part of a name with blanks? Put that in quotes.",
        ),
        (["info", "Camera", "Roll", "2024"], "Nothing takes 'Roll', '2024' here."),
        (["train"], "DATA is missing. A folder with one folder of photos a class"),
        (["train"], "Example: whatsit train digits --recipe cnn --epochs 10"),
        (["collect", "photos"], "CLASS is missing. Names of classes, searched for as they are"),
        (["pack", "photos"], "--into is missing. The new folder to write"),
        (["info", "photos", "--size"], "--size wants a value. The side, in pixels"),
        (["train", "photos", "--epochs", "ten"], "--epochs wants a whole number, which 'ten' is not."),
        (["train", "photos", "--test", "many"], "--test wants a number, which 'many' is not."),
    ],
)
def test_it_is_said_in_a_sentence(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told in say(words, capsys)


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        (["export", "runs/one"], {name: kind.purpose for name, kind in EXPORTS.items()}),
        (["export", "runs/one", "--to", "moon"], {name: kind.purpose for name, kind in EXPORTS.items()}),
        (["deploy", "runs/one", "kit"], {name: kind.purpose for name, kind in KITS.items()}),
        (["deploy", "runs/one", "kit", "--to", "moon"], {name: kind.purpose for name, kind in KITS.items()}),
    ],
)
def test_a_choice_that_has_to_be_made_is_listed_with_what_each_is_for(
    words: list[str], choices: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = say(words, capsys)
    for name, purpose in choices.items():
        assert f"--to {name} {purpose}" in said


@pytest.mark.parametrize("command", ["train", "pack", "deploy", "export", "serve", "predict", "review", "forget"])
def test_what_is_missing_is_said_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"Example: whatsit {command} " in say([command], capsys)


def test_the_help_says_no_default_that_is_the_same_as_leaving_the_option_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            app(command)([command, "--help"])
        told = " ".join(capsys.readouterr().out.replace("│", " ").split())
        for nothing in ("None", "False", "[]", "()", '""', "''"):
            assert f"[default: {nothing}]" not in told, command
        assert "--empty-" not in told


def test_the_help_names_in_its_first_line_what_it_explains_below(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            app(command)([command, "--help"])
        first, _, below = capsys.readouterr().out.partition("\n")
        for name in re.findall(r"(?<![\w-])[A-Z]{3,}(?= |\.\.\.|\]|$)", first.removeprefix("Usage: ")):
            assert name == "OPTIONS" or re.search(rf"\b{name}\b", below), (command, name)


@pytest.mark.parametrize("words", [["kit", "--to", "docker"], ["--to", "docker", "--into", "kit"]])
def test_the_folder_of_a_kit_is_named_as_other_commands_name_theirs_or_as_it_was(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    monkeypatch.setattr("whatsit.verbs.deploy", lambda _run, into, *_options: written.append(into))
    app("deploy")(["deploy", "runs/one", *words], result_action="return_value")
    assert written == [Path("kit")]
