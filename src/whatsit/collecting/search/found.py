"""What sources find, what is wanted of them, and what a source is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from whatsit.collecting.search.licences import LicenceWish
from whatsit.data.catalog import Sighting
from whatsit.fetch.client import Got
from whatsit.files import expand_home
from whatsit.words import brief


@dataclass(frozen=True)
class Page:
    """One answer of a source, best first; `following` is where to go on, empty at the end."""

    found: tuple[Sighting, ...]
    following: str = ""


@dataclass(frozen=True)
class Ask:
    """One question to a source.

    class_name: the class that photos are wanted for
    words:      what to search for
    cursor:     empty for the first page, then `Page.following`
    argument:   what stood behind the source's name, as the file in `urls:list.txt`
    licence:    the wish of the person, so that a source may search for it
    side_px:    the shorter side of what will be kept; 0 for as it is
    """

    class_name: str
    words: str
    cursor: str = ""
    argument: str = ""
    licence: LicenceWish = "any"
    side_px: int = 0
    key: str = ""


class Web(Protocol):
    """What a source may use to ask its service."""

    def __call__(
        self, address: str, query: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Awaitable[Got]:
        """The answer to a GET, with the query encoded into the address. Raises FetchError, SourceError."""


class SourceError(Exception):
    """A source that cannot go on: blocked, changed, out of allowance. `hint` says what else to do."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


@dataclass(frozen=True)
class Source:
    """A place that photos are found at.

    page:      answers one question; stateless, so that any search can be gone on with after a kill
    title:     one line for people
    kind:      "free": states licences, asked by default; "web": licences unknown, named and agreed to first;
               "own": what somebody has already
    shape_of:  when the shape of its answers was last written down, as `2026-11`
    terms:     what a person agrees to by naming it (kind "web")
    key:       the environment variable that holds its key, where it needs one
    key_page:  where to get one
    canary:    a question that always has an answer, for `sources --check`
    argument:  what must stand behind its name, as in `urls:list.txt`; `example` is one
    """

    page: Callable[[Ask, Web], Awaitable[Page]]
    title: str
    kind: Literal["free", "web", "own"]
    shape_of: str = ""
    terms: str = ""
    key: str = ""
    key_page: str = ""
    canary: str = "red kite"
    argument: str = ""
    example: str = ""
    check: Callable[[str, Sequence[str]], None] | None = None

    __repr__ = brief


@dataclass(frozen=True)
class Wanted:
    """A class and the words to search for, several if need be."""

    class_name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class ChosenSource:
    """A source by name with what stood behind its name."""

    name: str
    argument: str = ""

    @property
    def path(self) -> Path:
        return expand_home(self.argument)
