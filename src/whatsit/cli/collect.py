"""`whatsit collect`: words to class folders of photos."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit import events, verbs, words
from whatsit.cli.options import flags
from whatsit.cli.terminal import console
from whatsit.collecting.options import CollectOptions

if TYPE_CHECKING:
    from rich.table import Table

    from whatsit.cli.terminal.tally import Tally
    from whatsit.collecting.account.yields import Yield

    Options = CollectOptions
else:
    Options = flags(CollectOptions)
DEFAULTS = Options()


def collect(
    data: Path,
    classes: Annotated[list[str], Parameter(name="class", negative="")],
    /,
    *,
    engine: str = "threads",
    options: Options = DEFAULTS,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Collect photos by search words, one folder a class.

    Origin, author and licence of each photo are kept in DATA/.whatsit/catalog.sqlite. The same command again
    goes on where it stopped, and fetches nothing twice.

    Example: `whatsit collect photos pikachu "kanye west" "cat=cat photo" --contact you@example.org`

    Parameters
    ----------
    data
        The folder that gets a folder of photos for each class; made where there is none.
    classes
        Names of classes, searched for as they are, or "class=words" or "class=words|other words".
    engine
        What proves that files are photos: threads of this machine, or ray or ray=ADDRESS, a Ray cluster, which
        then has the workers too.
    json_
        Print the account as JSON.
    """
    from whatsit.cli.terminal.tally import Tally

    tally = Tally()
    with events.listening(tally), _live(tally):
        done = verbs.collect(data, classes, options, agree_to=agree_to, engine=engine)
    if json_:
        print(json.dumps([_as_dict(one) for one in done.classes], ensure_ascii=False))
        _note(done)
    else:
        show(done)
    if not all(one.photos for one in done.classes):
        sys.exit(1)


def _as_dict(one: object) -> dict[str, object]:
    from whatsit.collecting.account.yields import ClassYield

    assert isinstance(one, ClassYield)
    ended = {source: error.sentence for source, error in one.ended.items()}
    plain = {name: value for name, value in vars(one).items() if name != "ended"}
    return {**plain, "ended": ended}


def show(done: Yield) -> None:
    """Print what became of each class: a sentence on stdout, what to do next on stderr."""
    for one in done.classes:
        console.show(one.sentence())
    _note(done)


def _note(done: Yield) -> None:
    from whatsit.collecting.account.yields import explain_kind
    from whatsit.collecting.search.terms import PEOPLE

    for one in done.classes:
        if one.is_short:
            wanted = f" of {one.goal:,} wanted" if one.goal else ""
            console.warn(f"{one.class_name!r} has {words.photos(one.photos)}{wanted}.")
        reasons = sorted(one.kinds.items(), key=lambda kind: -kind[1])
        for kind, count in reasons:
            console.note(f"  {one.class_name}: {count:,} × {explain_kind(kind)}")
    for hint in done.hints():
        console.note(hint)
    if done.people:
        console.warn(PEOPLE)
    for sheet in done.sheets:
        console.note(f"Contact sheet: {sheet}")
    console.note(f"Every address and what became of it: {done.addresses}\nWho made the photos: {done.attribution}")


def agree_to(source: str, terms: str) -> bool:
    """Show a source's terms and ask; nobody can be asked where there is no terminal."""
    return console.ask(terms, f"Search with {source}?")


@contextlib.contextmanager
def _live(tally: Tally) -> Iterator[None]:
    """A table that follows the collection, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.live import Live

    with Live(
        get_renderable=lambda: _table(tally), console=console.stderr(), refresh_per_second=4, transient=True
    ):
        yield


def _table(tally: Tally) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    columns = {
        "kept": "photos",
        "duplicate": "duplicates",
        "conflict": "other class",
        "bad": "failed",
        "later": "later",
    }
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("class", "source", "wanted", *columns.values()):
        grid.add_column(name, justify="left" if name in ("class", "source") else "right")
    rows: dict[tuple[str, str], Mapping[str, int]] = dict(tally.states)
    for name, goal in list(tally.goals.items()):
        sources = sorted(source for known, source in rows if known == name) or [""]
        for index, source in enumerate(sources):
            counts = rows.get((name, source), {})
            first = ("", "") if index else (name, f"{goal:,}" if goal else "all")
            shown = (f"{counts.get(state, 0):,}" for state in columns)
            grid.add_row(Text(first[0]), source, first[1], *shown)  # a class may be named [b], which is no markup
    return grid
