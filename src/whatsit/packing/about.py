"""What a pack says of itself: every photo with its origin, who made them, and Croissant metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from whatsit.data.catalog import Authorship, has_catalog, open_catalog
from whatsit.data.sheet import SheetPicture, write_sheet
from whatsit.files import sha256_of, write_csv, write_json
from whatsit.packing.contents import Contents
from whatsit.packing.vary import list_changes, vary_photo

PLACES = ("part", "place", "class", "photo", "copy")
CREDITS = tuple(one.name for one in fields(Authorship))


def write_about(folder: Path, contents: Contents) -> None:
    """Write contents.csv, attribution.csv where origins are known, croissant.json and augmentations.png."""
    write_csv(folder / "contents.csv", PLACES, _places(contents))
    credits = list(_credits(contents))
    if credits:
        write_csv(folder / "attribution.csv", CREDITS, credits)
    if any(entry.copy for entry in contents.entries["train"]):
        _draw_augmentations(folder / "augmentations.png", contents)
    write_json(folder / "croissant.json", _croissant(folder, contents))


def _places(contents: Contents) -> Iterator[dict[str, Any]]:
    """A row an entry: a copy names the photo it was made from, so that nobody splits them apart later."""
    names, classes, labels = contents.dataset.photos.names, contents.dataset.classes, contents.dataset.labels
    for part in contents.parts():
        for place, entry in enumerate(contents.entries[part]):
            label = classes[int(labels[entry.row])]
            values = (part, place, label, names[entry.row], entry.copy)
            yield dict(zip(PLACES, values, strict=True))


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


def _croissant(folder: Path, contents: Contents) -> dict[str, Any]:
    """Metadata in Croissant 1.0 (MLCommons), the vocabulary that data set searches read."""
    dataset = contents.dataset
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix in (".npz", ".tar", ".csv"))
    return {
        "@context": {
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "conformsTo": "http://purl.org/dc/terms/conformsTo",
            "recordSet": "cr:recordSet",
            "field": "cr:field",
            "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
            "source": "cr:source",
            "fileObject": "cr:fileObject",
            "extract": "cr:extract",
            "column": "cr:column",
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": dataset.name,
        "description": f"{sum(map(len, contents.entries.values()))} photos of {', '.join(dataset.classes)}.",
        "license": dataset.origin.licence,
        "url": dataset.origin.address,
        "version": hashlib.sha256("".join(map(sha256_of, files)).encode()).hexdigest()[:12],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file.name,
                "name": file.name,
                "contentUrl": file.name,
                "encodingFormat": _KINDS[file.suffix],
                "sha256": sha256_of(file),
            }
            for file in files
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "photos",
                "name": "photos",
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"photos/{name}",
                        "name": name,
                        "dataType": "sc:Integer" if name in ("place", "copy") else "sc:Text",
                        "source": {"fileObject": {"@id": "contents.csv"}, "extract": {"column": name}},
                    }
                    for name in PLACES
                ],
            }
        ],
    }


_KINDS = {".npz": "application/zip", ".tar": "application/x-tar", ".csv": "text/csv"}
