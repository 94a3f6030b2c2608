"""Flags from dataclasses: every field of an options class is a flag, and a nested class is a group of flags."""

from __future__ import annotations

import dataclasses
import typing
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from whatsit.options import Field, fields_of
from whatsit.plugins import list_names
from whatsit.records import UNWRITTEN

ADDED = {"recipe": "recipes"}  # option → the kind of plug-ins whose names it takes


def flags(options: type[Any]) -> Any:
    """The annotation of a command's parameter that takes all fields of `options`, nested ones flattened."""
    return Annotated[_flatten(options), Parameter(name="*")]


def list_typed(options: Any) -> dict[str, Any]:
    """The options that were typed, by their flat names, be it with the value they have anyway."""
    found: dict[str, Any] = {}
    for name, value in getattr(options, "typed", {}).items():
        found |= list_typed(value) if isinstance(value, _Typed) else {name: value}
    return found


class _Typed:
    """Remembers what it is made with: cyclopts makes options of what was typed and of nothing else."""

    typed: dict[str, Any]

    def __new__(cls, **typed: Any) -> _Typed:
        made = super().__new__(cls)
        object.__setattr__(made, "typed", typed)
        return made


def _typed(option: Field) -> Any:
    """What is taken for an option: of a choice to which other packages may add, theirs as well."""
    parts = typing.get_args(option.kind)
    own = next((part for part in parts if typing.get_origin(part) is Literal), None)
    if own is None or str not in parts:
        return option.kind
    return Literal[(*typing.get_args(own), *list_names(ADDED[option.name]))]


def _flatten(options: Any) -> type[Any]:
    """A subclass of `options` whose nested dataclasses are marked so that their fields need no prefix."""
    fields: list[tuple[str, Any, Any]] = []
    for option in fields_of(options):
        field = dataclasses.field(default=option.field.default, default_factory=option.field.default_factory)
        kind: Any = Annotated[_typed(option), Parameter(help=option.text)]
        if option.is_group:
            inner = _flatten(option.kind)
            field = dataclasses.field(default_factory=inner)
            kind = Annotated[inner, Parameter(name="*", group=Group.create_ordered(option.title))]
        fields.append((option.name, kind, field))
    for one in dataclasses.fields(options):
        if one.metadata == UNWRITTEN:  # for the program alone
            fields.append((one.name, Annotated[Any, Parameter(parse=False)], one))
    marked = dataclasses.make_dataclass(options.__name__, fields, bases=(_Typed, options), frozen=True)
    marked.__module__, marked.__qualname__ = options.__module__, options.__qualname__
    return marked
