"""Pascal VOC: an XML file a photo, in `Annotations` beside `JPEGImages`, or beside the photo itself.

A photo has the labels of its objects; one of which only objects marked as difficult are there is unknown. Parts
are those of `ImageSets/Main`, or folders train, valid and test. Where there are lists of labels and no XML, as in
`ImageSets/Main/dog_train.txt`, 1 is there, -1 is not, and 0 is unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from whatsit.data.dataset import Dataset
from whatsit.data.listing.lines import decode_list, split_lines
from whatsit.data.listing.walk import why_no_photo
from whatsit.data.readers.annotations.presence import (
    ANNOTATIONS,
    PHOTOS,
    Annotated,
    Annotations,
    dataset_of_annotated,
    files_in,
    find_folder,
    folders_in,
    read_small,
)
from whatsit.data.readers.annotations.voc_xml import MOST_BYTES, NoAnnotation, parse_annotation
from whatsit.data.readers.parts import part_of
from whatsit.errors import UserError
from whatsit.files import readable

SUFFIX = ".xml"
_LISTS = {"train": "train", "val": "val", "test": "test", "trainval": "train"}  # of ImageSets/Main: the part
_MOST_LIST = 64 << 20


@dataclass(frozen=True)
class _Place:
    """Photos and their annotations, in one folder or two.

    notes: None where there are lists of labels alone
    part:  that of all its photos; "" where lists say it, or nothing does
    """

    photos: Path
    notes: Path | None
    lists: Path | None = None
    part: str = ""


def matches(path: Path) -> bool:
    """A folder with Annotations and JPEGImages, or of such folders, or with an XML file beside photos."""
    return path.is_dir() and bool(_find_places(path))


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos that have annotations. Raises UserError where lists contradict themselves.

    labels: ONE where each photo has one label and is to have one class
    """
    found = Annotations(path)
    for one in _find_places(path):
        if one.notes is None and one.lists is not None:
            _take_lists(found, one, one.lists)
        else:
            _take_notes(found, one)
    return dataset_of_annotated(path, found, labels)


def _find_places(path: Path) -> list[_Place]:
    whole = _voc_folder(path)
    if whole is not None:
        return [whole]
    below = folders_in(path)
    inside = [_voc_folder(path / name) for name in below]  # VOCdevkit: VOC2007, VOC2012
    if any(inside):
        return [one for one in inside if one]
    places = [(path, "")] + [(path / name, part.part) for name in below if (part := part_of(name))]
    return [
        _Place(folder, folder, part=part)
        for folder, part in places
        if next(_pairs(folder, folder), None) is not None
    ]


def _voc_folder(path: Path) -> _Place | None:
    """A folder as VOC has them; None where it is not."""
    there = folders_in(path)
    photos, notes = (find_folder(path, names, there) for names in (PHOTOS, ANNOTATIONS))
    if photos is None:
        return None
    sets = find_folder(path, ("imagesets",), there)
    lists = None if sets is None else find_folder(sets, ("main",))
    if notes is not None and next(_pairs(photos, notes), None) is not None:
        return _Place(photos, notes, lists)
    return _Place(photos, None, lists) if lists is not None and next(_label_lists(lists), None) else None


def _pairs(photos: Path, notes: Path) -> Iterator[tuple[str, str]]:
    """The names of photos and of their annotations: those whose names differ only by the suffix."""
    by_stem = {PurePosixPath(name).stem: name for name in files_in(notes) if name.casefold().endswith(SUFFIX)}
    if by_stem:
        for name in files_in(photos):
            if not why_no_photo(name) and (note := by_stem.get(PurePosixPath(name).stem)):
                yield name, note


