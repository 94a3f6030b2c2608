"""What a pack says of itself: every photo with its origin, who made them, and Croissant metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from whatsit import events
from whatsit.data.catalog import Authorship, has_catalog, open_catalog
from whatsit.data.inspecting.sheet import SheetPicture, write_sheet
from whatsit.files import write_csv, write_json
from whatsit.packing.contents import Contents
from whatsit.packing.croissant import describe, find_misread
from whatsit.packing.vary import list_changes, vary_photo

PLACES = ("part", "place", "class", "photo", "copy", "group")
CREDITS = tuple(one.name for one in fields(Authorship))


def list_places(contents: Contents) -> tuple[str, ...]:
    """The columns of contents.csv; of several labels they stand in the place of the class."""
    if not contents.dataset.target.says_any_number:
        return PLACES
    return tuple("labels" if name == "class" else name for name in PLACES)


def write_about(folder: Path, contents: Contents, licence: str = "", address: str = "") -> None:
    """Write contents.csv, attribution.csv where origins are known, croissant.json and augmentations.png.

    licence, address: of the data set, where its owner names them
    """
    write_csv(folder / "contents.csv", list_places(contents), _places(contents))
    credits = list(_credits(contents))
    if credits:
        write_csv(folder / "attribution.csv", CREDITS, credits)
    if any(entry.copy for entry in contents.entries["train"]):
        _draw_augmentations(folder / "augmentations.png", contents)
    misread = () if contents.dataset.target.says_any_number else find_misread(contents.dataset.classes)
    if misread:
        events.warn(
            f"pandas, and mlcroissant by it, reads the class {misread[0]!r} as another or as none"
            f"{f', and {len(misread) - 1} more' if misread[1:] else ''}. contents.csv has the names as they are: "
            "pandas.read_csv(…, dtype=str, keep_default_na=False)."
        )
    licences = _licences(contents, credits, licence)
    address = address or contents.dataset.origin.address
    write_json(folder / "croissant.json", describe(folder, contents, list_places(contents), licences, address))


def _places(contents: Contents) -> Iterator[dict[str, Any]]:
    """A row an entry: a copy names the photo it was made from, so that nobody splits them apart later."""
    dataset, names = contents.dataset, contents.dataset.photos.names
    for part in contents.parts():
        for place, entry in enumerate(contents.entries[part]):
            said = dataset.written(entry.row)
            values = (part, place, said, names[entry.row], entry.copy, contents.group(entry) or "")
            yield dict(zip(list_places(contents), values, strict=True))


def _credits(contents: Contents) -> Iterator[dict[str, Any]]:
    """Who made the packed photos, as far as collecting wrote it down; every source's word."""
    root = contents.dataset.root
    if root is None or not has_catalog(root):
        return
    names = contents.dataset.photos.names
    packed = {names[entry.row] for part in contents.parts() for entry in contents.entries[part]}
    with open_catalog(root) as catalog:
        yield from (vars(one) for one in catalog.authorships() if one.photo in packed)


def _draw_augmentations(file: Path, contents: Contents) -> None:
    """A picture of what each augmentation does to a few photos."""
    rows = list(dict.fromkeys(entry.row for entry in contents.entries["train"]))[:4]
    changes = list_changes(contents.vary)
    shown: list[SheetPicture] = []
    for row in rows:
        (photo,) = contents.decoded.take(slice(row, row + 1))
        shown.append(SheetPicture("as it is", photo))
        shown += [
            SheetPicture(name, vary_photo(photo, change, (contents.seed, row, 1)))
            for name, change in changes.items()
        ]
    write_sheet(file, shown, columns=1 + len(changes))


def _licences(contents: Contents, credits: Sequence[Mapping[str, Any]], named: str) -> list[str]:
    """The licences of the packed photos: as named, else as sources stated them, else the data set's own."""
    if named:
        return [named]
    own = contents.dataset.origin.licence
    names = contents.dataset.photos.names
    said = {names[entry.row]: {own} for part in contents.parts() for entry in contents.entries[part]}
    stated: dict[str, set[str]] = {}
    for one in credits:
        stated.setdefault(one["photo"], set()).add(one["licence"] or own)
    return sorted(set().union(*(said | stated).values()))
