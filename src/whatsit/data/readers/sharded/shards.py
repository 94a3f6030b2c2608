"""Tar shards as WebDataset has them: 0001.jpg, with its class in 0001.cls, .json or .txt, in numbered files.

Every photo is read where it lies, by an index of where each begins: an epoch has each exactly once, in any order.
The shards' names, or those of the folders that they lie in, may say parts: train-00000.tar. Where classes are
numbers, a `classes.txt` beside the shards names them, a line each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.listing.lines import decode_list, split_lines
from whatsit.data.listing.walk import Entry, list_folder, walk
from whatsit.data.objects import holder_of
from whatsit.data.pieces import Pieces
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS, labelled
from whatsit.data.readers.parts import part_of
from whatsit.data.readers.sharded.index import Shards, find_samples
from whatsit.data.readers.sharded.said import Said, read_said
from whatsit.data.readers.sharded.samples import Sample
from whatsit.data.readers.tables.columns import refuse_strange
from whatsit.data.readers.tables.table import beside_the_class
from whatsit.errors import UserError
from whatsit.files import readable

SUFFIX = ".tar"
PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
CLASSES = "classes.txt"
NO_CLASS = "no class beside it"
IN_NO_SHARD = "in no shard"
_MANY, _MOSTLY = 20, 0.5  # of so many photos or more, texts that differ for more than this share are captions


@dataclass
class _Found:
    """The photos of all shards, with what is said of each, and the rest with its reason."""

    samples: list[tuple[int, Sample]] = field(default_factory=list)  # and the shard's number
    said: list[Said] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def matches(path: Path) -> bool:
    """A file called .tar, or a folder with such files in it or in its parts, and no photos in other folders."""
    if path.is_file():
        return _is_shard(path.name) or path.name.casefold().endswith(PACKED)
    if not path.is_dir() or not any(_list_shards(path, (SUFFIX, *PACKED))):
        return False
    return not any("/" in entry.name and not entry.reason for entry in walk(path))


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos of one shard or of a folder of them. Raises UserError.

    labels: whether photos have one class or several labels; None: several where a .json has a list `labels`
    """
    root = path.parent if path.is_file() else path
    names = [path.name] if path.is_file() else list(_list_shards(path, (SUFFIX,)))
    _refuse_packed(path, names)
    holder = holder_of(root)
    title = readable(path.resolve().stem if path.is_file() else path.resolve().name)
    shards = Shards(holder, names, [holder.stamp(name) for name in names])
    found = _take(shards, title, _read_names(root / CLASSES))
    if path.is_dir():
        known = {*names, CLASSES}
        found.skipped += [_name_stray(entry) for entry in walk(path) if entry.name not in known]
    return _make(path, title, shards, found, labels)


def _is_shard(name: str) -> bool:
    return name.casefold().endswith(SUFFIX)


