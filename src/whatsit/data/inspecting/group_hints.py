"""Whether photos look as if they belonged together, where nobody said so.

Names, folders, columns and what cameras wrote propose groups; the pixels decide. Photos of one sign, patient or
place look more like one another than like the rest of their class, so for each photo it is asked whether the most
similar one of its class is of the same proposed group, and how often that would be so by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.dataset import Dataset
from whatsit.data.inspecting.group_effect import shrink_photos
from whatsit.data.pixels import Decoded
from whatsit.data.splitting.grouping import name_groups, taken_of
from whatsit.data.splitting.groups import number_names
from whatsit.records import Record

MOST, MOST_OF_CLASS = 4_000, 1_000  # photos that are compared, the first by name, so that groups stay whole
LEAST = 20  # photos that are compared
MOST_CLASSES = MOST // LEAST
ALIKE = 0.5  # of the photos have the most similar one in their own group: fewer are no reason to warn
BEYOND_CHANCE = 0.3  # and that is so much more than chance would give
MOST_LEVELS = 4  # pieces of a file name that are tried
_PIECE = re.compile(r"[0-9]+|[A-Za-z]+|[^0-9A-Za-z]+")
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class GroupHint(Record):
    """Groups that nobody said, and how much their photos look alike.

    rule:   what `--group` would take
    groups: how many there are among the photos that were compared
    alike:  the share of photos whose most similar one is of the same group
    chance: what that share would be if groups meant nothing
    """

    rule: str
    groups: int
    alike: float
    chance: float

    def __str__(self) -> str:
        return (
            f"Photos seem to belong together by --group {_quoted(self.rule)} ({self.groups:,} groups): for "
            f"{words.percent(self.alike, 0)} of them the most similar photo of their class is of the same group "
            f"(by chance {words.percent(self.chance, 0)}). If a group shows one thing, give that option: else the "
            "test asks about things that were learnt, and its figure flatters."
        )


def find_group_hint(dataset: Dataset, decoded: Decoded, exif: bool = False) -> GroupHint | None:
    """The proposal whose groups look most alike; None where none does, or where people said what belongs together.

    exif: whether to look at what cameras wrote too, which reads the files
    """
    if dataset.grouped_by or dataset.labels.ndim != 1 or not (dataset.columns or dataset.photos.are_in_folders):
        return None
    rows = _choose(dataset, decoded.same_content())
    some = dataset.select(rows)
    proposals = ((rule, number_names(names)) for rule, names in propose_groups(some, exif))
    counted = [(rule, groups, _count_in_groups(groups, some.labels)) for rule, groups in proposals]
    if not any(asked.sum() >= LEAST for _, _, asked in counted):
        return None  # before pixels are compared, which takes longest
    nearest = _find_nearest(shrink_photos(decoded, rows), some.labels)
    found = [
        hint
        for rule, groups, asked in counted
        if (hint := _judge(rule, groups, some.labels, nearest, asked)) is not None
    ]
    return max(found, key=lambda hint: (round(hint.alike, 1), hint.groups), default=None)


def propose_groups(dataset: Dataset, exif: bool = False) -> Iterator[tuple[str, Sequence[str]]]:
    """(rule, name of each photo's group) of what might be groups; exif: also by what cameras wrote."""
    yield from dataset.columns.items()
    if dataset.photos.are_in_folders:
        yield "folder", name_groups(dataset, "folder")
        for rule in _patterns(dataset.photos.names):
            pattern = re.compile(rule)
            found = [pattern.search(PurePosixPath(name).name) for name in dataset.photos.names]
            yield rule, ["" if match is None else match[1] for match in found]
    if exif:
        taken = [taken_of(dataset.photos.select(np.array([row]))) for row in range(len(dataset))]
        yield "day", [one.day for one in taken]
        yield "camera", [one.camera for one in taken]


def _patterns(names: Sequence[str]) -> list[str]:
    """Patterns of how file names begin: up to each piece but the last, by the commonest build of names."""
    builds: dict[tuple[str, ...], int] = {}
    for name in names:
        build = tuple(map(_kind, _PIECE.findall(PurePosixPath(name).stem)))
        builds[build] = builds.get(build, 0) + 1
    if not builds:
        return []
    pieces = max(builds, key=lambda build: builds[build])
    ends = [at for at in range(1, len(pieces)) if pieces[at - 1] in (_DIGITS, _LETTERS)][:MOST_LEVELS]
    return [f"^({''.join(pieces[:end])}){pieces[end]}" for end in ends]


_DIGITS, _LETTERS = "[0-9]+", "[A-Za-z]+"
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")


def _kind(piece: str) -> str:
    if piece[0].isdigit():
        return _DIGITS
    return _LETTERS if piece[0].isascii() and piece[0].isalpha() else _SPECIAL.sub(r"\\\g<0>", piece)


def _choose(dataset: Dataset, same: Rows) -> Rows:
    """The first photos of each class by name, one of each content (`same`): copies are no evidence. Of more than
    MOST_CLASSES classes some are asked, at equal steps."""
    labels, names = dataset.labels, dataset.photos.names
    most = min(MOST_OF_CLASS, max(LEAST, MOST // len(dataset.classes)))
    order = np.array(sorted(range(len(names)), key=lambda row: names[row]), np.int64)
    order = order[np.sort(np.unique(same[order], return_index=True)[1])]
    order = order[np.argsort(labels[order], kind="stable")]
    here, begins = np.unique(labels[order], return_index=True)
    ends = np.append(begins[1:], len(order))
    asked = np.unique(np.linspace(0, len(here) - 1, min(len(here), MOST_CLASSES)).round().astype(int))
    return np.concatenate([order[begins[one] : ends[one]][:most] for one in asked])


def _find_nearest(pixels: NDArray[np.float32], labels: Rows) -> Rows:
    """(n,) the place of the most similar other photo of each photo's class; its own where there is none."""
    nearest = np.arange(len(labels))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        some = pixels[rows] - pixels[rows].mean(axis=1, keepdims=True)
        some /= np.linalg.norm(some, axis=1, keepdims=True) + 1e-6
        alike = some @ some.T
        np.fill_diagonal(alike, -np.inf)
        nearest[rows] = rows[alike.argmax(axis=1)] if len(rows) > 1 else rows
    return nearest


def _count_in_groups(groups: Rows, labels: Rows) -> NDArray[np.bool_]:
    """(n,) whether a photo has company in its group, and its class has several groups: others say nothing."""
    asked = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        _, number, sizes = np.unique(groups[rows], return_inverse=True, return_counts=True)
        asked[rows] = (len(sizes) > 1) & (sizes[number] > 1)
    return asked


def _judge(rule: str, groups: Rows, labels: Rows, nearest: Rows, asked: NDArray[np.bool_]) -> GroupHint | None:
    """What is to be said of one proposal, by the photos that are asked about."""
    of = int(asked.sum())
    if of < LEAST:
        return None
    expected = 0.0
    for label in np.unique(labels[asked]):
        rows = np.flatnonzero(labels == label)
        _, number, sizes = np.unique(groups[rows], return_inverse=True, return_counts=True)
        expected += float(((sizes[number] - 1) / (len(rows) - 1))[asked[rows]].sum())
    alike, chance = float((groups[nearest] == groups)[asked].mean()), expected / of
    spread = 3 * np.sqrt(max(chance * (1 - chance), 1 / of) / of)  # three deviations: many proposals are tried
    if alike < ALIKE or alike - chance < max(BEYOND_CHANCE, spread):
        return None
    return GroupHint(rule, len(np.unique(groups)), round(alike, 4), round(chance, 4))


def _quoted(rule: str) -> str:
    return rule if rule.isalnum() else f"'{rule}'"
