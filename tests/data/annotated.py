"""Data sets with annotations, drawn: COCO, Pascal VOC, YOLO."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drawing import put

# Photos with what is in them, each as often as there are boxes of it.
SEEN: Mapping[str, Sequence[str]] = {
    "a": ("dog", "cat", "dog"),
    "b": ("cat",),
    "c": (),
    "d": ("dog",),
}
SAID = {"a": "cat;dog", "b": "cat", "c": "", "d": "dog"}


def coco(seen: Mapping[str, Sequence[str]] = SEEN, suffix: str = ".png", folder: str = "") -> dict[str, Any]:
    """What a COCO file says of photos; ids count from 1, and one category is in none of them."""
    names = sorted({name for labels in seen.values() for name in labels} | {"bird"})
    pairs = [(image, label) for image, labels in enumerate(seen.values(), 1) for label in labels]
    return {
        "info": {"year": 2026},
        "images": [{"id": number, "file_name": f"{folder}{stem}{suffix}"} for number, stem in enumerate(seen, 1)],
        "annotations": [
            {
                "id": number,
                "image_id": image,
                "category_id": names.index(label) + 1,
                "bbox": [1, 1, 4, 4],
                "segmentation": [[1, 1, 1, 5, 5, 5]],
                "iscrowd": 0,
            }
            for number, (image, label) in enumerate(pairs, 1)
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, 1)],
    }


def write(file: Path, content: Any) -> Path:
    """A JSON file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    return file


def draw(folder: Path, stems: Sequence[str] = tuple(SEEN), suffix: str = ".png", seed: int = 0) -> Path:
    """Photos of these names."""
    for number, stem in enumerate(stems):
        put(folder / f"{stem}{suffix}", seed=seed + number)
    return folder


def voc_xml(stem: str, objects: Sequence[tuple[str, int]]) -> str:
    """An annotation with objects, each with whether it is difficult."""
    parts = "<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>"
    inside = "".join(
        f"<object><name>{name}</name><difficult>{difficult}</difficult>{parts}</object>"
        for name, difficult in objects
    )
    return f"<annotation><folder>x</folder><filename>{stem}.png</filename>{inside}</annotation>"


def write_voc(root: Path, photos: str = "JPEGImages", notes: str = "Annotations", seed: int = 0) -> Path:
    """The photos of SEEN with an XML file each; in `c` a bird that is difficult to see."""
    draw(root / photos, seed=seed)
    for stem, labels in SEEN.items():
        (root / notes).mkdir(parents=True, exist_ok=True)
        objects = [*((label, 0) for label in labels), *([("bird", 1)] if stem == "c" else [])]
        (root / notes / f"{stem}.xml").write_text(voc_xml(stem, objects))
    return root


def write_yolo(photos: Path, notes: Path, names: Sequence[str] = ("cat", "dog"), seed: int = 0) -> None:
    """The photos of SEEN with a text file each, but for those with nothing in them."""
    draw(photos, seed=seed)
    notes.mkdir(parents=True, exist_ok=True)
    for stem, labels in SEEN.items():
        if labels:
            lines = [f"{names.index(label)} 0.5 0.5 0.1 0.1" for label in labels]
            (notes / f"{stem}.txt").write_text("\n".join(lines) + "\n")
