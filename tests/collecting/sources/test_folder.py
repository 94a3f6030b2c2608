"""Photos that somebody has: which of them are a class's."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from drawing import class_folders, put
from whatsit.collecting.search.found import Ask
from whatsit.collecting.sources import SOURCES
from whatsit.collecting.sources.folder import check_classes
from whatsit.errors import UserError
from whatsit.events import Event, Note, listening


def addresses(folder: object, class_name: str = "cat") -> list[str]:
    page = asyncio.run(SOURCES["folder"].page(Ask(class_name, "", argument=str(folder)), None))  # type: ignore[arg-type]
    return [one.address for one in page.found]


@pytest.mark.parametrize(
    ("classes", "said", "hint"),
    [
        (["dog", "cats"], "has no folder 'dog' with photos; it has 'cats', 'dogs'", "/dogs"),
        (["Cats"], "has no folder 'Cats'", "/cats"),
        (["bird"], "has no folder 'bird'", "/**"),
    ],
)
def test_a_class_without_a_folder_does_not_get_the_photos_of_others(tmp_path: Path, classes, said, hint) -> None:
    with pytest.raises(UserError, match=said) as refusal:
        check_classes(str(class_folders(tmp_path, "cats", "dogs")), classes)
    assert hint in refusal.value.hint


def test_photos_in_no_folders_are_those_of_one_class_only(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path / f"{number}.png")
    check_classes(str(tmp_path), ["cat"])
    with pytest.raises(UserError, match="cannot be those of 2 classes"):
        check_classes(str(tmp_path), ["cat", "dog"])


def test_all_below_a_folder_can_be_meant(tmp_path: Path) -> None:
    class_folders(tmp_path / "have", "cats", "dogs")
    check_classes(f"{tmp_path / 'have'}/**", ["pet"])
    assert len(addresses(f"{tmp_path / 'have'}/**", "pet")) == 6
    class_folders(tmp_path / "DCIM", "100APPLE", "101APPLE")
    check_classes(str(tmp_path / "DCIM"), ["pet"])
    assert len(addresses(tmp_path / "DCIM", "pet")) == 6


def test_names_that_are_no_text_and_links_are_taken_and_the_rest_is_said(tmp_path: Path) -> None:
    put(tmp_path / "cat" / "0.png")
    put(tmp_path / "far" / "1.png")
    put(tmp_path / "x.png").rename(os.fsdecode(os.fsencode(tmp_path / "cat") + b"/caf\xe9.png"))
    (tmp_path / "cat" / "away").symlink_to(tmp_path / "far")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    told: list[Event] = []
    with listening(told.append):
        found = addresses(tmp_path)
    assert [address.rsplit("/", 1)[1] for address in found] == ["0.png", "1.png", "caf%E9.png"]
    assert [one.text for one in told if isinstance(one, Note)] == [
        f"{tmp_path / 'cat'}: 1 left out, a named pipe, no file: pipe.png"
    ]
