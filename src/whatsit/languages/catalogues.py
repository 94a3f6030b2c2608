"""The catalogues that there are, a file a language."""

from __future__ import annotations

import functools
import gettext
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from whatsit.records import decode_json

FOLDER = Path(__file__).parent
ENGLISH = "en"


@dataclass(frozen=True)
class Catalogue:
    """A language: how it calls itself, how it writes numbers, which form a number takes, and its sentences.

    direction: "ltr" or "rtl"
    rule:     number → place of its form among those of a sentence
    messages: by the English sentence, of those with a number by the English one of one thing; then all forms
    content:  the whole of it as JSON, for a page
    """

    language: str
    name: str
    direction: str
    decimal: str
    group: str
    rule: Callable[[int], int]
    messages: Mapping[str, str | list[str]]
    content: str


@functools.cache
def list_languages() -> dict[str, str]:
    """How each language calls itself, by its code; English first."""
    codes = sorted(file.stem for file in FOLDER.glob("*.json"))
    return {code: read_catalogue(code).name for code in (ENGLISH, *codes)}


@functools.cache
def read_catalogue(language: str) -> Catalogue:
    """The catalogue of a language there is."""
    if language == ENGLISH:
        return Catalogue(ENGLISH, "English", "ltr", ".", ",", lambda count: int(count != 1), {}, "")
    found = decode_json((FOLDER / f"{language}.json").read_bytes())
    return Catalogue(
        language=language,
        name=found["name"],
        direction=found["direction"],
        decimal=found["decimal"],
        group=found["group"],
        rule=gettext.c2py(found["plural"]),
        messages=found["messages"],
        content=json.dumps(found, ensure_ascii=False, separators=(",", ":")),
    )
