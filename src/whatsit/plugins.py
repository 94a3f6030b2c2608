"""What other packages add: sources, readers, checks, recipes, backbones and exports, by entry points.

A package that has, say, a source names it in its pyproject.toml, and it is there once the package is installed:

    [project.entry-points."whatsit.sources"]
    museum = "whatsit_museum:SOURCE"

One that cannot be used is named and left out: it never ends what a person is doing. See docs/plugins.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from whatsit import events

T = TypeVar("T")
PREFIX = "whatsit."
GROUPS = ("sources", "readers", "checks", "recipes", "backbones", "exports")


@dataclass(frozen=True)
class Plugin:
    """What an installed package adds.

    kind:    one of GROUPS
    package: its name and version
    problem: why it is left out; "" where it is used
    """

    kind: str
    name: str
    package: str
    problem: str = ""


class Registry(Mapping[str, T]):
    """Things of a kind by name: `own`, which come with whatsit, then those that installed packages add.

    kind:  one of GROUPS
    why_wrong: why a thing is none of the kind; "" where it is one. What comes with whatsit is not asked
    """

    def __init__(self, kind: str, own: Mapping[str, T], why_wrong: Callable[[object], str]) -> None:
        self.kind, self.own = kind, own
        self._why_wrong = why_wrong
        self._added: dict[str, T] | None = None
        self._plugins: list[Plugin] = []
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> T:
        return self.own[name] if name in self.own else self.added[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from self.added

    def __len__(self) -> int:
        return len(self.own) + len(self.added)

    @property
    def added(self) -> Mapping[str, T]:
        """Those of other packages, loaded when first asked for; what cannot be used is told once."""
        with self._lock:
            if self._added is None:
                self._added = self._load()
            return self._added

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """What installed packages add, with what is wrong with those that are left out."""
        _ = self.added
        return tuple(self._plugins)

    def _load(self) -> dict[str, T]:
        from importlib.metadata import entry_points  # which takes longer than most of `whatsit --help`

        added: dict[str, T] = {}
        for point in sorted(entry_points(group=PREFIX + self.kind), key=lambda one: one.name):
            package = f"{point.dist.name} {point.dist.version}" if point.dist else "a package"
            problem, thing = self._why_taken(point.name, added), None
            if not problem:
                try:
                    thing = point.load()
                    problem = self._why_wrong(thing)
                except Exception as error:  # other people's code may raise anything
                    problem = f"it cannot be loaded ({type(error).__name__}: {error})"[:300]
            self._plugins.append(Plugin(self.kind, point.name, package, problem))
            if problem:
                events.warn(f"The plug-in {point.name!r} of {package} ({self.kind}) is left out: {problem}.")
            else:
                added[point.name] = thing  # type: ignore[assignment]  # which `why_wrong` has looked at
        return added

    def _why_taken(self, name: str, added: Mapping[str, T]) -> str:
        if name in self.own:
            return "whatsit has one of that name"
        return "two packages have one of that name" if name in added else ""


def list_names(kind: str) -> list[str]:
    """The names of what installed packages add of a kind; nothing is loaded."""
    from importlib.metadata import entry_points

    return sorted({point.name for point in entry_points(group=PREFIX + kind)})


def of_class(kind: type) -> Callable[[object], str]:
    """For a Registry of things of a class."""

    def why_wrong(thing: object) -> str:
        return "" if isinstance(thing, kind) else f"it is no {kind.__module__}.{kind.__name__}"

    return why_wrong
