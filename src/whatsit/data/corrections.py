"""Corrections: photos whose answer somebody put right on a served page, kept beside the run that answered.

RUN/corrections/%proposed/CLASS/NAME.jpg   what strangers say: proposals, until the owner has looked
RUN/corrections/CLASS/NAME.jpg             what the owner put there, and what versions before 0.2 kept: accepted
RUN/corrections/journal.jsonl              a line a proposal, in the order they came

The server writes proposals; `whatsit review RUN --corrections` decides about them, in a catalog of their own;
training reads what was accepted. A photo's name is its own digest. All of it may be looked through and edited by
hand: a photo counts for the class whose folder it lies in. Photos that are none of the classes lie in `%none`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.catalog import HAS, HAS_NOT, LEAVE_OUT, RELABEL, Decision, has_catalog, open_catalog
from whatsit.data.dataset import NO_PART, Dataset, Skipped
from whatsit.data.faces import detector_of
from whatsit.data.faces.face import NO_FACE, Detector, face_in
from whatsit.data.listing.walk import IN_NO_CLASS, walk
from whatsit.data.photos import Files, Joined
from whatsit.data.target import ONE_CLASS, Target
from whatsit.data.target.several import NOT_LOOKED_FOR, SEPARATOR
from whatsit.errors import UserError
from whatsit.files import readable
from whatsit.image import Box, UnreadablePhoto

FOLDER = "corrections"
JOURNAL = "journal.jsonl"
PROPOSED = "%proposed"  # as NONE, a name that no class's folder has
DEEPER = "in a folder within a class folder"
_PLACES = {0: IN_NO_CLASS, 1: ""}  # by the folders that a photo lies in
NONE = "%none"  # no class has this folder, as a % of a name is written %25


def folder_of_class(label: str) -> str:
    """The folder of a class: its name, with what no folder may have in its name as %XX."""
    kept = label.replace("%", "%25").replace("/", "%2F").replace("\\", "%5C").replace("\0", "%00")
    return "%2E" + kept[1:] if kept.startswith(".") else kept


def class_of_folder(folder: str) -> str:
    """The class whose folder has this name."""
    return unquote(folder)


def proposals_in(run: Path) -> Path:
    """The folder of what strangers propose about a run's answers."""
    return run / FOLDER / PROPOSED


def read_proposals(run: Path, classes: Sequence[str], target: Target = ONE_CLASS) -> Dataset:
    """The proposals of a run as a data set to decide about, with the classes of its model and `none of these`, or
    with its labels where it says several.

    Raises UserError where there are none.
    """
    folder = proposals_in(run)
    files, left = photos_in(folder)
    if not files:
        raise UserError(
            f"There are no proposed corrections in {str(run)!r}.",
            hint=f"People may propose some on its page: {words.typed('whatsit', 'serve', run, '--corrections')}",
        )
    everything = tuple(classes) if target.says_any_number else (*classes, NONE)
    kept: list[Path] = []
    for file in files:
        if _is_known(label := _class_of(file), everything, target):
            kept.append(file)
        else:
            left.append(Skipped(str(file.relative_to(folder)), _no_class(label)))
    places = {label: place for place, label in enumerate(everything)}
    said = [_read(_class_of(file), target, places) for file in kept]
    labels = np.array(said, np.int64).reshape(target.shape(len(kept), len(everything)))
    names = [str(file.relative_to(folder)) for file in kept]
    parts = np.full(len(kept), NO_PART, "<U5")
    about: dict[str, Any] = {"root": folder, "skipped": tuple(left), "target": target}
    return Dataset(f"{run.name}: proposed corrections", everything, Files(folder, names), labels, parts, **about)


def add_corrections(dataset: Dataset, runs: Sequence[Path], with_proposals: bool = False) -> Dataset:
    """`dataset` with the corrected photos of these runs behind its own, all of them in the training part.

    runs: newest first; of a photo corrected in several of them the newest says what it is
    with_proposals: also those that nobody has looked at; what was left out in the review stays out
    Whatever else lies there stands in `skipped`, with its reason. The same object where there is nothing.
    """
    seen: set[str] = set()
    for run in runs:
        files, left = photos_in(run / FOLDER)
        accepted, more = _accepted(run, with_proposals)
        found: dict[Path, str] = {}
        named = {one.name: one.reason for one in left} | more
        for file, label in [*((file, _class_of(file)) for file in files), *accepted]:
            if file.name in seen:
                named[_below(run, file)] = "corrected again since"
            elif not _is_known(label, dataset.classes, dataset.target):
                named[_below(run, file)] = _no_class(label)
            else:
                found[file] = label
            seen.add(file.name)
        skipped = tuple(Skipped(f"{run.name}/{FOLDER}/{name}", reason) for name, reason in named.items())
        dataset = replace(dataset, skipped=(*dataset.skipped, *skipped)) if skipped else dataset
        dataset = _with(dataset, run, found) if found else dataset
    return dataset


def _is_known(label: str, classes: Sequence[str], target: Target) -> bool:
    """Whether a correction says something that there is: a class, or a set of labels, none of them too."""
    if not target.says_any_number:
        return label in classes
    names = (one.removeprefix(NOT_LOOKED_FOR) if one not in classes else one for one in label.split(SEPARATOR))
    return label == NONE or set(names) <= set(classes)


def _read(label: str, target: Target, places: Mapping[str, int]) -> Any:
    return target.read("" if label == NONE and target.says_any_number else label, places)


