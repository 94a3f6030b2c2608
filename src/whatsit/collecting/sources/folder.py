"""A folder of photos that somebody has already: another tool's download, a bought set, a phone's export.

Photos of FOLDER/CLASS; all below FOLDER where it has no folders that look like classes, or as FOLDER/**. A JSON
file beside a photo, as bulk downloaders write it, says where the photo came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whatsit import events
from whatsit.collecting.search.found import Ask, Page, Source, Web
from whatsit.collecting.search.licences import parse_licence
from whatsit.collecting.search.text import clean_text, read_address
from whatsit.data.catalog import Sighting
from whatsit.data.dataset import Skipped
from whatsit.data.listing.skipped import say_groups
from whatsit.data.listing.walk import NO_TEXT, Listing, list_folder, walk
from whatsit.data.names import match_names
from whatsit.data.readers.parts import are_a_cameras
from whatsit.errors import UserError
from whatsit.files import expand_home, readable
from whatsit.records import decode_json

PAGE = 20_000
ALL_BELOW = "/**"
CLASS = "{class}"


def check_classes(argument: str, class_names: Sequence[str]) -> None:
    """Raise a UserError where FOLDER has class folders and none for one of these classes.

    Without it such a class would get the photos of all of them.
    """
    root = _root(argument)
    if CLASS in argument or argument.endswith(ALL_BELOW) or not root.is_dir():
        return
    there = [name for name in _open(root, root).folders if any(not one.reason for one in walk(root, name))]
    missing = [name for name in class_names if name not in there]
    if missing and there and not are_a_cameras(there):
        near = match_names(there, missing)
        one = next((name for name, class_name in near.items() if class_name == missing[0]), there[0])
        raise UserError(
            f"{str(root)!r} has no folder {missing[0]!r} with photos; it has {', '.join(map(repr, there[:6]))}.",
            hint=f"Call the class as its folder is called, or give its folder: --source folder:{root / one}. All "
            f"photos below, as one class: --source 'folder:{root}{ALL_BELOW}'",
        )
    if missing and len(class_names) > 1:
        raise UserError(
            f"The photos in {str(root)!r} lie in no class folders, so they cannot be those of {len(class_names)} "
            "classes.",
            hint=f"Put them into a folder a class, as {missing[0]!r}, or collect them as one class.",
        )


async def fetch_page(ask: Ask, _web: Web) -> Page:
    """The next photos, by name."""
    root = _root(ask.argument.replace(CLASS, ask.class_name))
    if not root.is_dir():
        raise UserError(f"There is no folder {str(root)!r}.", hint="As in: --source folder:/path/to/photos")
    whole = ask.argument.endswith(ALL_BELOW) or not (root / ask.class_name).is_dir()
    place = root if whole else root / ask.class_name
    _open(place, root)
    entries = list(walk(place))
    names = sorted(one.name for one in entries if one.reason in ("", NO_TEXT) and one.name > ask.cursor)
    if not names and not ask.cursor:
        raise UserError(
            f"There are no photos in {str(place)!r}.", hint=f"Put them into a folder {ask.class_name!r} there."
        )
    if not ask.cursor:
        others = (one for one in entries if one.reason not in ("", NO_TEXT) and not one.name.endswith(".json"))
        left = [Skipped(readable(one.name), one.reason) for one in others]  # JSON is what `_beside` reads
        for line in say_groups(left):
            events.note(f"{readable(str(place))}: {line}")
    some = names[:PAGE]
    return Page(tuple(_found(place / name) for name in some), some[-1] if len(names) > PAGE else "")


def _root(argument: str) -> Path:
    return expand_home(argument.removesuffix(ALL_BELOW)).resolve()


def _open(place: Path, root: Path) -> Listing:
    try:
        return list_folder(place)
    except OSError as error:
        raise UserError(
            f"The folder {str(place)!r} cannot be opened ({error.strerror}).", hint=f"May you read {str(root)!r}?"
        ) from None


def _found(photo: Path) -> Sighting:
    said = _beside(photo)
    licence = parse_licence(clean_text(said.get("license")))
    return Sighting(
        address=photo.as_uri(),
        page=read_address(said.get("url")),
        title=clean_text(said.get("caption")) or readable(photo.stem),
        author=clean_text(said.get("author")),
        licence=licence,
        rights="stated" if licence else "unknown",
    )


def _beside(photo: Path) -> dict[str, object]:
    """What a bulk downloader wrote about a photo; nothing where it wrote nothing."""
    try:
        said = decode_json(photo.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


SOURCE = Source(
    fetch_page,
    title="photos you have already, copied or linked",
    kind="own",
    argument="a folder",
    example="/path/to/photos",
    check=check_classes,
)
