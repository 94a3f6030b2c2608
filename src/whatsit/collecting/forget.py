"""Takedown: delete what somebody asks to be deleted, and see that it does not come back.

The one verb that deletes photos. A photo goes with all its duplicates; a creator and a host go with all
their photos, those not fetched yet among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from whatsit import words
from whatsit.data.catalog import Catalog, open_catalog
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors, read_csv
from whatsit.words import brief


@dataclass(frozen=True)
class Forgotten:
    """What was taken down: paths of photos, how many addresses are barred, runs that learnt from the photos."""

    photos: tuple[str, ...]
    barred: int
    runs: tuple[Path, ...]

    __repr__ = brief

    def sentence(self) -> str:
        """`Deleted: 3 photos. Addresses that will not be asked again: 5.`"""
        deleted = words.photos(len(self.photos))
        return f"Deleted: {deleted}. Addresses that will not be asked again: {self.barred:,}."


def forget(
    data: Path,
    photo: str | None = None,
    creator: str | None = None,
    host: str | None = None,
    runs: Path = Path("runs"),
) -> Forgotten:
    """Take down one photo (its path, or its address), all of a creator, or all of a host.

    Raises UserError where nothing of that is known.
    """
    asked = {"photo": photo, "creator": creator, "host": host}
    named = {kind: value for kind, value in asked.items() if value}
    if len(named) != 1:
        raise UserError(
            "Name what is to be forgotten: one photo, one creator or one host.",
            hint="--photo CLASS/1.jpg: one photo, by its path or the address it came from\n"
            '--creator "A. Person": all photos of an author\n'
            "--host example.org: all photos from a host",
        )
    (kind, value) = next(iter(named.items()))
    if not data.is_dir():
        raise UserError(f"There is no folder {str(data)!r}.")
    with open_catalog(data) as known:
        rows = known.candidates_meant(kind, value)
        by_hand = _by_hand(known, data, value) if kind == "photo" and not rows else []
        if not rows and not by_hand:
            raise UserError(f"No {kind} {value!r} is known in {str(data)!r}.", hint=_examples(known, kind))
        contents = {sha256 for _id, sha256 in rows if sha256} | {digest for _path, digest in by_hand}
        photos = [path for path, _digest in by_hand]
        photos += sorted({path for sha256 in contents for path in known.paths_kept_with(sha256)})
        for path in photos:
            _refuse_elsewhere(data, path)
        learnt = _runs(runs, known, photos)  # before their digests are gone
        known.forget((candidate for candidate, _sha256 in rows), _barred(kind, value, contents))
        for path in photos:
            with explain_disk_errors(data / path):
                (data / path).unlink(missing_ok=True)
        known.drop_photos(photos)
    return Forgotten(tuple(photos), len(rows), learnt)


def _refuse_elsewhere(data: Path, path: str) -> None:
    """Raise a UserError where a photo lies in a folder that a link leads to: it is somebody's original."""
    link = next(
        (one for one in reversed((data / path).relative_to(data).parents) if (data / one).is_symlink()), None
    )
    if link is not None:
        raise UserError(
            f"{path!r} lies behind the link {link.as_posix()!r}, in {str((data / link).resolve())!r}, "
            "where nothing is deleted.",
            hint="Remove the link, or delete the photo there yourself; then ask again.",
        )


def _by_hand(known: Catalog, data: Path, path: str) -> list[tuple[str, str]]:
    """(path, SHA-256) of a photo that nobody collected, but that lies there."""
    row = known.photos().get(path)
    if row is None or not (data / path).is_file():
        return []
    return [(path, row.sha256)]


def _barred(kind: str, value: str, contents: Iterable[str]) -> set[tuple[str, str]]:
    """What must never come back: the bytes, and whoever was named; addresses follow from the candidates."""
    barred = {("sha256", sha256) for sha256 in contents}
    if kind != "photo":
        barred.add((kind, value.lower() if kind == "host" else value))
    return barred


def _runs(runs: Path, known: Catalog, photos: Sequence[str]) -> tuple[Path, ...]:
    """The runs whose list of photos names one of these, by path or by content."""
    rows = known.photos()
    marks = {*photos, *(rows[path].sha256 for path in photos if path in rows)}
    learnt = []
    for split in sorted(runs.glob("*/split.csv")):
        if any(marks & {row.get("name"), row.get("sha256")} for row in read_csv(split)):
            learnt.append(split.parent)
    return tuple(learnt)


def _examples(known: Catalog, kind: str) -> str:
    names = ", ".join(map(words.typed, known.names_to_forget(kind)))
    return f"Known are, for example: {names}." if names else "Nothing was collected there yet."
