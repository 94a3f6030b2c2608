"""How a folder's photos are cut, as its catalog has it: the name of the crop, and the file that finds the faces.

The file lies in the catalog itself, so that it goes wherever the decisions go, and is there whole or not at all.
"""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np

from whatsit import words
from whatsit.data.catalog import Catalog, open_catalog
from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.faces.chip import CHIP, place_chip
from whatsit.data.faces.face import NO_FACE, Detector, choose_search_size
from whatsit.data.objects import name_place
from whatsit.errors import UserError
from whatsit.image import Box

_CROP, _CONTENT = "crop", "face-detector"  # the catalog's facts


def load_crop(catalog: Catalog) -> tuple[str, bytes]:
    """The crop's name, empty where photos stay whole, and its detector's content."""
    return catalog.fact(_CROP), base64.b64decode(catalog.fact(_CONTENT))


def keep_crop(catalog: Catalog, detector: Detector | None) -> None:
    """Remember what photos are cut by; None leaves them whole."""
    with catalog.together():
        catalog.set_fact(_CROP, detector.crop if detector else "")
        catalog.set_fact(_CONTENT, base64.b64encode(detector.content).decode() if detector else "")


def cut_to_chips(dataset: Dataset, source: str = "") -> Dataset:
    """A data set that is cut to faces, with the same faces cut as chips. Raises UserError where it is not cut.

    source: the name by which it was read, as `clean` wants it: of a table its file, not the folder it lies in
    """
    if dataset.crop.endswith(CHIP):
        return dataset
    if not dataset.crop or dataset.root is None:
        cut = words.typed("whatsit", "clean", source or name_place(dataset), "--faces")
        raise UserError(
            f"The photos of {dataset.name!r} are not cut to faces, and a face network looks at nothing else.",
            hint=f"Cut them first: {cut}, or better with --face-detector FILE.",
        )
    with open_catalog(dataset.root) as catalog:
        chips = find_chips(catalog)
    names = dataset.photos.names
    have = np.array([name in chips for name in names], bool)
    kept = dataset.select(np.flatnonzero(have))
    without = tuple(Skipped(names[row], NO_FACE) for row in np.flatnonzero(~have).tolist())
    boxes = tuple(chips[name] for name in kept.photos.names)
    return replace(kept, boxes=boxes, crop=dataset.crop + CHIP, skipped=(*kept.skipped, *without))


def cut_as(dataset: Dataset, crop: str) -> Dataset:
    """The data set cut in the way called `crop` where only chips are missing; else as it is."""
    return cut_to_chips(dataset) if dataset.crop and crop == dataset.crop + CHIP else dataset


def find_chips(catalog: Catalog) -> dict[str, Box]:
    """The chip of each photo's largest face, by the photo's name."""
    photos, chips = catalog.photos(), dict[str, Box]()
    for face in catalog.faces():  # the one to use first
        known = photos.get(face.photo)
        if known is not None and face.photo not in chips:
            height, width = choose_search_size(known.width, known.height)
            chips[face.photo] = place_chip(face.detail["eyes"], width, height)
    return chips
