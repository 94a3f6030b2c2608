"""`whatsit collect`, `sources` and `forget` as a person types them, on a loopback web."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from web.collection import command_on, environment, names
from web.server import Web
from web.services import Shelf, bing, hang

CONTACT = ("--contact", "me@example.org")


@pytest.fixture
def whatsit(web: Web, tmp_path: Path):
    """Run a command; its exit code, stdout and stderr."""
    place = web.place(tmp_path / "place.json")

    def run(*words: str) -> tuple[int, str, str]:
        done = subprocess.run(
            command_on(place, *words), env=environment(), capture_output=True, text=True, timeout=100, cwd=tmp_path
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


def test_three_words_become_three_folders_with_an_account(whatsit, shelf: Shelf, web: Web, tmp_path: Path) -> None:
    for words in ("pikachu", "kanye west", "cat photo"):
        shelf.items[words] = hang(web, words, 30)
    code, out, err = whatsit(
        "collect", "photos", "pikachu", "kanye west", "cat=cat photo", "--per-class", "12", *CONTACT
    )
    assert code == 0
    assert out.splitlines() == [
        "pikachu: asked 12, found 20 addresses; 8 not needed; 12 photos.",
        "kanye west: asked 12, found 20 addresses; 8 not needed; 12 photos.",
        "cat: asked 12, found 20 addresses; 8 not needed; 12 photos.",
    ]
    assert sorted({name.split("/")[0] for name in names(tmp_path / "photos")}) == ["cat", "kanye west", "pikachu"]
    for place in (
        "photos/.whatsit/sheets/kanye west.png",
        "photos/.whatsit/addresses.csv",
        "photos/ATTRIBUTION.md",
    ):
        assert place in err
        assert (tmp_path / place).exists()


def test_the_account_as_json(whatsit, shelf: Shelf, web: Web) -> None:
    shelf.items["kite"] = hang(web, "kite", 5)
    code, out, _err = whatsit("collect", "photos", "kite", "--json", *CONTACT)
    [one] = json.loads(out)
    assert code == 0
    assert (one["class_name"], one["photos"], one["sources"]["openverse"]) == ("kite", 5, {"kept": 5})


def test_a_class_that_falls_short_says_what_to_try(whatsit, shelf: Shelf, web: Web) -> None:
    shelf.items["kite"] = hang(web, "kite", 5)
    code, _out, err = whatsit("collect", "photos", "kite", *CONTACT)
    assert code == 0
    assert "! 'kite' has 5 photos of 300 wanted." in err
    assert "--source bing" in err


def test_a_class_without_a_photo_is_a_failure(whatsit, shelf: Shelf) -> None:
    assert shelf.items == {}
    code, out, err = whatsit("collect", "photos", "qwxz", *CONTACT)
    assert code == 1
    assert "no photos." in out
    assert "other words" in err


def test_web_search_shows_its_terms_and_waits_for_an_answer(whatsit, web: Web) -> None:
    bing(web, Shelf({"kite": hang(web, "kite", 12)}))
    code, _out, err = whatsit("collect", "photos", "kite", "--source", "bing", "--per-class", "3", *CONTACT)
    assert code == 1
    assert "licences of what it finds are unknown" in " ".join(err.split())
    assert "--source bing --agree" in err
    words = ("collect", "photos", "kite", "--source", "bing", "--per-class", "3", "--agree")
    assert whatsit(*words, *CONTACT)[0] == 0


def test_a_source_is_named_wrongly(whatsit) -> None:
    code, _out, err = whatsit("collect", "photos", "kite", "--source", "bong", *CONTACT)
    assert code == 1
    assert "There is no source 'bong'." in err
    assert "Did you mean 'bing'?" in err


def test_no_class_is_a_usage_error(whatsit) -> None:
    code, _out, err = whatsit("collect", "photos")
    assert code == 2
    assert "CLASS is missing" in err


def test_sources_are_listed_and_checked(whatsit, shelf: Shelf, web: Web) -> None:
    shelf.items["red kite"] = hang(web, "red kite", 25)
    code, out, _err = whatsit("sources")
    assert code == 0
    assert "FLICKR_API_KEY" in out
    code, out, _err = whatsit("sources", "--check", *CONTACT)
    assert code == 1  # iNaturalist is not there
    assert "as expected: 20 photos" in " ".join(out.split())


def test_a_creator_is_forgotten(whatsit, shelf: Shelf, web: Web, tmp_path: Path) -> None:
    shelf.items["kite"] = hang(web, "kite", 5, author="Ann")
    whatsit("collect", "photos", "kite", *CONTACT)
    code, out, _err = whatsit("forget", "photos", "--creator", "Ann")
    assert (code, out) == (0, "Deleted: 5 photos. Addresses that will not be asked again: 5.\n")
    assert names(tmp_path / "photos") == []
    assert whatsit("forget", "photos", "--creator", "Zoe")[0] == 1
