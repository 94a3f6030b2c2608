"""COCO: a JSON file with `images`, `annotations` and `categories`, or a folder with one for each part.

A photo has the labels of all its annotations, crowds among them, with a box or without. What `ignore` marks, and
in a file that lists `neg_category_ids` (as LVIS does) what nobody looked for, is unknown. `group`, as packs write
it, keeps photos together. Photos are looked for beside the file, and in folders that are usually called so; no
path is followed out of the data set's folder.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from whatsit.data.dataset import Dataset
from whatsit.data.readers.annotations.presence import (
    ANNOTATIONS,
    GROUP,
    PHOTOS,
    Annotated,
    Annotations,
    dataset_of_annotated,
    files_in,
    find_folder,
    folders_in,
    place,
)
from whatsit.data.readers.parts import part_of
from whatsit.errors import UserError
from whatsit.records import decode_json
from whatsit.words import photos as say_photos

SUFFIX = ".json"
MOST_BYTES = 1 << 30  # the largest file of COCO 2017 has 450 MB
MOST_UNKNOWN = 50_000_000  # photos × labels that nobody looked for
_LOOKED_FOR = 20  # photos by which their folder is found
_FIRST = "instances_"  # where files of this name lie beside others (keypoints, captions), the others say less
_SIGNS = (b'"images"', b'"annotations"', b'"categories"')
# All that is kept of a file: outlines of things are most of it.
_KEPT = frozenset(
    {"images", "annotations", "categories", "id", "image_id", "category_id", "file_name", "name", "ignore"}
    | {"neg_category_ids", GROUP}
)
Id = int | str


def matches(path: Path) -> bool:
    """A .json file, or a folder in which, in its annotations or in its parts, a file of COCO's form lies."""
    if path.is_file():
        return path.suffix.casefold() == SUFFIX
    return path.is_dir() and next(_list_files(path), None) is not None


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos that the annotations speak of. Raises UserError where a file is not whole.

    labels: ONE where each photo has one label and is to have one class
    """
    whole = path.absolute()
    files = [(whole, _part_of_file(path))] if path.is_file() else _best(list(_list_files(whole)))
    found = Annotations(_root_of(whole))
    for file, part in files:
        found.files.add(file.relative_to(found.root).as_posix())
        _take(found, file, part)
    return dataset_of_annotated(path, found, labels)


def _root_of(path: Path) -> Path:
    """The folder that holds the photos and, perhaps in a folder of their own, the annotations."""
    folder = path.parent if path.is_file() else path
    return folder.parent if folder.name.casefold() in ANNOTATIONS else folder


def _list_files(path: Path) -> Iterator[tuple[Path, str]]:
    """The files of COCO's form in a folder, and the part that each is about."""
    inside = find_folder(path, ANNOTATIONS)
    for folder in [path] if inside is None else [path, inside]:
        for file in _files_like_it(folder):
            yield file, _part_of_file(file)
    for name in folders_in(path):
        if part := part_of(name):
            for file in _files_like_it(path / name):
                yield file, part.part


def _files_like_it(folder: Path) -> Iterator[Path]:
    """The JSON files in a folder that hold, somewhere, the names of the three lists."""
    for name in files_in(folder):
        if name.casefold().endswith(SUFFIX) and _has_lists(folder / name):
            yield folder / name


def _has_lists(file: Path) -> bool:
    if not file.stat().st_size:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return all(content.find(sign) >= 0 for sign in _SIGNS)


def _best(files: Sequence[tuple[Path, str]]) -> Sequence[tuple[Path, str]]:
    first = [one for one in files if one[0].name.startswith(_FIRST)]
    return first or files


def _part_of_file(file: Path) -> str:
    found = part_of(file.stem)
    return found.part if found else ""


def _take(found: Annotations, file: Path, part: str) -> None:
    """Add what a file says."""
    content = _parse(file)
    images, annotations, categories = (
        _list(file, content, key) for key in ("images", "annotations", "categories")
    )
    names = {
        key: _text(file, f"category {key!r:.40}", one, "name")
        for key, one in _by_id(file, "category", categories).items()
    }
    by_id = _by_id(file, "image", images)
    there: dict[Id, set[str]] = {key: set() for key in by_id}
    unknown: dict[Id, set[str]] = {key: set() for key in by_id}
    for number, one in enumerate(annotations, 1):
        category = _id(file, f"annotation {number}", one, "category_id")
        if category not in names:
            raise _wrong(file, f"Annotation {number}", f"is of the category {category!r:.40}, which is not listed")
        image = _id(file, f"annotation {number}", one, "image_id")
        if image not in by_id:
            found.skip(f"{file.name}, annotation {number}", "of an image that the file does not list")
            continue
        (unknown if one.get("ignore") else there)[image].add(names[category])
    _add_not_looked_for(file, by_id, names, unknown)
    files = {key: _text(file, f"image {key!r:.40}", one, "file_name") for key, one in by_id.items()}
    folder = _find_photos(found.root, file, part, list(files.values()))
    where = f"{file.name!r}"
    for key, name in files.items():
        inside, reason = place(found.root, folder, name)
        if reason:
            found.skip(inside, reason)
        else:
            labels = frozenset(there[key]), frozenset(unknown[key] - there[key])
            group = by_id[key].get(GROUP)
            found.photos.append(Annotated(inside, *labels, part, where, str(group) if group is not None else ""))


