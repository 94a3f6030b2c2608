"""A folder of photos that somebody has already: another tool's download, a bought set, a phone's export.

Photos of FOLDER/CLASS where there is such a folder, else all below FOLDER. A JSON file beside a photo, as
bulk downloaders write it, says where the photo came from.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from whatsit.collecting.search.found import Ask, Page, Source, Web
from whatsit.collecting.search.licences import parse_licence
from whatsit.collecting.search.text import clean_text, read_address
from whatsit.data.catalog import Sighting
from whatsit.errors import UserError
from whatsit.image import SUFFIXES

PAGE = 20_000


async def fetch_page(ask: Ask, _web: Web) -> Page:
    """The next photos, by name."""
    root = Path(ask.argument.replace("{class}", ask.class_name)).expanduser().resolve()
    if not root.is_dir():
        raise UserError(f"There is no folder {str(root)!r}.", hint="As in: --source folder:/path/to/photos")
    place = root / ask.class_name if (root / ask.class_name).is_dir() else root
    names = sorted(name for name in _photos(place) if name > ask.cursor)
    if not names and not ask.cursor:
        raise UserError(
            f"There are no photos in {str(place)!r}.", hint=f"Put them into a folder {ask.class_name!r} there."
        )
    some = names[:PAGE]
    return Page(tuple(_found(place / name) for name in some), some[-1] if len(names) > PAGE else "")


def _photos(place: Path) -> list[str]:
    found = []
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(folder).relative_to(place)
        found += [(inside / name).as_posix() for name in files if Path(name).suffix.lower() in SUFFIXES]
    return found


def _found(photo: Path) -> Sighting:
    said = _beside(photo)
    licence = parse_licence(clean_text(said.get("license")))
    return Sighting(
        address=photo.as_uri(),
        page=read_address(said.get("url")),
        title=clean_text(said.get("caption")) or photo.stem,
        author=clean_text(said.get("author")),
        licence=licence,
        rights="stated" if licence else "unknown",
    )


def _beside(photo: Path) -> dict[str, object]:
    """What a bulk downloader wrote about a photo; nothing where it wrote nothing."""
    try:
        said = json.loads(photo.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


SOURCE = Source(
    fetch_page,
    title="photos you have already, copied or linked",
    kind="own",
    argument="a folder",
    example="/path/to/photos",
)
