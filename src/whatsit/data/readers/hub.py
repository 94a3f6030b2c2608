"""Data sets of the Hugging Face Hub, `hf:owner/name`: folders of photos, with a table of their classes or without,
or Parquet files with a photo a row.

Photos in Parquet files are put into the cache, once, see `parquet`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from whatsit.data.dataset import Dataset, Origin
from whatsit.data.downloading import hub
from whatsit.data.readers import folders
from whatsit.data.readers.tables import described, parquet
from whatsit.data.readers.tables.embedded import holds_photos
from whatsit.errors import UserError
from whatsit.files import cache_dir
from whatsit.image import SUFFIXES

PREFIX = "hf:"
CONVERTED = "refs/convert/parquet"  # the version of a data set that the Hub itself turns into Parquet files


def read(source: str) -> Dataset:
    """The data set `hf:owner/name`. Raises UserError where there is none, or none with photos and classes."""
    name = source.removeprefix(PREFIX)
    if not hub.NAME.fullmatch(name):
        raise UserError(f"{source!r} is no data set of the Hub.", hint="Write it as hf:owner/name.")
    found = hub.find_repository(name, "dataset")
    everything = [file for file in found.files if PurePosixPath(file).suffix.casefold() in SUFFIXES]
    photos = [file for file in everything if "/" in file]
    described_by = [file for file in found.files if PurePosixPath(file).name in described.NAMES]
    tables = [file for file in found.files if file.endswith(".parquet") and file not in described_by]
    if everything and (place := _described(found, everything, described_by)):
        dataset = described.read(place)
    elif tables and (not photos or _hold_photos(found, tables)):  # the photos beside them illustrate the page
        dataset = _unpack(found, tables)
    elif photos:
        dataset = folders.read(_top(hub.fetch_files(found, photos), photos))
    else:
        converted = hub.find_repository(name, "dataset", CONVERTED)
        tables = [file for file in converted.files if file.endswith(".parquet")]
        if not tables:
            raise UserError(
                f"{name!r} holds neither folders of photos nor Parquet files.",
                hint=f"Get its photos from {found.address()} and give their folder.",
            )
        dataset = _unpack(replace(converted, licence=found.licence), tables)
    origin = Origin(title=name, licence=found.licence, address=found.address())
    return replace(dataset, name=name.partition("/")[2], origin=origin)


def _top(folder: Path, photos: list[str]) -> Path:
    """The folder that holds the class folders or the parts: the deepest that all photos are in."""
    shared = set.intersection(*({*PurePosixPath(file).parents} for file in photos))
    common = max(shared, key=lambda place: len(place.parts))
    depth = min(len(PurePosixPath(file).parts) for file in photos) - len(common.parts)
    return folder / (common if depth > 1 else common.parent)


def _described(found: hub.Repository, photos: list[str], tables: list[str]) -> Path | None:
    """The folder whose photos have their classes from a `metadata.csv` (or one a part); None where none does."""
    if not tables:
        return None
    folder = hub.fetch_files(found, [*photos, *tables])
    places = {place for file in tables for place in list(PurePosixPath(file).parents)[:2]}
    ordered = sorted(places, key=lambda place: (len(place.parts), str(place)))
    return next((folder / place for place in ordered if described.matches(folder / place)), None)


def _hold_photos(found: hub.Repository, tables: list[str]) -> bool:
    return holds_photos(hub.fetch_files(found, tables[:1]) / tables[0])


def _unpack(found: hub.Repository, names: list[str]) -> Dataset:
    """The photos of Parquet files, kept in the cache; every row that holds none is named."""
    folder = hub.fetch_files(found, names)
    place = cache_dir() / "data" / "hub" / f"{found.name.replace('/', '--')}-{found.version[:12]}"
    tables = parquet.Tables(found.name, {name: folder / name for name in names})
    return parquet.dataset(parquet.unpack(tables, place), found.name)
