"""Data sets of the Hugging Face Hub, `hf:owner/name`: folders of photos, or Parquet files with a photo a row.

Photos in Parquet files are put into class folders in the cache, once, and read from there as any other folder's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from whatsit import events
from whatsit.data.dataset import Dataset, Origin
from whatsit.data.downloading import hub
from whatsit.data.readers import folders
from whatsit.data.readers.parts import PART_FOLDERS
from whatsit.errors import UserError, missing_extra
from whatsit.files import cache_dir, explain_disk_errors, hold_lock, make_folder, remove
from whatsit.image import SUFFIXES

if TYPE_CHECKING:
    import pyarrow

PREFIX = "hf:"
CONVERTED = "refs/convert/parquet"  # the version of a data set that the Hub itself turns into Parquet files
_PART = re.compile(r"(?:^|[/_-])(train|training|validation|valid|val|test|testing)(?=[/_.-]|$)")
_ROWS = 256  # read at a time


def read(source: str) -> Dataset:
    """The data set `hf:owner/name`. Raises UserError where there is none, or none with photos and classes."""
    name = source.removeprefix(PREFIX)
    if not hub.NAME.fullmatch(name):
        raise UserError(f"{source!r} is no data set of the Hub.", hint="Write it as hf:owner/name.")
    found = hub.find_repository(name, "dataset")
    photos = [file for file in found.files if PurePosixPath(file).suffix.casefold() in SUFFIXES and "/" in file]
    tables = [file for file in found.files if file.endswith(".parquet")]
    if photos:
        dataset = folders.read(_top(hub.fetch_files(found, photos), photos))
    elif tables:
        dataset = folders.read(_unpack(found, tables))
    else:
        converted = hub.find_repository(name, "dataset", CONVERTED)
        tables = [file for file in converted.files if file.endswith(".parquet")]
        if not tables:
            raise UserError(
                f"{name!r} holds neither folders of photos nor Parquet files.",
                hint=f"Get its photos from {found.address()} and give their folder.",
            )
        dataset = folders.read(_unpack(replace(converted, licence=found.licence), tables))
    origin = Origin(title=name, licence=found.licence, address=found.address())
    return replace(dataset, name=name.partition("/")[2], origin=origin)


def _top(folder: Path, photos: list[str]) -> Path:
    """The folder that holds the class folders or the parts: the deepest that all photos are in."""
    shared = set.intersection(*({*PurePosixPath(file).parents} for file in photos))
    common = max(shared, key=lambda place: len(place.parts))
    depth = min(len(PurePosixPath(file).parts) for file in photos) - len(common.parts)
    return folder / (common if depth > 1 else common.parent)


def _unpack(found: hub.Repository, tables: list[str]) -> Path:
    """The photos of Parquet files as PART/CLASS/NUMBER.suffix in the cache; the folder appears when whole."""
    place = cache_dir() / "data" / "hub" / f"{found.name.replace('/', '--')}-{found.version[:12]}"
    if place.exists():
        return place
    configurations = sorted({_configuration(file) for file in tables})
    tables = [file for file in sorted(tables) if _configuration(file) == configurations[0]]
    if len(configurations) > 1:
        events.note(f"{found.name} has {len(configurations)} variants; {configurations[0]!r} is read.")
    folder = hub.fetch_files(found, tables)
    part = place.with_name(f"{place.name}.part")
    with (
        hold_lock(part.with_suffix(".lock"), f"Another whatsit is unpacking {found.name}."),
        explain_disk_errors(part),
    ):
        remove(part)
        with events.progress(f"Unpacking {found.name}", None) as step:
            for number, table in enumerate(tables):
                for photo in _photos(folder / table, found.name):
                    target = (
                        part
                        / _part_of(table)
                        / _as_name(photo.label)
                        / f"{number:03}-{photo.row:07}{photo.suffix}"
                    )
                    make_folder(target.parent)
                    target.write_bytes(photo.content)
                    step(1)
        part.rename(place)
    return place


def _configuration(file: str) -> str:
    """What stands before the part in a path: variants of a data set lie beside one another."""
    return _PART.split(file)[0]


def _part_of(file: str) -> str:
    found = _PART.search(file)
    return PART_FOLDERS.get(found[1], "val") if found else "train"


def _as_name(label: str) -> str:
    """A class as the name of a folder."""
    return re.sub(r"[/\\\x00]", "-", label).strip(" .") or "-"


@dataclass(frozen=True)
class _Photo:
    row: int
    label: str
    content: bytes
    suffix: str


def _photos(file: Path, name: str) -> Iterator[_Photo]:
    """The rows of a Parquet file."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise missing_extra("pyarrow", "parquet", "Reading Parquet files") from None
    try:
        table = parquet.ParquetFile(file)
        image, label, names = _columns(table.schema_arrow, name)
        row = 0
        for batch in table.iter_batches(_ROWS, columns=[image, label]):
            for photo, answer in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
                content = photo["bytes"] if isinstance(photo, dict) else photo
                if content and answer is not None and answer != -1:  # -1: a test part whose answers are kept back
                    suffix = PurePosixPath((photo.get("path") or "") if isinstance(photo, dict) else "").suffix
                    known = suffix if suffix.casefold() in SUFFIXES else ".png"
                    yield _Photo(row, names[answer] if names else str(answer), content, known)
                row += 1
    except pyarrow.ArrowException as error:
        raise UserError(f"A Parquet file of {name!r} is damaged ({error}).", hint="Fetch it again.") from None


def _columns(schema: pyarrow.Schema, name: str) -> tuple[str, str, list[str]]:
    """The columns with the photo and its class, and the names of the classes where these are numbers."""
    told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}")).get("info", {}).get("features", {})
    features: dict[str, Any] = {column: told.get(column) or {} for column in schema.names}
    images = [column for column, feature in features.items() if feature.get("_type") == "Image"]
    images += [column for column in ("image", "img", "photo", "picture") if column in features]
    labels = [column for column, feature in features.items() if feature.get("_type") == "ClassLabel"]
    labels += [column for column in ("label", "labels", "class", "fine_label", "category") if column in features]
    if not images or not labels:
        raise UserError(
            f"{name!r} has no column of photos with a column of classes; its columns: {', '.join(schema.names)}.",
            hint="Choose a data set for image classification.",
        )
    label = "label" if "label" in labels else labels[0]
    return images[0], label, list(features[label].get("names") or [])