def _parse(file: Path) -> dict[str, Any]:
    if file.stat().st_size > MOST_BYTES:
        raise UserError(
            f"{str(file)!r} has more than {MOST_BYTES >> 20:,} MB, too many to read at once.",
            hint="Divide it into files of fewer photos, in one folder.",
        )
    try:
        content = decode_json(
            file.read_bytes(), object_hook=lambda one: {key: one[key] for key in one if key in _KEPT}
        )
    except ValueError:
        raise UserError(
            f"{str(file)!r} is no JSON that can be read: it is cut short, damaged, or nested without end.",
            hint="Export the annotations again.",
        ) from None
    if not isinstance(content, dict):
        raise _no_coco(file, "its content is no object")
    return content


def _list(file: Path, content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = content.get(key)
    if not isinstance(found, list):
        raise _no_coco(file, f"it has no list called {key}")
    if not all(isinstance(one, dict) for one in found):
        raise _no_coco(file, f"its list {key} holds other things than objects")
    return found


def _by_id(file: Path, what: str, entries: Sequence[dict[str, Any]]) -> dict[Id, dict[str, Any]]:
    found: dict[Id, dict[str, Any]] = {}
    for number, one in enumerate(entries, 1):
        key = _id(file, f"{what} {number}", one, "id")
        if key in found:
            raise _wrong(file, f"The id {key!r:.40}", f"is that of two entries ({what} {number} is the second)")
        found[key] = one
    return found


def _id(file: Path, what: str, entry: dict[str, Any], key: str) -> Id:
    value = entry.get(key)
    if isinstance(value, int | str) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():  # as data frames write whole numbers
        return int(value)
    raise _wrong(file, what.capitalize(), f"has no {key} that is a number or a name, but {value!r:.40}")


def _text(file: Path, what: str, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(file, what.capitalize(), f"has no {key} that is a text, but {value!r:.40}")
    return value.strip()


def _add_not_looked_for(
    file: Path, images: dict[Id, dict[str, Any]], names: dict[Id, str], unknown: dict[Id, set[str]]
) -> None:
    """Where images list what was looked for and not found, nobody looked for the other labels."""
    federated = [key for key, one in images.items() if "neg_category_ids" in one]
    if len(federated) * len(names) > MOST_UNKNOWN:
        raise UserError(
            f"{str(file)!r} says of {say_photos(len(federated))} which of {len(names):,} labels somebody looked "
            "for: too many to read.",
            hint="Keep the photos, or the categories, that you want to tell apart.",
        )
    for key in federated:
        looked_for = images[key]["neg_category_ids"]
        if not isinstance(looked_for, list):
            raise _wrong(file, f"Image {key!r:.40}", "has no list neg_category_ids")
        absent = {names[one] for one in looked_for if isinstance(one, int | str) and one in names}
        unknown[key] |= set(names.values()) - absent


def _find_photos(root: Path, file: Path, part: str, names: Sequence[str]) -> str:
    """The folder, relative to `root`, in which most of the first photos are; the file's own where none is."""
    own = file.parent.relative_to(root).as_posix()
    last = file.stem.rpartition("_")[2]  # train2017
    folders = [own, "."]
    for word in dict.fromkeys(filter(None, (last, part))):
        folders += [word, *(f"{photos}/{word}" for photos in PHOTOS), *(f"{word}/{photos}" for photos in PHOTOS)]
    folders += [str(PurePosixPath(own) / photos) for photos in PHOTOS] + list(PHOTOS)
    spelt = {one.casefold(): one for one in folders_in(root)}
    candidates = dict.fromkeys(_spell(folder, spelt) for folder in folders)
    some = names[:: max(1, len(names) // _LOOKED_FOR)][:_LOOKED_FOR]
    return max(candidates, key=lambda folder: sum(not place(root, folder, name)[1] for name in some))


def _spell(folder: str, spelt: dict[str, str]) -> str:
    """A folder whose first name is as it is on disk: `JPEGImages` for `jpegimages`."""
    first, slash, rest = folder.partition("/")
    return spelt.get(first.casefold(), first) + slash + rest


def _no_coco(file: Path, why: str) -> UserError:
    return UserError(
        f"{str(file)!r} holds no annotations as COCO has them: {why}.",
        hint="Such a file has the lists images, annotations and categories.",
    )


def _wrong(file: Path, what: str, why: str) -> UserError:
    return UserError(f"{what} in {str(file)!r} {why}.", hint="Correct the file, or export it again.")
