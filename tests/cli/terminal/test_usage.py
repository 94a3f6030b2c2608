"""What is said of a command line that cannot be taken."""

from __future__ import annotations

import pytest

from whatsit.cli import app


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["train", "our", "shop"],
            "Nothing takes 'shop' here. Is it part of a name with blanks? Put that in quotes.",
        ),
        (["info", "Camera", "Roll", "2024"], "Nothing takes 'Roll', '2024' here."),
        (["train"], 'Command "train" parameter DATA requires an argument.'),
    ],
)
def test_it_is_said_in_a_sentence(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app()(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert told in " ".join((said.err + said.out).replace("│", " ").split())