def _take_notes(found: Annotations, where: _Place) -> None:
    assert where.notes is not None
    parts = {} if where.lists is None else _read_parts(found, where.lists)
    folder, notes = (one.relative_to(found.root) for one in (where.photos, where.notes))
    taken = set()
    for name, note in _pairs(where.photos, where.notes):
        photo, file = (folder / name).as_posix(), (notes / note).as_posix()
        taken.add(note)
        found.files.add(readable(file))
        content = read_small(where.notes / note, MOST_BYTES)
        try:
            if isinstance(content, str):
                raise NoAnnotation(content)
            said = parse_annotation(content)
        except NoAnnotation as why:
            found.skip(photo, f"its annotation cannot be read ({why})")
            continue
        part = where.part or parts.get(PurePosixPath(name).stem, "")
        unknown = frozenset(said.difficult - said.there)
        found.photos.append(Annotated(photo, frozenset(said.there), unknown, part, repr(file)))
    for note in files_in(where.notes):
        if note.casefold().endswith(SUFFIX) and note not in taken:
            found.files.add(readable((notes / note).as_posix()))
            found.skip((notes / note).as_posix(), "an annotation whose photo is not there")


def _take_lists(found: Annotations, where: _Place, lists: Path) -> None:
    parts = _read_parts(found, lists)
    there: defaultdict[str, set[str]] = defaultdict(set)
    unknown: defaultdict[str, set[str]] = defaultdict(set)
    seen: set[str] = set()
    for file, label in _label_lists(lists):
        for line, words in _read_lines(lists / file):
            if len(words) != 2 or words[1] not in ("1", "0", "-1"):
                raise UserError(
                    f"Line {line} of {str(lists / file)!r} is no name with 1, 0 or -1 behind it.",
                    hint="As in: 000012  1",
                )
            seen.add(words[0])
            if words[1] != "-1":
                (there if words[1] == "1" else unknown)[words[0]].add(label)
    folder = where.photos.relative_to(found.root)
    photos = {PurePosixPath(name).stem: name for name in files_in(where.photos) if not why_no_photo(name)}
    for stem in sorted(seen):
        if stem not in photos:
            found.skip((folder / f"{stem}.jpg").as_posix(), "named in the lists, and not there")
            continue
        labels = frozenset(there[stem]), frozenset(unknown[stem] - there[stem])
        name = (folder / photos[stem]).as_posix()
        found.photos.append(Annotated(name, *labels, parts.get(stem, ""), repr(lists.name)))


def _read_parts(found: Annotations, lists: Path) -> Mapping[str, str]:
    """The part of each photo, by its name without suffix. Raises UserError where one is in two."""
    names = {PurePosixPath(name).stem: name for name in files_in(lists) if name.endswith(".txt")}
    found.files |= {readable((lists / name).relative_to(found.root).as_posix()) for name in names.values()}
    wanted = [name for name in _LISTS if name in names and not (name == "trainval" and "train" in names)]
    parts: dict[str, str] = {}
    for name in wanted:
        file = lists / names[name]
        for line, words in _read_lines(file):
            first = parts.setdefault(words[0], _LISTS[name])
            if first != _LISTS[name]:
                raise UserError(
                    f"Line {line} of {str(file)!r} puts {words[0]!r:.80} into {_LISTS[name]}, and another list "
                    f"into {first}.",
                    hint="Keep it in one of them.",
                )
    return parts


def _label_lists(lists: Path) -> Iterator[tuple[str, str]]:
    """The lists of one label each, and which that is. Those of train and val together say nothing new."""
    names = [name for name in files_in(lists) if name.endswith(".txt")]
    found = {name: PurePosixPath(name).stem.rpartition("_") for name in names}
    has_halves = any(last == "train" for label, _, last in found.values() if label)
    for name, (label, _, last) in found.items():
        if label and last in _LISTS and not (last == "trainval" and has_halves):
            yield name, label


def _read_lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    content = read_small(file, _MOST_LIST)
    text = content if isinstance(content, str) else decode_list(content)
    if isinstance(content, str) or text is None:
        why = content if isinstance(content, str) else "it is no text"
        raise UserError(f"{str(file)!r} cannot be read: {why}.", hint="Get the data set again.")
    for number, line in enumerate(split_lines(text), 1):
        if words := line.split():
            yield number, words
