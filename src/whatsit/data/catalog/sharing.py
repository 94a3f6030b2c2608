"""A catalog that several people share: which database has it, and which data set of that database a folder is.

The address comes with every command, by `--catalog` or `$WHATSIT_CATALOG`, and is written nowhere. What a folder
remembers is the mark of each data set that it has joined: two folders of one name, on one machine or on two, are
one data set only when somebody said so.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from whatsit.data.catalog.dialects.postgresql import describe, schema_of
from whatsit.errors import UserError
from whatsit.files import read_json, write_json

VARIABLE = "WHATSIT_CATALOG"
SCHEMES = ("postgresql://", "postgres://")
MARKS = "shared.json"  # beside a folder's own catalog: the marks of the data sets that it has joined
_given = [""]  # the last is the one that holds; of the whole process, for a verb's threads ask too


class Shared(NamedTuple):
    """A data set in a database: the address of the database, its schema, and whether its name was said."""

    address: str
    schema: str
    is_named: bool


@contextlib.contextmanager
def sharing(address: str | None) -> Iterator[None]:
    """Have all catalogs of the block lie at an address, or where $WHATSIT_CATALOG says. Raises UserError."""
    _given.append(address or _given[-1])
    try:
        _address()
        yield
    finally:
        _given.pop()


def find_shared(data: Path) -> Shared | None:
    """The data set that a folder is in a database; None where its catalog is a file of its own.

    By the name of the folder, unless the address ends in #NAME. Raises UserError for another kind of address.
    """
    if not (address := _address()):
        return None
    database, _, name = address.partition("#")
    return Shared(database, schema_of(unquote(name) or _name_of(data)), bool(name))


def check_joined(shared: Shared, mark: str, marks: Path) -> None:
    """Raise UserError where a folder did not join a data set, and nobody says now that it is this one.

    mark: the data set's; marks: the file in which the folder keeps those that it has joined
    """
    if not shared.is_named and mark not in _read(marks):
        name = shared.schema.partition("_")[2]
        raise UserError(
            f"{describe(shared.address)} has a data set called {name!r} already, and this folder did not join it.",
            hint=f"Is it this one? Then say so once: --catalog '…#{quote(name)}'. Otherwise name it otherwise.",
        )


def join(mark: str, marks: Path) -> None:
    """Remember that a folder has joined a data set."""
    if mark not in (known := _read(marks)):
        write_json(marks, {"joined": [*known, mark]})


def _address() -> str:
    address = _given[-1] or os.environ.get(VARIABLE, "")
    if address and not address.startswith(SCHEMES):
        raise UserError(
            f"{describe(address)!r:.200} is no address of a shared catalog.",
            hint=f"It begins with postgresql://, and comes by --catalog or ${VARIABLE}.",
        )
    return address


def _name_of(data: Path) -> str:
    folder = data.resolve()
    run = next((one for one in folder.parents if (one / "run.json").exists()), None)
    return f"{run.name} {folder.name}" if run else folder.name  # what is corrected lies in each run under one name


def _read(marks: Path) -> list[str]:
    if not marks.exists():
        return []
    content = read_json(marks)
    found = content.get("joined") if isinstance(content, dict) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