def _list_shards(path: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    """The shards of a folder, in it or in folders called as parts, by name."""
    here = list_folder(path)
    yield from (name for name in here.files if name.casefold().endswith(suffixes))
    for folder in here.folders:
        if part_of(folder):
            inside = list_folder(path / folder)
            yield from (f"{folder}/{name}" for name in inside.files if name.casefold().endswith(suffixes))


def _refuse_packed(path: Path, names: list[str]) -> None:
    if not names or not _is_shard(names[0]):
        raise UserError(
            f"{str(path)!r} is a compressed archive, whose photos cannot be read one by one.",
            hint="Unpack it to a .tar: gunzip FILE.tar.gz. Photos in it are compressed already.",
        )


def _read_names(file: Path) -> list[str]:
    """The names of classes that numbers stand for; none where there is no list of them."""
    if not file.is_file():
        return []
    text = decode_list(file.read_bytes())
    return [] if text is None else [line.strip() for line in split_lines(text)]


def _take(shards: Shards, title: str, names: list[str]) -> _Found:
    found = _Found()
    for number, samples in enumerate(find_samples(shards, title)):
        shard = shards.names[number]
        for sample in samples.photos:
            said = read_said(f"{sample.name!r} in {shard!r}", sample, names)
            if said.label is None and said.labels is None:
                found.skipped.append(Skipped(f"{shard}/{sample.name}", NO_CLASS))
                continue
            found.samples.append((number, sample))
            found.said.append(said)
        found.skipped += [Skipped(f"{shard}/{name}", reason) for name, reason in samples.left]
    return found


def _name_stray(entry: Entry) -> Skipped:
    return Skipped(readable(entry.name), entry.reason or IN_NO_SHARD)


def _make(path: Path, title: str, shards: Shards, found: _Found, labels: str | None) -> Dataset:
    if labels not in (None, ONE, SEVERAL_ALWAYS):
        raise UserError(
            f"--labels {labels} names columns, and {str(path)!r} has none.", hint="Give --labels several, or one."
        )
    if not found.said:
        first = f"; the first is {found.skipped[0].name!r}: {found.skipped[0].reason}" if found.skipped else ""
        raise UserError(
            f"No photo in the shards of {str(path)!r} has a class{first}.",
            hint="Beside 0001.jpg there is 0001.cls, 0001.json or 0001.txt. Unpack an archive of folders first.",
        )
    are_several = any(one.labels is not None for one in found.said) if labels is None else labels == SEVERAL_ALWAYS
    texts = _read_several(found) if are_several else _read_one(path, found)
    make = labelled if are_several else dataset_of
    numbers = np.array([number for number, _ in found.samples], np.int64)
    photos = Pieces(
        shards.holder,
        shards.names,
        shards.stamps,
        [f"{shards.names[number]}/{sample.name}" for number, sample in found.samples],
        numbers,
        np.array([sample.start for _, sample in found.samples], np.int64),
        np.array([sample.length for _, sample in found.samples], np.int64),
    )
    return make(
        title,
        photos,
        texts,
        _read_parts(path, shards, numbers.tolist()),
        root=path.parent if path.is_file() else path,
        skipped=tuple(found.skipped),
        **beside_the_class([one.others for one in found.said]),
    )


def _read_several(found: _Found) -> list[str]:
    """The labels of each photo; a class is a single label."""
    return [one.label or "" if one.labels is None else one.labels for one in found.said]


def _read_one(path: Path, found: _Found) -> list[str]:
    """The class of each photo. Raises UserError where one has none, several, or a caption."""
    texts = [one.label if one.labels is None else one.labels for one in found.said]
    for (_, sample), text, one in zip(found.samples, texts, found.said, strict=True):
        if not text or (one.labels is not None and (";" in text or "|" in text)):
            has = "several labels" if text else "an empty class"
            raise UserError(
                f"The photo {sample.name!r} in {str(path)!r} has {has}.",
                hint="Give --labels several, or every photo one class.",
            )
    classes = [str(text) for text in texts]
    if len(classes) >= _MANY and len(set(classes)) > _MOSTLY * len(classes):
        raise UserError(
            f"Of {len(classes):,} photos in {str(path)!r} {len(set(classes)):,} have a class of their own, as "
            f"{classes[0][:60]!r}: are these captions?",
            hint="Put the class of each photo into its .cls, as a name or a number.",
        )
    refuse_strange(path, list(enumerate(classes, 1)), "Photo")
    return classes


def _read_parts(path: Path, shards: Shards, numbers: list[int]) -> list[str]:
    """The part of each photo, as the names of shards or their folders say. Raises UserError where only some do."""
    known = [
        part_of(PurePosixPath(name).stem) or part_of(PurePosixPath(name).parent.name) for name in shards.names
    ]
    without = [name for name, one in zip(shards.names, known, strict=True) if one is None]
    if without and len(without) < len(known):
        named = next(name for name, one in zip(shards.names, known, strict=True) if one)
        raise UserError(
            f"The shard {named!r} of {str(path)!r} says its part, and {without[0]!r} says none.",
            hint="Call all of them as parts, as in train-00000.tar, or none.",
        )
    parts = ["" if one is None else one.part for one in known]
    return [parts[number] for number in numbers]
