"""Copies of photos in folders by what a model says of them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from models import tiny_run
from whatsit import events
from whatsit.errors import UserError
from whatsit.fetch.errors import FetchError
from whatsit.image import encode_png
from whatsit.model.asking.photos import resolve_names
from whatsit.model.asking.sorting import JOURNAL, SortCounts, sort_photos, undo_sort
from whatsit.model.classifier import Classifier


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return tiny_run(tmp_path_factory.mktemp("run") / "colours").model


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """Photos of the model's colours and others, two of one name, one broken."""
    rng = np.random.default_rng(0)
    for number in range(12):
        colour = [(200, 60, 60), (60, 200, 60), (60, 60, 200), (9, 9, 9)][number % 4]
        photo = np.clip(np.array(colour) + rng.integers(-20, 20, (20, 30, 3)), 0, 255).astype(np.uint8)
        file = tmp_path / "pile" / f"day{number % 2}" / f"{number // 2}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(photo))
    (tmp_path / "pile" / "bad.png").write_bytes(b"<html>")
    return tmp_path / "pile"


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def sort_pile(model: Classifier, pile: Path, out: Path, link: bool = False) -> SortCounts:
    return sort_photos(model, resolve_names([str(pile)], str.encode, io.BytesIO()), out, link)


@pytest.mark.parametrize("link", [False, True])
def test_every_photo_is_copied_once_by_its_answer_and_stays_where_it_was(
    model: Classifier, pile: Path, tmp_path: Path, link: bool
) -> None:
    before, out = files(pile), tmp_path / "out"
    counts = sort_pile(model, pile, out, link)
    assert files(pile) == before
    assert counts.failed == 1
    assert counts.sure + counts.unsure + counts.unlike == 12
    rows = [json.loads(line) for line in (out / JOURNAL).read_text().splitlines()[1:]]
    placed = {row["to"]: row for row in rows if row["to"]}
    copies = files(out)
    assert sorted(placed) == sorted(name for name in copies if name != JOURNAL)
    for to, row in placed.items():
        assert copies[to] == Path(row["photo"]).read_bytes()
        answer = model.predict(row["photo"])
        group = "unlike" if not answer.known else "sure" if answer.could_be == (answer.label,) else "unsure"
        assert to.startswith(group if group == "unlike" else f"{group}/{answer.label}/")
        assert (out / to).is_symlink() == link


def test_it_is_undone_but_for_what_somebody_changed_or_added(
    model: Classifier, pile: Path, tmp_path: Path
) -> None:
    before, out = files(pile), tmp_path / "out"
    sort_pile(model, pile, out)
    assert undo_sort(out) == (12, 0)
    assert not out.exists()
    sort_pile(model, pile, out)
    changed = next(file for file in out.rglob("*.png"))
    changed.write_bytes(b"mine")
    (out / "notes.txt").write_text("mine")
    assert undo_sort(out) == (11, 1)
    assert sorted(file.name for file in out.rglob("*") if file.is_file()) == sorted(
        [changed.name, "notes.txt", JOURNAL]
    )
    assert files(pile) == before


def test_the_same_call_goes_on_after_a_kill(model: Classifier, pile: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    sort_pile(model, pile, whole)
    sort_pile(model, pile, cut)
    lines = (cut / JOURNAL).read_text().splitlines(keepends=True)
    for line in lines[5:]:  # the last line is half written, and the photo of the one before was not placed
        if to := json.loads(line)["to"]:
            (cut / to).unlink()
    (cut / JOURNAL).write_text("".join(lines[:6]) + lines[6][:20])
    assert sort_pile(model, pile, cut) == sort_pile(model, pile, whole)
    assert files(cut) == files(whole)


def test_a_photo_of_the_web_is_fetched_once_to_be_asked_about_and_once_for_its_copy(
    model: Classifier, pile: Path, tmp_path: Path
) -> None:
    asked: list[str] = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        return (pile / "day0" / "0.png").read_bytes()

    names = ["https://a.example/1.png"]
    counts = sort_photos(model, resolve_names(names, fetch, io.BytesIO()), tmp_path / "out")
    assert counts.failed == 0
    assert asked == names * 2


@pytest.mark.parametrize("error", [FetchError("status-later", "the host answered 503"), UserError("It is gone.")])
def test_a_photo_that_goes_between_its_answer_and_its_copy_is_counted_and_stops_nothing(
    model: Classifier, pile: Path, tmp_path: Path, error: Exception
) -> None:
    photo, out = (pile / "day0" / "0.png").read_bytes(), tmp_path / "out"
    given = {"https://a.example/1.png": [photo], "https://a.example/2.png": [photo] * 3}

    def fetch(address: str) -> bytes:
        if not given[address]:
            raise error
        return given[address].pop()

    def sort() -> SortCounts:
        return sort_photos(model, resolve_names(given, fetch, io.BytesIO()), out)

    counts = sort()
    assert counts.failed == 1
    assert counts.sure + counts.unsure + counts.unlike == 1
    (copy,) = out.rglob("*.png")
    copy.unlink()
    given["https://a.example/2.png"].clear()
    heard: list[events.Event] = []
    with events.listening(heard.append):
        assert sort() == counts
    assert [one.text.partition(",")[0] for one in heard if isinstance(one, events.Warn)] == [
        "https://a.example/2.png was sorted before and has no copy"
    ]


def test_a_folder_with_other_things_or_none_sorted_is_refused(
    model: Classifier, pile: Path, tmp_path: Path
) -> None:
    before = files(pile)
    with pytest.raises(UserError, match="holds other things, such as"):
        sort_pile(model, pile, pile)
    assert files(pile) == before
    with pytest.raises(UserError, match="Nothing was sorted into"):
        undo_sort(tmp_path)


def test_sorting_into_the_pile_does_not_sort_the_copies(model: Classifier, pile: Path) -> None:
    first = sort_pile(model, pile, pile / "out")
    assert sort_pile(model, pile, pile / "out") == first


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes files from nobody, be it root")
def test_a_folder_that_cannot_be_made_is_said_before_photos_are_listed(model: Classifier) -> None:
    listed = map(pytest.fail, ["photos are listed"])
    with pytest.raises(UserError, match="'/proc/x' could not be written"):
        sort_photos(model, listed, Path("/proc/x"))
