"""The files beside our pages (styles, scripts, icon), each under an address that changes with its content."""

from __future__ import annotations

import functools
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from whatsit.web.prefix import at

FOLDER = Path(__file__).parent / "static"
REVIEW = FOLDER / "review"  # what only the page has that decides about photos, and no kit brings
SORTING = FOLDER / "sorting"  # the same of the page on which a pile is sorted
STUDIO = FOLDER / "studio"  # the same of the studio
ADDRESS = "/static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent: `packed` is the same content through gzip."""

    content: bytes
    packed: bytes
    media_type: str


@functools.cache
def read_assets() -> dict[str, Asset]:
    """Every file by its name."""
    return read_answering() | _read(REVIEW) | _read(SORTING) | _read(STUDIO)


@functools.cache
def read_answering() -> dict[str, Asset]:
    """The files of the pages that answer, by their names."""
    return _read(FOLDER)


def _read(folder: Path) -> dict[str, Asset]:
    return {file.name: _asset(file) for file in sorted(folder.iterdir()) if file.suffix in _TYPES}


@functools.cache
def version() -> str:
    """A short name for the content of all files together.

    It stands in their addresses as a folder, so that a script's `import "./answer.js"` stays within one
    version and a browser may keep every file for ever.
    """
    digest = hashlib.sha256()
    for name, asset in read_assets().items():
        digest.update(name.encode() + b"\0" + asset.content)
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """Where a page finds a file; KeyError where there is none, so that a page never points at nothing."""
    read_assets()[name]
    return at(f"{ADDRESS}/{version()}/{name}")


@functools.cache
def extract_colours() -> str:
    """The rules of whatsit.css that give our pages their colours, for a page that carries its own style."""
    text = read_assets()["whatsit.css"].content.decode()
    return text[text.index(":root") : text.index("\n*") + 1]


def _asset(file: Path) -> Asset:
    content = file.read_bytes()
    return Asset(content, gzip.compress(content, 9, mtime=0), _TYPES[file.suffix])
