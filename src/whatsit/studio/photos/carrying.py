"""What was decided about photos follows them where the studio moves them."""

from __future__ import annotations

import posixpath
from pathlib import Path

from whatsit.data.catalog import has_catalog, open_catalog
from whatsit.studio.photos.acts import Moves
from whatsit.studio.places import Project


def carry(project: Project, moves: Moves) -> None:
    """Let what was decided about photos follow them, and those of a class its folder, to their new names; and what
    was decided of a class, the class.

    moves: relative to the project's photos. The catalog of unsorted photos names those that left for a class by
    the way there: so what was said of one is never taken for that of another which gets its old name, and is
    there again when it comes back.
    """
    _carry_in(project.photos, moves)
    place = project.unsorted_place
    if any(name.startswith(f"{place}/") for pair in moves for name in pair):
        seen = [(_seen_from(project, old), _seen_from(project, new)) for old, new in moves]
        _carry_in(project.unsorted, seen)
    renamed = [(old, new) for old, new in moves if "/" not in old and "/" not in new]
    for folder in (project.photos, project.unsorted):
        if renamed and has_catalog(folder):
            with open_catalog(folder) as catalog, catalog.together():
                for old, new in renamed:
                    catalog.rename_label(old, new)


def _seen_from(project: Project, name: str) -> str:
    """A path below the photos as one below the unsorted photos."""
    return posixpath.relpath(posixpath.join(project.photos.name, name), project.unsorted.name)


def _carry_in(folder: Path, moves: Moves) -> None:
    if not moves or not has_catalog(folder):
        return
    with open_catalog(folder) as catalog:
        decided = catalog.decisions().keys() | catalog.label_decisions().keys()
        names: dict[str, str] = {}
        for old, new in moves:
            if old in decided:
                names[old] = new
            elif "/" not in old:
                names |= {name: f"{new}{name[len(old) :]}" for name in decided if name.startswith(f"{old}/")}
        catalog.carry_decisions(names)
