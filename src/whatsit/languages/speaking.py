"""Sentences in the language that is spoken here: that of the page that asks, else English.

The language travels in a context variable, as who listens to events does. tools/languages.py finds the sentences
by the names of these functions, so they are given as they are, and what is to be filled in beside them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

from whatsit.languages.catalogues import ENGLISH, read_catalogue

_language: ContextVar[str] = ContextVar("whatsit_language", default=ENGLISH)


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say what is said in the block in a language that there is."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def spoken() -> str:
    """The code of the language that is spoken here."""
    return _language.get()


def gettext(message: str, **values: object) -> str:
    """A sentence, in which `{name}` stands for the value of that name; whole numbers are grouped.

    One that the catalogue does not have, as a plug-in's, stays as it is.
    """
    found = read_catalogue(spoken()).messages.get(message, message)
    return _fill(found if isinstance(found, str) else found[0], values)


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """A sentence about `{count}` things, in the form that the number takes."""
    catalogue = read_catalogue(spoken())
    forms = catalogue.messages.get(one)
    found = forms[catalogue.rule(count)] if isinstance(forms, list) else (one if count == 1 else many)
    return _fill(found, {"count": count, **values})


def gettext_noop(message: str) -> str:
    """A sentence that is said later, by `gettext`: as it is, and found by the catalogue."""
    return message


@dataclass(frozen=True)
class Sentence:
    """A sentence that is kept, and said in the language of each who reads it: `str(sentence)`.

    message: in English, where `count` is given about one thing, and `many` about several
    """

    message: str
    many: str = ""
    count: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.count is None:
            return gettext(self.message, **self.values)
        return ngettext(self.message, self.many, self.count, **self.values)

    def as_dict(self) -> dict[str, Any]:
        """The sentence as JSON holds it."""
        return asdict(self)


def gettext_lazy(message: str, **values: str) -> Sentence:
    """A sentence to be said later."""
    return Sentence(message, values=values)


def ngettext_lazy(one: str, many: str, count: int, **values: str) -> Sentence:
    """A sentence about `{count}` things to be said later."""
    return Sentence(one, many, count, values)


def write_numbers(text: str) -> str:
    """A text in which numbers are written as in English, with them as the language writes them: `1,234.5 s`, in
    German `1.234,5 s`."""
    catalogue = read_catalogue(spoken())
    marks = {",": catalogue.group, ".": catalogue.decimal}
    return _MARK.sub(lambda found: marks[found[0]], text)


_MARK = re.compile(r"(?<=\d)[.,](?=\d)")


def _fill(text: str, values: Mapping[str, object]) -> str:
    if not values:
        return text
    return text.format_map({name: _show(value) for name, value in values.items()})


def _show(value: object) -> object:
    return write_numbers(f"{value:,}") if isinstance(value, int) else value
