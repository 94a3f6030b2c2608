r"""What belongs together because people say so: the photos of one patient, plant, sign, place, video.

A rule is one of

    COLUMN          a column of the table the photos come from
    folder          the folder below the class: CLASS/GROUP/photo.jpg
    day, camera     what the camera wrote into the photo (EXIF)
    a pattern       of file names, with what names the group in brackets: IMG_(\d+)_

Equal names are one group wherever they stand: a patient who has photos of two classes is one patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from whatsit import engine, events, words
from whatsit.data.dataset import PARTS, Dataset
from whatsit.data.photos import Photos
from whatsit.data.readers.parts import PART_FOLDERS
from whatsit.data.splitting.groups import ALONE, join_groups, number_names
from whatsit.errors import UserError, suggest_nearest
from whatsit.image import Taken, read_taken


def keep_together(dataset: Dataset, rule: str) -> Dataset:
    """The data set with photos that a rule names alike in one group, beside the groups it has.

    Raises UserError where the rule means nothing here, or puts no two photos together, or all of them.
    """
    names = name_groups(dataset, rule)
    found = number_names(names)
    several = np.bincount(found)[found] > 1
    if not several.any():
        raise UserError(
            f"By --group {rule} no two photos belong together.",
            hint="Look at the names of some photos: whatsit info DATA --show 0:9",
        )
    if len(np.unique(found)) < len(PARTS):
        raise UserError(
            f"--group {rule} makes {words.count(len(np.unique(found)), 'group')}, and a split needs three.",
            hint="Say what tells more groups apart; ten a class are few.",
        )
    return replace(dataset, groups=join_groups(dataset.groups, found), grouped_by=rule)


def name_groups(dataset: Dataset, rule: str) -> Sequence[str]:
    """The name of each photo's group by a rule; ALONE where it has none. Raises UserError."""
    columns = {name.casefold(): name for name in dataset.columns}
    if rule.casefold() in columns:
        return [value.strip() for value in dataset.columns[columns[rule.casefold()]]]
    if rule in RULES:
        return RULES[rule](dataset)
    if "(" in rule:
        return _by_pattern(dataset, rule)
    raise UserError(
        f"There is nothing called {rule!r} to keep photos together by.",
        hint=f"{suggest_nearest(rule, [*dataset.columns, *RULES])} A pattern has brackets: 'IMG_(\\d+)_'.",
    )


def _by_pattern(dataset: Dataset, rule: str) -> Sequence[str]:
    """What the brackets hold in the file name; in the whole path, where the pattern has a slash."""
    try:
        pattern = re.compile(rule)
    except re.error as error:
        raise UserError(
            f"--group '{rule}' is no pattern: {error}.", hint=r"Write it as in 'IMG_(\d+)_'."
        ) from None
    if not pattern.groups:
        raise UserError(
            f"--group '{rule}' does not say which piece of a name is the group's.",
            hint=r"Put that piece in brackets, as in 'IMG_(\d+)_'.",
        )
    names = [name if "/" in rule else PurePosixPath(name).name for name in dataset.photos.names]
    found = [pattern.search(name) for name in names]
    without = [name for name, match in zip(names, found, strict=True) if match is None]
    if len(without) == len(names):
        raise UserError(
            f"--group '{rule}' fits no file name; the first is {names[0]!r}.",
            hint="Without a slash in it a pattern is looked for in the file name alone.",
        )
    if without:
        events.warn(
            f"{words.count(len(without), 'photo')} named otherwise than --group '{rule}' wants will stand alone; "
            f"the first is {without[0]!r}."
        )
    return [
        ALONE if match is None else "\0".join(piece or "" for piece in match.groups()).strip("\0")
        for match in found
    ]


def _by_folder(dataset: Dataset) -> Sequence[str]:
    """The first folder below the class folder, or in which paths of a table differ."""
    if not dataset.photos.are_in_folders:
        raise UserError(
            f"The photos of {dataset.name!r} lie in no folders.", hint="Give a column or a pattern to --group."
        )
    folders = [list(PurePosixPath(name).parts[:-1]) for name in dataset.photos.names]
    if all(path and path[0].casefold() in PART_FOLDERS for path in folders) and (dataset.parts != "").all():
        folders = [path[1:] for path in folders]
    if all(folders) and _are_classes([path[0] for path in folders], dataset):
        folders = [path[1:] for path in folders]
    while all(folders) and len({path[0] for path in folders}) == 1:
        folders = [path[1:] for path in folders]
    return [path[0] if path else ALONE for path in folders]


def _are_classes(names: Sequence[str], dataset: Dataset) -> bool:
    """Whether folders stand for the classes, whatever they are called."""
    labels = [tuple(np.atleast_1d(label).tolist()) for label in dataset.labels]
    pairs = set(zip(names, labels, strict=True))
    return len(pairs) == len(set(names)) == len(set(labels))


def _by_taken(choose: Callable[[Taken], str]) -> Callable[[Dataset], Sequence[str]]:
    def name(dataset: Dataset) -> Sequence[str]:
        photos = (dataset.photos.select(np.array([row])) for row in range(len(dataset)))
        with events.progress("Reading what cameras wrote", len(dataset)) as step:
            found = []
            for taken in engine.each(taken_of, photos, engine.chosen()):
                found.append(choose(taken))
                step(1)
        return found

    return name


def taken_of(photos: Photos) -> Taken:
    """When and by which camera one photo was taken, as far as it says."""
    try:
        content = photos.read(0)
        return read_taken(content) if isinstance(content, bytes) else Taken()
    except OSError:  # decoding it will say so
        return Taken()


RULES: dict[str, Callable[[Dataset], Sequence[str]]] = {
    "folder": _by_folder,
    "day": _by_taken(lambda taken: taken.day),
    "camera": _by_taken(lambda taken: taken.camera),
}


def describe_groups(dataset: Dataset) -> str:
    """What is kept together, in a sentence."""
    assert dataset.groups is not None
    _, place, sizes = np.unique(dataset.groups, return_inverse=True, return_counts=True)
    several = sizes[sizes > 1]
    across = 0
    if dataset.labels.ndim == 1:
        pairs = np.unique(np.stack([place, dataset.labels]), axis=1)
        across = int((np.bincount(pairs[0]) > 1).sum())
    said = (
        f"Kept together by --group {dataset.grouped_by}: {words.count(len(several), 'group')} of "
        f"{words.between(several.min(), several.max())} photos"
    )
    alone = int((sizes == 1).sum())
    said += f", and {words.photos(alone)} alone" if alone else ""
    return said + (f"; groups with photos of several classes: {across:,}." if across else ".")