def count_unseen(runs: Sequence[Path]) -> int:
    """How many proposals of these runs nobody has looked at."""
    return sum(len(photos_in(proposals_in(run))[0]) - len(set().union(*_decided(run))) for run in runs)


def photos_in(folder: Path) -> tuple[list[Path], list[Skipped]]:
    """The photos CLASS/NAME of a folder of corrections by path, and what else lies there, with the reason.

    Raises UserError where the folder cannot be opened.
    """
    if not folder.is_dir():
        return [], []
    photos, left = [], []
    try:
        for entry in walk(folder):
            above = entry.name.split("/")[:-1]
            if above[:1] == [PROPOSED] or entry.name in (PROPOSED, JOURNAL):
                continue
            reason = entry.reason or _PLACES.get(len(above), DEEPER)
            if reason:
                left.append(Skipped(readable(entry.name), reason))
            else:
                photos.append(folder / entry.name)
    except OSError as error:
        raise UserError(
            f"The corrections in {readable(str(folder))!r} cannot be opened ({error.strerror}).",
            hint="Change the folder's rights.",
        ) from None
    return sorted(photos), left


def _accepted(run: Path, with_proposals: bool) -> tuple[list[tuple[Path, str]], dict[str, str]]:
    """The proposals that count, each with its class; one that was left out counts for none, "".

    And what else lies there, by its name below the corrections, with the reason.
    """
    (decided, marks), folder = _decided(run), proposals_in(run)
    files, left = photos_in(folder)
    found = []
    for file in files:
        name = str(file.relative_to(folder))
        one, of_labels = decided.get(name), marks.get(name, {})
        if one is not None or of_labels or with_proposals:
            is_out, is_moved = (one is not None and one.decision == kind for kind in (LEAVE_OUT, RELABEL))
            label = one.label if one is not None and is_moved else _class_of(file)
            found.append((file, "" if is_out else _put_right(label, of_labels)))
    return found, {f"{PROPOSED}/{one.name}": one.reason for one in left}


def _put_right(label: str, marks: Mapping[str, Decision]) -> str:
    """A proposal with what was decided about single labels of it."""
    said = dict.fromkeys([] if label == NONE else label.split(SEPARATOR)) if marks else {}
    for name, one in marks.items():
        said.pop(name, None)
        if one.decision != HAS_NOT:
            said[name if one.decision == HAS else NOT_LOOKED_FOR + name] = None
    return (SEPARATOR.join(said) or NONE) if marks else label


def _decided(run: Path) -> tuple[dict[str, Decision], dict[str, dict[str, Decision]]]:
    """What was decided about proposals that are still there, by their names below their folder, and about single
    labels of theirs."""
    folder = proposals_in(run)
    if not folder.is_dir() or not has_catalog(folder):
        return {}, {}
    with open_catalog(folder) as catalog:
        decisions, marks = catalog.decisions(), catalog.label_decisions()
    here = {name for name in decisions.keys() | marks.keys() if (folder / name).is_file()}
    return (
        {name: one for name, one in decisions.items() if name in here},
        {name: of_labels for name, of_labels in marks.items() if name in here},
    )


def _below(run: Path, file: Path) -> str:
    return str(file.relative_to(run / FOLDER))


def _no_class(label: str) -> str:
    """Why a photo of a class that is none of the data set's is not learnt from."""
    if not label:
        return "left out in the review"
    return "of none of the classes" if label == NONE else f"of the class {label!r}, which the data set has not"


def _class_of(file: Path) -> str:
    return NONE if file.parent.name == NONE else class_of_folder(file.parent.name)


def _with(dataset: Dataset, run: Path, given: Mapping[Path, str]) -> Dataset:
    found: Sequence[Path] = list(given)
    boxes = dataset.boxes
    if boxes is not None:
        cut = dict(_faces_in(found, detector_of(dataset.crop, dataset.detector, dataset.name)))
        without = tuple(
            Skipped(f"{run.name}/{file.relative_to(run)}", NO_FACE) for file in found if file not in cut
        )
        dataset = replace(dataset, skipped=(*dataset.skipped, *without))
        boxes, found = (*boxes, *cut.values()), list(cut)
    places = {label: place for place, label in enumerate(dataset.classes)}
    said = [_read(given[file], dataset.target, places) for file in found]
    labels = np.array(said, np.int64).reshape(dataset.target.shape(len(said), len(places)))
    extra = Files(run / FOLDER, [str(file.relative_to(run / FOLDER)) for file in found])
    return replace(
        dataset,
        photos=Joined(dataset.photos, extra, f"{run.name}/{FOLDER}/"),
        labels=np.concatenate([dataset.labels, labels]),
        parts=np.concatenate([dataset.parts, np.full(len(found), "train", dataset.parts.dtype)]),
        groups=_alone(dataset.groups, len(found)),
        columns={name: [*values, *[""] * len(found)] for name, values in dataset.columns.items()},
        boxes=boxes,
    )


def _alone(groups: NDArray[np.int64] | None, more: int) -> NDArray[np.int64] | None:
    """Groups with photos behind them that belong to none; copies are found again from their content."""
    if groups is None:
        return None
    return np.concatenate([groups, groups.max(initial=-1) + 1 + np.arange(more, dtype=np.int64)])


def _faces_in(files: Sequence[Path], detector: Detector) -> Iterator[tuple[Path, Box]]:
    """The photos that show a face, and where."""
    for file in files:
        try:
            faces = face_in(file.read_bytes(), detector)
        except UnreadablePhoto:
            continue
        if faces:
            yield file, faces[0].box
