"""PART/PHOTO.png and annotations/labels_PART.json: what photos show, as COCO has it, for tools of annotation.

COCO's own annotations are of things in boxes. Of a whole photo an annotation has `image_id` and `category_id` and
no `bbox`: so Datumaro writes and reads its `labels_PART.json`, and FiftyOne reads classifications. Where nobody
looked for some labels in a photo, its image lists in `neg_category_ids` those that were looked for and are not
there, as LVIS does; whatever it names nowhere is unknown. `group` is ours: equal for photos that belong together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from whatsit.data.target import UNKNOWN
from whatsit.events import Advance
from whatsit.files import explain_disk_errors, write_json
from whatsit.packing.contents import Contents, Entry
from whatsit.packing.folders import free_name

FIRST = 1  # of the ids, as COCO counts: 0 is the background's in many trainers


def write(folder: Path, contents: Contents, step: Advance) -> None:
    """Write a folder of photos and a file of annotations for each part; `step` is told each photo."""
    categories = [{"id": number, "name": name} for number, name in enumerate(contents.dataset.classes, FIRST)]
    with explain_disk_errors(folder):
        (folder / "annotations").mkdir()
        for part in contents.parts():
            (folder / part).mkdir()
            images, annotations = _write_part(folder / part, contents, part, step)
            about = {"description": f"{contents.dataset.name}: {part}"}
            content = {"info": about, "images": images, "annotations": annotations, "categories": categories}
            write_json(folder / "annotations" / f"labels_{part}.json", content)


def _write_part(
    place: Path, contents: Contents, part: str, step: Advance
) -> tuple[list[dict[str, Any]], list[dict[str, int]]]:
    names, (height, width) = contents.dataset.photos.names, contents.decoded.size
    labels = contents.labels(part)
    taken: dict[Path, Entry] = {}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, int]] = []
    for number, (entry, png) in enumerate(zip(contents.entries[part], contents.pngs(part), strict=True)):
        file = free_name(place, names[entry.row], entry, taken)
        taken[file] = entry
        file.write_bytes(png)
        image = {"id": FIRST + number, "file_name": file.name, "width": width, "height": height}
        if group := contents.group(entry):
            image["group"] = group
        if (np.atleast_1d(labels[number]) == UNKNOWN).any():
            image["neg_category_ids"] = (FIRST + np.flatnonzero(labels[number] == 0)).tolist()
        images.append(image)
        held = labels[number : number + 1] if labels.ndim == 1 else np.flatnonzero(labels[number] == 1)
        annotations += [
            {"id": FIRST + len(annotations) + more, "image_id": FIRST + number, "category_id": FIRST + label}
            for more, label in enumerate(held.tolist())
        ]
        step(1)
    return images, annotations
