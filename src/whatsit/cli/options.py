"""Flags from dataclasses: every field of an options class is a flag, and a nested class is a group of flags."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from cyclopts import Group, Parameter

from whatsit.options import fields_of


def flags(options: type[Any]) -> Any:
    """The annotation of a command's parameter that takes all fields of `options`, nested ones flattened."""
    return Annotated[_flatten(options), Parameter(name="*")]


def _flatten(options: Any) -> type[Any]:
    """A subclass of `options` whose nested dataclasses are marked so that their fields need no prefix."""
    fields: list[tuple[str, Any, Any]] = []
    for option in fields_of(options):
        kind, field = option.kind, option.field
        if option.is_group:
            kind = Annotated[kind, Parameter(name="*", group=Group.create_ordered(option.title))]
        again = dataclasses.field(default=field.default, default_factory=field.default_factory)
        fields.append((option.name, kind, again))
    marked = dataclasses.make_dataclass(options.__name__, fields, bases=(options,), frozen=True)
    marked.__module__, marked.__qualname__ = options.__module__, options.__qualname__  # help texts are read there
    return marked
