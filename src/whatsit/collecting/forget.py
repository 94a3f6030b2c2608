"""Takedown: delete what somebody asks to be deleted, and see that it does not come back.

The one verb that deletes photos. A photo goes with all its duplicates; a creator and a host go with all
their photos, those not fetched yet among them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from whatsit import words
from whatsit.data import catalog
from whatsit.data.catalog import Catalog, now
from whatsit.errors import UserError
from whatsit.files import explained


@dataclass(frozen=True)
class Forgotten:
    """What was taken down: paths of photos, how many addresses are barred, runs that learnt from the photos."""

    photos: tuple[str, ...]
    barred: int
    runs: tuple[Path, ...]

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
            "Name what is to be forgotten: one photo, one creator or one host.", hint="As in: --host example.org"
        )
    (kind, value) = next(iter(named.items()))
    if not data.is_dir():
        raise UserError(f"There is no folder {str(data)!r}.")
    with catalog.open_catalog(data) as known:
        rows = _candidates(known, kind, value)
        by_hand = _by_hand(known, data, value) if kind == "photo" and not rows else []
        if not rows and not by_hand:
            raise UserError(f"No {kind} {value!r} is known in {str(data)!r}.", hint=_examples(known, kind))
        contents = {sha256 for _id, sha256 in rows if sha256} | {digest for _path, digest in by_hand}
        photos = [path for path, _digest in by_hand] + _photos_of(known, contents)
        learnt = _runs(runs, known, photos)  # before their digests are gone
        _bar(known, kind, value, contents, rows)
        for path in photos:
            with explained(data / path):
                (data / path).unlink(missing_ok=True)
        known.drop_photos(photos)
    return Forgotten(tuple(photos), len(rows), learnt)


def _candidates(known: Catalog, kind: str, value: str) -> list[tuple[int, str]]:
    """(id, SHA-256 or nothing) of all candidates meant; for a photo those of the same bytes too."""
    queries = {
        "photo": "SELECT id, sha256 FROM candidates WHERE ?1 IN (photo, address, final_address)",
        "creator": "SELECT DISTINCT id, sha256 FROM candidates JOIN sightings ON candidate = id WHERE author = ?1",
        "host": "SELECT id, sha256 FROM candidates WHERE host = lower(?1) OR host LIKE '%.' || lower(?1)"
        " OR final_address LIKE '%://' || ?1 || '/%'",
    }
    rows = list(known.rows(queries[kind], value))
    contents = {sha256 for _id, sha256 in rows if sha256}
    same = "SELECT id, sha256 FROM candidates WHERE sha256 = ?"
    return sorted({*rows, *(row for sha256 in contents for row in known.rows(same, sha256))})


def _by_hand(known: Catalog, data: Path, path: str) -> list[tuple[str, str]]:
    """(path, SHA-256) of a photo that nobody collected, but that lies there."""
    row = known.photos().get(path)
    if row is None or not (data / path).is_file():
        return []
    return [(path, row.sha256)]


def _photos_of(known: Catalog, contents: Iterable[str]) -> list[str]:
    query = "SELECT DISTINCT photo FROM candidates WHERE sha256 = ? AND state = 'kept'"
    return sorted({str(path) for sha256 in contents for (path,) in known.rows(query, sha256)})


def _bar(known: Catalog, kind: str, value: str, contents: Iterable[str], rows: Sequence[tuple[int, str]]) -> None:
    """Keep all of it from ever coming back: the bytes, the addresses, and whoever was named."""
    barred = {("sha256", sha256) for sha256 in contents}
    if kind != "photo":
        barred.add((kind, value.lower() if kind == "host" else value))
    with known.together():
        for candidate_id, _sha256 in rows:
            for (address,) in list(known.rows("SELECT address FROM candidates WHERE id = ?", candidate_id)):
                barred.add(("address", address))
            known.write(
                "UPDATE candidates SET state = 'skipped', kind = 'forgotten', reason = 'taken down', photo = NULL"
                " WHERE id = ?",
                candidate_id,
            )
        for what, one in sorted(barred):
            known.write("INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?)", what, one, now())


def _runs(runs: Path, known: Catalog, photos: Sequence[str]) -> tuple[Path, ...]:
    """The runs whose list of photos names one of these, by path or by content."""
    rows = known.photos()
    marks = {*photos, *(rows[path].sha256 for path in photos if path in rows)}
    learnt = []
    for split in sorted(runs.glob("*/split.csv")):
        with split.open(encoding="utf-8", newline="") as file:
            if any(marks & {row.get("name"), row.get("sha256")} for row in csv.DictReader(file)):
                learnt.append(split.parent)
    return tuple(learnt)


def _examples(known: Catalog, kind: str) -> str:
    queries = {
        "photo": "SELECT path FROM photos LIMIT 3",
        "creator": "SELECT author FROM sightings WHERE author != '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 3",
        "host": "SELECT host FROM candidates WHERE host != '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 3",
    }
    names = [str(name) for (name,) in known.rows(queries[kind])]
    return f"Known are, for example: {', '.join(names)}." if names else "Nothing was collected there yet."
