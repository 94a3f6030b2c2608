"""What `whatsit pack` does: the data set as cleaning and reviewing left it, written for training elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from whatsit import events
from whatsit.buckets import address_of, begin_sending, send_folder
from whatsit.data.decisions import apply_decisions
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.data.ready import describe_unscored, groups_of
from whatsit.data.splitting.split import USUAL, Shares, check_seed, check_shares, split
from whatsit.errors import UserError
from whatsit.events import Advance
from whatsit.files import cache_dir, explain_disk_errors, refuse_unwritable, remove
from whatsit.image import Resize
from whatsit.packing import coco, folders, npz, shards
from whatsit.packing.about import write_about
from whatsit.packing.contents import Contents, plan_entries
from whatsit.packing.vary import VaryOptions, check_options

FORMATS: dict[str, Callable[[Path, Contents, Advance], None]] = {
    "folders": folders.write,
    "npz": npz.write,
    "shards": shards.write,
    "coco": coco.write,
}
MOST_SIDE = 2048


@dataclass(frozen=True)
class PackOptions:
    """How a data set is packed."""

    to: Literal["folders", "npz", "shards", "coco"] = "folders"
    "Folders of PNG files, one .npz, tar files of a thousand photos, or folders with annotations as COCO has them."

    size: int = 224
    "Height and width of every photo, in pixels."

    resize: Resize = "crop"
    "What is done to photos that are not square: crop, pad or squish."

    per_class: int | None = None
    """Photos a class in the training part: too few are filled up with augmented copies, too many left out. Of
    several labels at least so many of each, and more only of those that come along with rarer ones."""

    val: float = USUAL.val
    "Share of the photos for validation, where the data set has no part for it."

    test: float = USUAL.test
    "Share of the photos for the test, where the data set has no part for it."

    seed: int = 0
    "Another seed is another split and other copies."

    group: str | None = None
    """What keeps photos on one side of the split: a column, folder, day, camera, or a pattern of file names
    (default: what `clean` was told)."""

    labels: str | None = None
    """What a photo has: one (class), several (labels), or the columns that say 1 or 0 of each label: sky,water
    (default: several where the table has a column called labels)."""

    licence: str = ""
    "The licence of the photos, for croissant.json: its address, or its name (default: what their sources said)."

    address: str = ""
    "The address where the data set is published, for croissant.json."

    vary: VaryOptions = field(default_factory=VaryOptions)


def pack(data: str | Path, into: str | Path, options: PackOptions | None = None) -> Contents:
    """Write a data set into the new folder `into`, or to an address; what was written.

    The folder appears whole or not at all; an address says of itself that it is not whole, until it is. Raises
    UserError where it is there already.
    """
    options = _check(options or PackOptions())
    if address := address_of(into):
        return _send(data, address, options)
    into = Path(into)
    if into.exists():
        raise UserError(f"{str(into)!r} is there already.", hint="Name a new folder with --into.")
    refuse_unwritable(into)
    contents = _contents(data, options)
    _write(into, contents, options)
    events.saved("pack", into)
    return contents


def _send(data: str | Path, address: str, options: PackOptions) -> Contents:
    """Write a data set to the address of a store, by way of a folder in the cache."""
    place = begin_sending(address)
    contents = _contents(data, options)
    aside = cache_dir() / "packing" / str(os.getpid())
    try:
        _write(aside / place.name, contents, options)
        send_folder(aside / place.name, place)
    finally:
        remove(aside)
    events.saved("pack", address)
    return contents


def _write(into: Path, contents: Contents, options: PackOptions) -> None:
    part = into.with_name(f"{into.name}.{os.getpid()}.part")
    with explain_disk_errors(into):
        part.mkdir(parents=True)
        try:
            with events.progress("Packing", sum(map(len, contents.entries.values()))) as step:
                FORMATS[options.to](part, contents, step)
            write_about(part, contents, options.licence, options.address)
            part.replace(into)
        except BaseException:
            remove(part)
            raise


def _contents(data: str | Path, options: PackOptions) -> Contents:
    whole = apply_decisions(read(data, labels=options.labels), options.group or "")
    dataset, pixels = decode_photos(whole, (options.size, options.size), options.resize)
    groups = groups_of(dataset, pixels)
    shares = Shares(options.val, options.test)
    parts = split(dataset.dealt_by, groups, dataset.parts, pixels.sha256, options.seed, shares)
    for sentence in describe_unscored(dataset, parts):
        events.warn(sentence)
    plan = plan_entries(dataset, parts, options.per_class, options.seed)
    vary = replace(options.vary, mirror=options.vary.mirror and dataset.mirrored is not False)
    return Contents(dataset, pixels, parts, plan, vary, options.seed, groups)


def _check(options: PackOptions) -> PackOptions:
    if options.to not in FORMATS:
        raise UserError(f"There is no format {options.to!r}.", hint=f"There are: {', '.join(FORMATS)}.")
    if not 1 <= options.size <= MOST_SIDE:
        raise UserError(f"--size {options.size} is no size for photos.", hint=f"Give 1 to {MOST_SIDE} pixels.")
    if options.per_class is not None and options.per_class < 1:
        raise UserError(f"--per-class {options.per_class} leaves nothing to train on.", hint="Give 1 or more.")
    check_shares(Shares(options.val, options.test), may_be_none=("val", "test"))
    check_seed(options.seed)
    check_options(options.vary)
    return options


def count_entries(contents: Contents) -> list[tuple[str, ...] | tuple[str, int, int, int, int]]:
    """A row a class: photos in train, of them augmented copies, in val, in test."""
    dataset = contents.dataset
    copies = np.array([entry.row for entry in contents.entries["train"] if entry.copy], np.int64)
    train, val, test, copied = (
        dataset.target.counts(labels, len(dataset.classes)).tolist()
        for labels in (*map(contents.labels, contents.entries), dataset.labels[copies])
    )
    return list(zip(dataset.classes, train, copied, val, test, strict=True))
