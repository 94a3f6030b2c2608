"""Corrections: photos whose answer somebody put right on a served page, kept beside the run that answered.

RUN/corrections/CLASS/NAME.jpg   class folders, with the photo's own digest for a name
RUN/corrections/journal.jsonl    a line a correction, in the order they came

The server writes them; training reads the folders. Both may be looked through and edited by hand: a photo counts
for the class whose folder it lies in. Photos that are none of the classes lie in `%none`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.faces import detector_of
from whatsit.data.faces.face import NO_FACE, Detector, face_in
from whatsit.data.photos import Files, Joined
from whatsit.image import SUFFIXES, Box, UnreadablePhoto

FOLDER = "corrections"
JOURNAL = "journal.jsonl"
NONE = "%none"  # no class has this folder, as a % of a name is written %25


def folder_of_class(label: str) -> str:
    """The folder of a class: its name, with what no folder may have in its name as %XX."""
    kept = label.replace("%", "%25").replace("/", "%2F").replace("\\", "%5C").replace("\0", "%00")
    return "%2E" + kept[1:] if kept.startswith(".") else kept


def class_of_folder(folder: str) -> str:
    """The class whose folder has this name."""
    return unquote(folder)


def add_corrections(dataset: Dataset, runs: Sequence[Path]) -> Dataset:
    """`dataset` with the corrected photos of these runs behind its own, all of them in the training part.

    runs: newest first; of a photo corrected in several of them the newest says what it is
    Corrections to classes the data set does not have are left out. The same object where there are none.
    """
    seen: set[str] = set()
    for run in runs:
        every = sorted(file for file in (run / FOLDER).glob("*/*") if file.suffix.lower() in SUFFIXES)
        found = [
            file
            for file in every
            if file.name not in seen and class_of_folder(file.parent.name) in dataset.classes
        ]
        seen.update(file.name for file in every)
        dataset = _with(dataset, run, found) if found else dataset
    return dataset


def _with(dataset: Dataset, run: Path, found: Sequence[Path]) -> Dataset:
    boxes = dataset.boxes
    if boxes is not None:
        cut = dict(_faces_in(found, detector_of(dataset.crop, dataset.detector, dataset.name)))
        without = tuple(
            Skipped(f"{run.name}/{file.relative_to(run)}", NO_FACE) for file in found if file not in cut
        )
        dataset = replace(dataset, skipped=(*dataset.skipped, *without))
        boxes, found = (*boxes, *cut.values()), list(cut)
    labels = np.array([dataset.classes.index(class_of_folder(file.parent.name)) for file in found], np.int64)
    extra = Files(run / FOLDER, [str(file.relative_to(run / FOLDER)) for file in found])
    return replace(
        dataset,
        photos=Joined(dataset.photos, extra, f"{run.name}/{FOLDER}/"),
        labels=np.concatenate([dataset.labels, labels]),
        parts=np.concatenate([dataset.parts, np.full(len(found), "train", dataset.parts.dtype)]),
        groups=None,  # found again from content: a corrected photo may be one we have
        boxes=boxes,
    )


def _faces_in(files: Sequence[Path], detector: Detector) -> Iterator[tuple[Path, Box]]:
    """The photos that show a face, and where."""
    for file in files:
        try:
            faces = face_in(file.read_bytes(), detector)
        except UnreadablePhoto:
            continue
        if faces:
            yield file, faces[0].box
