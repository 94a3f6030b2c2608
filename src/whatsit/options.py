"""Options as frozen dataclasses, with groups of options nested in them, and as the flat names people type."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import itertools
import numbers
import os
import reprlib
import sys
import textwrap
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, TypeVar

from whatsit.errors import UserError, suggest_nearest
from whatsit.records import UNWRITTEN, as_json

GIVEN = "given"  # the field of a class of options that holds the names that were given, be it as they come

Options = TypeVar("Options")
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Option:
    """One option: its name, the groups it lies in from the outside in, its type and its default."""

    name: str
    groups: tuple[str, ...]
    kind: Any
    default: Any


@dataclass(frozen=True)
class Field:
    """A field of a class of options: what the string below it says of it, and, where it is a group of further
    options, the group's title."""

    name: str
    kind: Any
    field: dataclasses.Field[Any]
    text: str
    title: str

    @property
    def is_group(self) -> bool:
        """Whether there are options below it."""
        return is_dataclass(self.kind)


def options_of(kind: type) -> tuple[Option, ...]:
    """All options of a class of options, those in its groups in their place."""
    return tuple(_options_in(kind, kind(), ()))


def flatten(options: Any) -> dict[str, Any]:
    """Every option by its own name, whatever group it lies in, with its value; of options, or of what stands for
    them in JSON."""
    given = options if isinstance(options, Mapping) else as_json(options)
    found: dict[str, Any] = {}
    for name, value in given.items():
        found |= flatten(value) if isinstance(value, Mapping) else {name: value}
    return found


def flag_of(name: str) -> str:
    """An option's flag: `data_dir` → `--data-dir`."""
    return "--" + name.rstrip("_").replace("_", "-")


def words_of(name: str, value: Any) -> list[str]:
    """An option with its value as the words one types: `--epochs 3`, `--flip`, `--no-flip`."""
    flag = flag_of(name)
    return [flag] if value is True else [f"--no-{flag[2:]}"] if value is False else [flag, str(value)]


def names_in(*groups: type | str) -> frozenset[str]:
    """The flat names of all options in classes of options; a name stands for itself."""
    each = ([one] if isinstance(one, str) else [option.name for option in options_of(one)] for one in groups)
    return frozenset(itertools.chain.from_iterable(each))


def list_given(options: Any) -> dict[str, Any]:
    """The options, by their flat names, that somebody gave: those that are not as they come, and those that were
    named as choices though they are."""
    usual = flatten(type(options)())
    named: frozenset[str] = getattr(options, GIVEN, frozenset())
    return {name: value for name, value in flatten(options).items() if name in named or value != usual[name]}


def choose(kind: type[Options], options: Options | None, choices: Mapping[str, Any]) -> Options:
    """`options` (or the defaults) with `choices`, by their flat names, in place of what they hold.

    Where the class has a field `given`, it has the choices' names too; None is as good as not said.
    Raises TypeError, as a wrong keyword does, where there is no such option, and UserError where a value is of
    another kind than the option's.
    """
    known = {option.name: option for option in options_of(kind)}
    if options is not None and not isinstance(options, kind):
        shown = " ".join(reprlib.repr(options).split())
        raise UserError(
            f"The options are {shown}, and have to be {kind.__name__}(…).",
            hint=f"Or give them by their names, as in {next(iter(known))}=…",
        )
    chosen: Any = kind() if options is None else options
    for option in known.values():  # of the record, where only lists of texts need a look
        held = functools.reduce(getattr, (*option.groups, option.name), chosen)
        if isinstance(held, str) and typing.get_origin(option.kind) is tuple:
            chosen = _replace(chosen, (*option.groups, option.name), _as_kind(option.name, option.kind, held))
    for name, value in choices.items():
        if name not in known:
            raise TypeError(f"There is no option {name!r}. {suggest_nearest(name, known)}")
        value = _as_kind(name, known[name].kind, value)
        chosen = _replace(chosen, (*known[name].groups, name), value)
    if hasattr(chosen, GIVEN):
        named = {name for name, value in choices.items() if value is not None}
        chosen = dataclasses.replace(chosen, **{GIVEN: getattr(chosen, GIVEN) | named})
    return typing.cast(Options, chosen)


