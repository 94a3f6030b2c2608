"""Answers as a table: the columns of what `predict --to` writes, and whether there is an answer to act on.

Of a photo without an answer its name and the reason are there, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from whatsit.data.dataset import sort_names
from whatsit.errors import UserError
from whatsit.frames.columns import Column, Columns, flags, lists, numbers, texts
from whatsit.model.answer import Answer
from whatsit.model.likeliest import FIRST, are_many, share_columns

Value = TypeVar("Value")


def tables_of_answers(answers: Iterable[Any]) -> dict[str, Callable[[], Columns]]:
    """A row a photo. Raises UserError where one of them is no answer."""
    found = list(answers)
    for one in found:
        if not isinstance(one, Answer):
            raise UserError(
                f"{type(one).__name__!r} is no answer.", hint="Give what whatsit.predict gave, or a list of it."
            )
    return {"answers": lambda: _table(found)}


def _table(answers: Sequence[Answer]) -> Columns:
    given = [one for one in answers if not one.reason]

    def each(look: Callable[[Answer], Value]) -> list[Value | None]:
        return [None if one.reason else look(one) for one in answers]

    unsure = {"sure": flags(each(lambda one: one.sure))} if any(one.sure is not None for one in given) else {}
    return {
        "name": texts(one.name for one in answers),
        **_said(given, each),
        "distance": numbers(each(lambda one: one.distance)),
        "known": flags(each(lambda one: one.known)),
        "could_be": lists(each(lambda one: one.could_be)),
        **unsure,
        "is_given": flags(one.is_given for one in answers),
        "reason": texts(one.reason or None for one in answers),
        **_shares(given, each),
    }


def _said(given: Sequence[Answer], each: Callable[[Callable[[Answer], Any]], list[Any]]) -> dict[str, Column]:
    kinds = {one.labels is not None for one in given}
    if len(kinds) > 1:
        raise UserError(
            "Some of these answers are one class, and some are several labels.",
            hint="Make a frame of each model's answers.",
        )
    if kinds == {True}:
        return {"predicted": lists(each(lambda one: one.said))}
    return {
        "predicted": texts(each(lambda one: one.label)),
        "probability": numbers(each(lambda one: one.probability)),
    }


def _shares(given: Sequence[Answer], each: Callable[[Callable[[Answer], Any]], list[Any]]) -> dict[str, Column]:
    """The probability of every class, or of very many classes of the likeliest of each photo."""
    classes = sort_names({label for one in given for label in one.probabilities})
    names = share_columns(classes)
    if not are_many(classes):
        # a class that a photo's own model does not know has no probability there
        return {
            name: numbers(each(lambda one, label=label: one.probabilities.get(label)))  # type: ignore[misc]
            for name, label in zip(names, classes, strict=True)
        }
    found: dict[str, Column] = {}
    likeliest = each(lambda one: list(one.probabilities.items())[:FIRST])
    for place in range(FIRST):
        at = [None if one is None or place >= len(one) else one[place] for one in likeliest]
        found[names[2 * place]] = texts(None if one is None else one[0] for one in at)
        found[names[2 * place + 1]] = numbers(None if one is None else one[1] for one in at)
    return found
