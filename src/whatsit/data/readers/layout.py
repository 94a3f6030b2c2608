"""What the folders of a data set are, by their names and what they hold: classes, parts, or a question."""

from __future__ import annotations

from pathlib import Path

from whatsit import words
from whatsit.data.listing.walk import list_folder, walk, why_no_photo
from whatsit.data.names import find_copy
from whatsit.data.readers.dates import are_dates
from whatsit.data.readers.parts import (
    PART_FOLDERS,
    are_a_cameras,
    are_folds,
    are_parts,
    is_exact,
    is_nameless,
    is_unlabelled,
    part_of,
)
from whatsit.data.readers.piles import Unlabelled, hint_naming
from whatsit.errors import UserError
from whatsit.files import readable

# Folders of one data set that hold photos and what belongs to them, where classes would be called otherwise.
_PHOTOS = frozenset({"images", "image", "imgs", "img", "photos", "pictures", "jpegimages"})
_BESIDE = frozenset({"masks", "mask", "labels", "label", "annotations", "segmentationclass", "groundtruth", "gt"})


def is_parted(path: Path, folders: list[str]) -> bool:
    """Whether the folders of a data set are its parts. Raises UserError where some are and others are not."""
    named = [folder for folder in folders if not is_unlabelled(folder)]
    filled = [folder for folder in named if part_of(folder) and holds_folders(path / folder)]
    has_train = "train" in {PART_FOLDERS.get(folder.casefold()) for folder in filled}
    if are_parts(named) and not filled:
        raise UserError(
            f"The folders {named[0]!r} and {named[-1]!r} of {str(path)!r} are parts, and their photos lie in no "
            "class folders.",
            hint="Put a folder a class into each part, or give a table with path, class and part of each photo.",
        )
    if not (has_train or are_parts(named) or are_parts(filled)):
        return False
    others = [folder for folder in named if not (is_exact(folder) or folder in filled or are_parts(named))]
    if others:
        raise UserError(
            f"{str(path)!r} has the part {filled[-1]!r} and beside it {others[0]!r}, which is no part.",
            hint="Keep only train, val and test there, or name the folder with the classes.",
        )
    return True


def are_parted_below(path: Path, folders: list[str]) -> bool:
    """Whether each class folder holds a folder for each part, and nothing else that may be a photo."""
    kinds = {folder: _parts_within(path / folder) for folder in folders}
    parted = [folder for folder, parts in kinds.items() if "train" in parts and len(parts) > 1]
    if parted and len(parted) < len(folders):
        other = next(folder for folder in folders if folder not in parted)
        raise UserError(
            f"The class folder {parted[0]!r} of {str(path)!r} is divided into parts, and {other!r} is not.",
            hint="Divide all classes into train, val and test, or none.",
        )
    return bool(parted)


def _parts_within(folder: Path) -> set[str]:
    """The parts that a class folder is divided into; none where it holds anything else."""
    try:
        here = list_folder(folder)
    except OSError:
        return set()
    is_divided = all(map(is_exact, here.folders)) and all(map(why_no_photo, here.files))
    return {PART_FOLDERS[name.casefold()] for name in here.folders} if is_divided else set()


def check_meant(path: Path, folders: list[str]) -> None:
    """Raise a UserError where nobody can have meant the folders as classes."""
    called = {folder.casefold() for folder in folders}
    if called & _PHOTOS and called & _BESIDE and called <= _PHOTOS | _BESIDE:
        raise UserError(
            f"The folders {', '.join(map(repr, folders))} of {str(path)!r} hold photos and what was drawn or "
            "written about them: they are no classes.",
            hint="Put the photos into a folder a class, or give a table with the path and class of each.",
        )
    if copied := find_copy(folders):
        raise UserError(
            f"The folder {copied[0]!r} of {str(path)!r} is called as a copy of {copied[1]!r}: is it a class?",
            hint="Put their photos together, take it away, or give it a name of its own.",
        )
    nameless = next((folder for folder in folders if is_nameless(folder)), None)
    if nameless is not None and len(folders) > 1:
        raise UserError(
            f"The folder {readable(nameless)!r} of {str(path)!r} has a name that no class has.",
            hint="Give it the name of its class, or take it away.",
        )
    if are_folds(folders) and all(holds_folders(path / folder) for folder in folders):
        raise UserError(
            f"The folders {', '.join(map(repr, folders[:3]))} of {str(path)!r} are called as pieces of a set, "
            "and hold folders of their own: which are the classes?",
            hint="Call the pieces train, val and test, or give a table with path, class and part of each photo.",
        )
    dates = are_dates(folders, lambda folder: _folders_of(path / folder))
    whose = "a camera" if are_a_cameras(folders) else "dates" if dates else ""
    if whose:
        count = sum(not entry.reason for folder in folders for entry in walk(path, folder))
        raise explain_unlabelled(path, count, f", only those of {whose} ({', '.join(folders[:3])})")


def holds_folders(path: Path) -> bool:
    return bool(_folders_of(path))


def explain_nesting(path: Path, folders: list[str]) -> None:
    """An unpacked archive often wraps the class folders in one folder of its own name."""
    if len(folders) == 1 and len(list_folder(path / folders[0]).folders) > 1:
        raise UserError(
            f"{str(path)!r} holds a single folder, {folders[0]!r}, with folders in it.",
            hint=f"Did you mean {str(path / folders[0])!r}?",
        )


def explain_unlabelled(path: Path, count: int, but: str) -> Unlabelled:
    return Unlabelled(
        f"{readable(str(path))!r} holds {words.photos(count)}, and no class folders{but}.",
        hint=hint_naming(path),
    )


def _folders_of(path: Path) -> list[str]:
    """The folders in one; none where it cannot be opened."""
    try:
        return list_folder(path).folders
    except OSError:
        return []