_KINDS: dict[type, tuple[Any, str]] = {
    bool: (bool, "True or False"),
    int: (numbers.Integral, "a whole number"),
    float: (numbers.Real, "a number"),
    str: ((str, os.PathLike), "a text"),
}  # how Python says them → what may be given for one, and what that is called


def list_names(name: str, given: Iterable[str]) -> tuple[str, ...]:
    """What was given where a list of texts is wanted: one alone is a list of one, None is none.

    Raises UserError where it is neither; `name` is what it was given for.
    """
    found: tuple[str, ...] | None = _as_kind(name, tuple[str, ...], given)
    return found or ()


def _as_kind(name: str, kind: Any, value: Any) -> Any:
    """A value as an option's, a text alone as a list of one where texts are wanted; raises as `_check_kind`."""
    if typing.get_origin(kind) is tuple and isinstance(value, Iterable):
        value = (value,) if isinstance(value, str) and str in typing.get_args(kind) else value
        value = value if isinstance(value, str) else tuple(value)
    _check_kind(name, kind, value)
    return value


def _check_kind(name: str, kind: Any, value: Any) -> None:
    """Raise UserError where a value cannot be an option's, as the command line does; choices are checked by who
    knows them."""
    wanted = [one for one in (typing.get_args(kind) or (kind,)) if one in _KINDS]
    if value is None or not wanted or typing.get_origin(kind) is typing.Literal:
        return
    names = " or ".join(_KINDS[one][1] for one in wanted)
    if typing.get_origin(kind) is tuple:  # of any length, all of one kind
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise UserError(f"{name} is {reprlib.repr(value)}, and has to be a list, each of it {names}.")
        for one in value:
            _check_kind(name, wanted[0], one)
        return
    is_bool = isinstance(value, bool)  # which Python takes for a number too
    if not any(isinstance(value, _KINDS[one][0]) and is_bool == (one is bool) for one in wanted):
        raise UserError(f"{name} is {reprlib.repr(value)}, and has to be {names}.")


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
    for one in fields_of(kind):
        default = getattr(defaults, one.name)
        if one.is_group:
            yield from _options_in(one.kind, default, (*groups, one.name))
        else:
            yield Option(one.name, groups, one.kind, default)


@functools.cache
def fields_of(kind: Any) -> tuple[Field, ...]:
    """The fields of one class of options in order, its groups among them."""
    hints, texts = typing.get_type_hints(kind), _texts_of(kind)
    found = []
    for field in dataclasses.fields(kind):
        if field.metadata == UNWRITTEN:
            continue
        inner = hints[field.name]
        title = (inner.__doc__ or field.name).split("\n")[0].rstrip(".") if is_dataclass(inner) else ""
        found.append(Field(field.name, inner, field, texts.get(field.name, ""), title))
    return tuple(found)


def _texts_of(kind: type[Any]) -> dict[str, str]:
    """The string under each field of a dataclass; one that is put together (an f-string) as it is put together."""
    known = vars(sys.modules[kind.__module__])
    body = typing.cast(ast.ClassDef, ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]).body
    found = {}
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            value = text.value
            if isinstance(value, ast.JoinedStr) or (
                isinstance(value, ast.Constant) and isinstance(value.value, str)
            ):
                whole = eval(compile(ast.Expression(value), kind.__module__, "eval"), known)  # our own source
                found[field.target.id] = " ".join(whole.split())
    return found


def _replace(options: Any, path: tuple[str, ...], value: Any) -> Any:
    first, *rest = path
    inner = _replace(getattr(options, first), tuple(rest), value) if rest else value
    return dataclasses.replace(options, **{first: inner})
