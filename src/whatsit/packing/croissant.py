"""croissant.json: what a pack is, in the words that data set searches and mlcroissant read.

Croissant 1.1 of MLCommons, https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. The tests read it
back with mlcroissant where that is there.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from whatsit import clock
from whatsit.data.dataset import Dataset
from whatsit.data.target.several import SEPARATOR
from whatsit.files import readable, sha256_of
from whatsit.packing.contents import Contents
from whatsit.words import photos

VERSION = "http://mlcommons.org/croissant/1.1"
# The standard's own, whole: readers take each of these names from here, and stop where one is missing.
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "containedIn": "cr:containedIn",
    "equivalentProperty": "cr:equivalentProperty",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "description": {"@container": "@language"},
    "name": {"@container": "@language"},
}
KINDS = {".npz": "application/zip", ".tar": "application/x-tar", ".csv": "text/csv", ".json": "application/json"}
LISTS = ("labels",)
# What pandas, and so mlcroissant, takes for an empty cell: the words of `read_csv`.
_MISSING = frozenset(
    {"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"}
    | {"NULL", "NaN", "None", "n/a", "nan", "null"}
)
NUMBERS = ("place", "copy")  # a group is a text: it is empty where there is none


def describe(
    folder: Path, contents: Contents, columns: Iterable[str], licences: Sequence[str], address: str
) -> dict[str, Any]:
    """The metadata of the pack in `folder`.

    columns:  those of contents.csv, which is read as the records "photos"
    licences: of the photos, each its address or its name; "unknown" stands among them where some have none
    address:  where the data set is found; "" where nobody knows, and its own hash (RFC 6920) stands for it
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix in KINDS)
    digests = {file.relative_to(folder).as_posix(): sha256_of(file) for file in files}
    count = sum(map(len, contents.entries.values()))
    whole = hashlib.sha256("".join(digests.values()).encode()).digest()
    address = address or f"ni:///sha-256;{base64.urlsafe_b64encode(whole).decode().rstrip('=')}"
    today = clock.now().date()
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": readable(contents.dataset.name),
        "description": readable(f"{photos(count)} of {', '.join(contents.dataset.classes)}."),
        "citeAs": _cite(contents.dataset, address, today.year),
        "license": licences[0] if len(licences) == 1 else list(licences),
        "url": address,
        "version": f"1.0.0+{whole.hex()[:12]}",
        "datePublished": today.isoformat(),
        "distribution": [_file(name, digest) for name, digest in digests.items()],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "photos",
                "name": "photos",
                "description": "Every photo: its part and place there, its class or labels, original, group.",
                "field": [_field(name) for name in columns],
            }
        ],
    }


def find_misread(classes: Iterable[str]) -> tuple[str, ...]:
    """The classes that readers by way of pandas take for others or for none: `NA`; `01` where all are numbers."""
    names = tuple(classes)
    words = tuple(name for name in names if name in _MISSING)
    others = [name for name in names if name not in _MISSING]
    if all(map(_is_number, others)):
        return (*words, *(name for name in others if not _is_plain(name)))
    return words


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return "_" not in name


def _is_plain(name: str) -> bool:
    """Whether a number is written as a whole number is."""
    return name.strip() == name and name.removeprefix("-").isdecimal() and str(int(name)) == name


def _cite(dataset: Dataset, address: str, year: int) -> str:
    """The data set as BibTeX, which Croissant wants; braces would end its fields."""
    title = re.sub(r"[{}\\]", "", readable(dataset.origin.title or dataset.name))
    return f"@misc{{dataset, title = {{{title}}}, year = {{{year}}}, howpublished = {{{address}}}}}"


def _file(name: str, digest: str) -> dict[str, str]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": KINDS[PurePosixPath(name).suffix],
        "sha256": digest,
    }


def _field(name: str) -> dict[str, Any]:
    source: dict[str, Any] = {"fileObject": {"@id": "contents.csv"}, "extract": {"column": name}}
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"photos/{name}",
        "name": name,
        "dataType": "sc:Integer" if name in NUMBERS else "sc:Text",
        "source": source,
    }
    if name in LISTS:
        source["transform"] = {"separator": SEPARATOR}
        field |= {"isArray": True, "arrayShape": "-1"}  # of any length
    return field
