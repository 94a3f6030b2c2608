"""Records as JSON: the one reader and the one writer of what our files say.

A record is a frozen dataclass below `Record`. Its JSON is an object with an entry a field, read by the type hints:

- `from_` and `class_` are `from` and `class` there (Python keeps those words for itself)
- a field whose default is None is left out while it is None
- an entry that is missing takes the field's default, and is a mistake where there is none
- entries that no field asks for (a newer version's) are kept in `more` and written again
"""

from __future__ import annotations

import functools
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from whatsit.errors import UserError

R = TypeVar("R", bound="Record")
UNWRITTEN = {"is_written": False}  # metadata of a field that is for the program alone, and is not in JSON
LARGEST = 2**63 - 1  # of a whole number: what numpy's int64 holds


@dataclass(frozen=True, kw_only=True)
class Record:
    """What all records share: `more`, the entries of their JSON that this version does not know."""

    more: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)


def decode_json(text: str | bytes, **options: Any) -> Any:
    """The content of a JSON text; a `ValueError` whatever is wrong with it: no JSON, no UTF-8, a number of
    thousands of digits, or lists nested without end.

    options: of `json.loads`, which raises a RecursionError for the last
    """
    try:
        return json.loads(text, **options)  # noqa: TID251
    except RecursionError:
        raise ValueError("nested too deep") from None


def parse_json(text: str | bytes, name: str) -> Any:
    """The content of one of our files of JSON; a `UserError` naming it where it is none."""
    try:
        return decode_json(text)
    except ValueError:
        raise UserError(f"{name!r} is damaged: it is not the JSON we wrote.") from None


def read_record(kind: type[R], stored: object, name: str, hint: str = "") -> R:
    """The record that `stored`, as JSON has it, stands for; a `UserError` naming the file and the field
    where it is of another form.

    name, hint: of the file, and what to do where it is damaged
    """
    try:
        found: R = _read_record(kind, stored)
    except _Misfit as misfit:
        where = "".join(misfit.path).removeprefix(".") or "its content"
        raise UserError(f"{name!r} is damaged: {where} {misfit.why}.", hint=hint) from None
    return found


def as_json(record: Any) -> dict[str, Any]:
    """What stands for a record in JSON. Other dataclasses (options) are written whole, None and all."""
    written = {}
    for one in fields(record):
        value = getattr(record, one.name)
        is_left_out = isinstance(record, Record) and value is None and one.default is None
        if one.name != "more" and one.metadata != UNWRITTEN and not is_left_out:
            written[_key(one.name)] = _plain(value)
    return written | dict(getattr(record, "more", {}))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return as_json(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _key(name: str) -> str:
    return name.rstrip("_")


class _Misfit(Exception):
    """A value of another form than its field's; `path` leads to it from the outside, `why` ends the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.path: list[str] = []


Reader = Callable[[Any], Any]


def _read_record(kind: Any, stored: Any) -> Any:
    entries = _expect(dict, "an object", stored)
    known = _fields_of(kind)
    values = {}
    for name, (key, read, is_needed) in known.items():
        if key in entries:
            values[name] = _within(f".{key}", read, entries[key])
        elif is_needed:
            misfit = _Misfit("is missing")
            misfit.path = [f".{key}"]
            raise misfit
    keys = {key for key, _, _ in known.values()}
    return kind(**values, more={key: value for key, value in entries.items() if key not in keys})


@functools.cache
def _fields_of(kind: Any) -> dict[str, tuple[str, Reader, bool]]:
    """Each field of a record's class: its name in JSON, what reads it, and whether it must be there."""
    hints = typing.get_type_hints(kind)
    return {
        one.name: (
            _key(one.name),
            _reader(hints[one.name]),
            one.default is MISSING and one.default_factory is MISSING,
        )
        for one in fields(kind)
        if one.name != "more"
    }


def _within(step: str, read: Reader, value: Any) -> Any:
    try:
        return read(value)
    except _Misfit as misfit:
        misfit.path.insert(0, step)
        raise


@functools.cache
def _reader(hint: Any) -> Reader:
    """What reads a value of this type."""
    if hint is Any:
        return lambda value: value
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, Record):
        return functools.partial(_read_record, hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return functools.partial(_read_one_of, inner)
    if origin in (typing.Union, types.UnionType):
        (given,) = (kind for kind in inner if kind is not type(None))
        read = _reader(given)
        return lambda value: None if value is None else read(value)
    if origin is tuple and inner[-1] is Ellipsis:
        return functools.partial(_read_list, _reader(inner[0]))
    if origin is tuple:
        return functools.partial(_read_tuple, tuple(map(_reader, inner)))
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return functools.partial(_read_mapping, _reader(inner[1]))
    raise TypeError(f"records have no fields of type {hint}")


def _expect(kind: type[Any] | tuple[type[Any], ...], what: str, value: Any) -> Any:
    if not isinstance(value, kind):
        raise _Misfit(f"is {_in_words(value)} and not {what}")
    return value


def _in_words(value: Any) -> str:
    """A value for a sentence, whatever its size."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = ascii(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _read_text(value: Any) -> str:
    return str(_expect(str, "a text", value))


def _read_bool(value: Any) -> bool:
    return bool(_expect(bool, "true or false", value))


def _read_whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise _Misfit(f"is {_in_words(value)} and not a whole number")
    return value


def _read_number(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or (abs(value) > LARGEST and isinstance(value, int)) or not math.isfinite(value):
        raise _Misfit(f"is {_in_words(value)} and not a finite number")
    return float(value)


_PLAIN: dict[Any, Reader] = {str: _read_text, bool: _read_bool, int: _read_whole, float: _read_number}


def _read_one_of(allowed: tuple[Any, ...], value: Any) -> Any:
    if not isinstance(value, str) or value not in allowed:
        raise _Misfit(f"is {_in_words(value)} and none of {', '.join(map(str, allowed))}")
    return value


def _read_list(read: Reader, value: Any) -> tuple[Any, ...]:
    items = _expect((list, tuple), "a list", value)
    return tuple(_within(f"[{place}]", read, item) for place, item in enumerate(items))


def _read_tuple(readers: tuple[Reader, ...], value: Any) -> tuple[Any, ...]:
    items = _expect((list, tuple), f"a list of {len(readers)}", value)
    if len(items) != len(readers):
        raise _Misfit(f"is a list of {len(items)} and not of {len(readers)}")
    return tuple(
        _within(f"[{place}]", read, item) for place, (read, item) in enumerate(zip(readers, items, strict=True))
    )


def _read_mapping(read: Reader, value: Any) -> dict[str, Any]:
    entries = _expect(dict, "an object", value)
    return {key: _within(f".{key}", read, entry) for key, entry in entries.items()}
