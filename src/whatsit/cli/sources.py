"""`whatsit sources`: where photos can be looked for."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter


def sources(
    *,
    check: Annotated[bool, Parameter(negative="")] = False,
    contact: str = "",
    agree: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """List where photos can be looked for; with --check, ask each whether it still answers as expected.

    Example: `whatsit sources --check --contact you@example.org`

    Parameters
    ----------
    check
        Ask each source one small question.
    contact
        A mail address or page where you can be reached; sources are told it.
    agree
        Ask also those whose terms want to be agreed to.
    """
    from whatsit.cli import console
    from whatsit.collecting.canary import asked_all
    from whatsit.collecting.sources import SOURCES

    if not check:
        rows = [(name, source.kind, source.title, _needs(name)) for name, source in SOURCES.items()]
        console.table(("source", "kind", "what it is", "needs"), rows)
        return
    answers = asked_all(contact, agree)
    console.table(("source", "answer"), [(answer.source, answer.sentence) for answer in answers])
    if not all(answer.is_good for answer in answers):
        sys.exit(1)


def _needs(name: str) -> str:
    from whatsit.collecting.sources import SOURCES

    source = SOURCES[name]
    if source.key:
        return f"a key in {source.key}, from {source.key_page}"
    if source.argument:
        return f"{source.argument}: --source {name}:{source.example}"
    return "your agreement" if source.terms else ""
