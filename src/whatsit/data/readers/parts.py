"""Folders that are parts (train, val, test) and no classes, by the names people give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from whatsit.data.readers.tables.columns import NO_LABEL

# What people call the three parts.
PART_FOLDERS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
# Words that stand beside those and say nothing: training_set, TestImages, val-data.
_FILLERS = frozenset(
    {"set", "sets", "data", "dataset", "split", "part", "folder", "dir"}
    | {"image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "jpg", "png"}
)
UNLABELLED = frozenset({"pred", "predict", "prediction", "unlabeled", "unlabelled", "unsup", "inference"})
_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_GLUED = re.compile(rf"({'|'.join(sorted(PART_FOLDERS, key=len, reverse=True))})({'|'.join(_FILLERS)})")
# 100APPLE, 101_PANA, 202311__: what cameras call folders (DCF, JEITA CP-3461), and Google's export
_CAMERA = re.compile(r"[1-9]\d\d[A-Z0-9_]{5}|\d{6}__|Photos from (19|20)\d\d")
_PIECE = re.compile(r"(?:fold|split|set|part|batch|session|subset|partition|chunk|shard)[ _-]*\d+", re.IGNORECASE)
_SEARCH = frozenset({"query", "queries", "gallery", "probe"})
_NEW = re.compile(
    r"(?:new folder|neuer ordner|nouveau dossier|nueva carpeta|untitled(?: folder)?)(?: ?\(?\d+\)?)?", re.I
)
_WORDS_TOO = frozenset({"None", "NA", "Null", "inf", "-inf", "undefined"})  # which people may call a folder
_CARD = "dcim"  # the folder of a camera's card in which those lie (DCF), and of a phone beside its other folders


@dataclass(frozen=True)
class PartName:
    """A folder's name as a part, and what else it says: `seg_train` is `train` of `seg`."""

    part: str
    rest: tuple[str, ...] = ()


def part_of(name: str) -> PartName | None:
    """What a folder's name says of a part; None where it names none, or several."""
    words = _words(name)
    parts = [word for word in words if word in PART_FOLDERS and (word != "dev" or len(words) == 1)]
    if len(parts) != 1:
        return None
    return PartName(PART_FOLDERS[parts[0]], tuple(word for word in words if word not in (*parts, *_FILLERS)))


def is_exact(name: str) -> bool:
    """Whether a folder's name is nothing but a part's."""
    return name.casefold() in PART_FOLDERS


def are_parts(names: Sequence[str]) -> bool:
    """Whether folders are the parts of one data set: several parts, whose names differ by nothing else.

    Numbers may differ as well: train1, train2 and test.
    """
    found = [part_of(name) for name in names]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len({one.part for one in known}) < 2:
        return False
    return len({tuple(word for word in one.rest if not word.isdigit()) for one in known}) == 1


def is_unlabelled(name: str) -> bool:
    """Whether a folder says of itself that its photos have no class: `seg_pred`, `unlabeled`."""
    return bool(UNLABELLED & set(_words(name)))


def is_wrapper(name: str, part: str) -> bool:
    """Whether a folder that lies alone in a part says nothing new: `train/train`, `val/images`."""
    found, words = part_of(name), _words(name)
    return (found is not None and found.part == part) or (bool(words) and set(words) <= _FILLERS)


def are_a_cameras(names: Sequence[str]) -> bool:
    """Whether folders are those of a camera or phone: all called as cameras call them, or a card's among them."""
    return bool(names) and (
        all(_CAMERA.fullmatch(name) for name in names) or any(name.casefold() == _CARD for name in names)
    )


def are_folds(names: Sequence[str]) -> bool:
    """Whether folders are called as numbered pieces of one data set: fold1, fold2; or as those of a search."""
    if len(names) < 2:
        return False
    pieces = all(_PIECE.fullmatch(name) or _is_numbered_part(name) for name in names)
    return pieces or {name.casefold() for name in names} <= _SEARCH


def _is_numbered_part(name: str) -> bool:
    """Whether a folder is one of several pieces of a part: train1, test_2."""
    known = part_of(name)
    return known is not None and bool(known.rest) and all(word.isdigit() for word in known.rest)


def is_nameless(name: str) -> bool:
    """Whether a folder has the name that a system gives a new one, or a program what has none."""
    return bool(_NEW.fullmatch(name)) or (name in NO_LABEL and name not in _WORDS_TOO)


def _words(name: str) -> list[str]:
    words = [word.casefold() for word in _WORD.findall(_HUMP.sub(" ", name))]
    return [piece for word in words for piece in _split(word)]


def _split(word: str) -> tuple[str, ...]:
    glued = _GLUED.fullmatch(word)
    return glued.groups() if glued else (word,)
