"""Who decides on a page: the names that are taken, and those that are not."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

import whatsit
from whatsit.errors import UserError
from whatsit.reviewing.person import LONGEST, name_person


def test_a_name_is_taken_as_it_is_said_and_the_systems_user_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_person(" Ä. 猫 ") == "Ä. 猫"
    monkeypatch.setenv("LOGNAME", "somebody")
    assert name_person(None) == "somebody"
    monkeypatch.setenv("LOGNAME", "some\nbody")
    assert name_person(None) == ""


def test_a_user_that_the_system_does_not_know_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 4242")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert name_person(None) == ""


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "x" * (LONGEST + 1)])
def test_what_is_no_name_is_refused(name: str, folder: Path) -> None:
    with pytest.raises(UserError, match="no name to decide by"):
        whatsit.review(folder, as_=name)


def test_a_pile_has_no_place_for_a_name(folder: Path) -> None:
    with pytest.raises(UserError, match="sorted by one person at a time"):
        whatsit.review(folder / "cat", as_="A")
