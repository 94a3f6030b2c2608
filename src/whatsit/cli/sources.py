"""`whatsit sources`: where photos can be looked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit.cli.terminal import stopping

if TYPE_CHECKING:
    from whatsit.collecting.search.found import Source


@stopping.leaves(stopping.NOTHING)
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
    from whatsit import verbs
    from whatsit.cli.terminal import console

    if not check:
        rows = [(name, one.kind, one.title, _needs(name, one)) for name, one in verbs.sources().items()]
        console.table(("source", "kind", "what it is", "needs"), rows)
        for name, one in verbs.sources().items():
            if one.key:
                console.show(f"The key of {name} is free: {one.key_page}")
        return
    answers = verbs.sources(check=True, contact=contact, agree=agree)
    console.table(("source", "answer"), [(answer.source, answer.sentence) for answer in answers])
    if not all(answer.is_good for answer in answers):
        sys.exit(1)


def _needs(name: str, source: Source) -> str:
    if source.key:
        return f"a key in {source.key}"
    if source.argument:
        return f"{source.argument}: --source {name}:{source.example}"
    return "your agreement" if source.terms else ""
