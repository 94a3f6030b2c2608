"""What tests of collecting ask for: manners that do not make tests wait, and the files that came of it."""

from __future__ import annotations

from pathlib import Path

from whatsit.collect.options import CollectOptions
from whatsit.fetch.manners import Manners, Pace

QUICK = Manners(usual=Pace(4, 10_000.0), backoff_s=0.01, rest_s=0.05, patience_s=5.0)
CONTACT = "tests@example.org"


def options(**fields: object) -> CollectOptions:
    return CollectOptions(**{"contact": CONTACT, "per_class": 10, **fields})  # type: ignore[arg-type]


def names(data: Path) -> list[str]:
    """All files in the class folders of a DATA folder."""
    return sorted(path.relative_to(data).as_posix() for path in data.glob("*/**/*") if _is_photo(path, data))


def _is_photo(path: Path, data: Path) -> bool:
    return path.is_file() and path.relative_to(data).parts[0] != ".whatsit"
