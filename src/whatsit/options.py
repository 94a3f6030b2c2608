"""Options as frozen dataclasses, with groups of options nested in them, and as the flat names people type."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, TypeVar

from whatsit.errors import nearest

Options = TypeVar("Options")
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Option:
    """One option: its name, the groups it lies in from the outside in, its type and its default."""

    name: str
    groups: tuple[str, ...]
    kind: Any
    default: Any


def options_of(kind: type) -> tuple[Option, ...]:
    """All options of a class of options, those in its groups in their place."""
    return tuple(_options_in(kind, kind(), ()))


def flatten(options: Any) -> dict[str, Any]:
    """Every option by its own name, whatever group it lies in, with its value."""
    return {option.name: _value(options, option) for option in options_of(type(options))}


def choose(kind: type[Options], options: Options | None, choices: Mapping[str, Any]) -> Options:
    """`options` (or the defaults) with `choices`, by their flat names, in place of what they hold.

    Raises TypeError, as a wrong keyword does, where there is no such option.
    """
    known = {option.name: option for option in options_of(kind)}
    chosen: Any = kind() if options is None else options
    for name, value in choices.items():
        if name not in known:
            raise TypeError(f"There is no option {name!r}. {nearest(name, known)}")
        chosen = _replace(chosen, (*known[name].groups, name), value)
    return typing.cast(Options, chosen)


def takes_choices(place: str) -> Callable[[Function], Function]:
    """Marks a function that ends in `**choices`: they are the options of the class at `place`, "module:Class".

    The class is imported by `reveal_choices` only: a verb costs nothing until it is asked for.
    """

    def mark(function: Function) -> Function:
        function.choices_of = place  # type: ignore[attr-defined]
        return function

    return mark


def reveal_choices(function: Function) -> Function:
    """The function, with the options it takes as keywords in its signature: what `help` and editors show."""
    place = getattr(function, "choices_of", "")
    if not place or hasattr(function, "__signature__"):
        return function
    module, _, name = place.partition(":")
    kind = getattr(importlib.import_module(module), name)
    signature = inspect.signature(function)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    taken = {one.name for one in own}
    added = [
        inspect.Parameter(
            option.name, inspect.Parameter.KEYWORD_ONLY, default=option.default, annotation=option.kind
        )
        for option in options_of(kind)
        if option.name not in taken
    ]
    function.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    return function


def _options_in(kind: type, defaults: Any, groups: tuple[str, ...]) -> Iterator[Option]:
    for field, hint in _fields(kind):
        default = getattr(defaults, field)
        if is_dataclass(hint) and isinstance(hint, type):
            yield from _options_in(hint, default, (*groups, field))
        else:
            yield Option(field, groups, hint, default)


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in dataclasses.fields(kind))


def _value(options: Any, option: Option) -> Any:
    for group in option.groups:
        options = getattr(options, group)
    return getattr(options, option.name)


def _replace(options: Any, path: tuple[str, ...], value: Any) -> Any:
    first, *rest = path
    inner = _replace(getattr(options, first), tuple(rest), value) if rest else value
    return dataclasses.replace(options, **{first: inner})
