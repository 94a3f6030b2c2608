"""The photos of a project by class: what lies in its folders, and what a person does with them.

The folders are the truth: what is moved here is moved on the disk, by a rename, so every verb and every file
manager sees the same. Nothing is ever deleted: what is taken away lies in `.whatsit/studio/removed` and can come
back.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from whatsit import words
from whatsit.data.catalog import has_catalog, open_catalog
from whatsit.data.dataset import sort_names
from whatsit.data.listing.walk import OWN, list_folder, walk
from whatsit.data.names import find_copy, fold
from whatsit.data.readers.parts import is_exact, is_nameless, is_unlabelled
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors
from whatsit.studio.acts import Acts, Moves
from whatsit.studio.places import Project, check_name

RECORDING = "recording-"  # how the folder of a camera's recording begins: what lies in it belongs together
REMOVED = f"{OWN}/studio/removed"
FEWEST_GROUPS = 3  # of a class: one for training, one for choosing, one for the test


class Album:
    """The photos of a project. One thing is done at a time."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.turn = threading.RLock()
        self._acts = Acts(project.photos, project.own / "acts.jsonl")
        self._listed: dict[str, tuple[object, list[str]]] = {}  # class → what its folders looked like, its photos

    @property
    def can_undo(self) -> str:
        """What would be undone next, in words; empty where there is nothing."""
        return self._acts.last

    def classes(self) -> list[str]:
        """The classes there are, empty ones too. Raises UserError where the folder has gone."""
        try:
            return list(sort_names(list_folder(self.project.photos).folders))
        except OSError as error:
            raise UserError(
                f"The folder {str(self.project.photos)!r} cannot be opened ({error.strerror}).",
                hint="Was it moved, or is its disk not there? Put it back, then reload the page.",
            ) from None

    def photos(self, label: str) -> list[str]:
        """The photos of a class, by their paths below the project's photos, in the order of their names."""
        folder = self.project.photos / label
        try:
            stamp = _stamp(folder)
            kept = self._listed.get(label)
            if kept is None or kept[0] != stamp:
                kept = (stamp, [entry.name for entry in walk(self.project.photos, label) if not entry.reason])
                self._listed[label] = kept
            return kept[1]
        except OSError:
            return []

    def counts(self) -> dict[str, int]:
        """How many photos each class has."""
        return {label: len(self.photos(label)) for label in self.classes()}

    def rule_of_groups(self) -> str | None:
        """The rule by which a training keeps recordings together, as `--group` takes it; None where there are
        none, or too few to learn from some and be measured on others."""
        groups = {label: self._count_groups(label) for label in self.classes() if self.photos(label)}
        return "folder" if self._recordings() and min(groups.values()) >= FEWEST_GROUPS else None

    def warn_of_recordings(self) -> list[str]:
        """The classes with a recording that are too few of a kind for an honest measure."""
        labels = [label for label in self.classes() if self.photos(label)]
        return (
            [label for label in labels if self._count_groups(label) < FEWEST_GROUPS] if self._recordings() else []
        )

    def make_class(self, name: str) -> str:
        """A new class without photos; its name. Raises UserError."""
        with self.turn:
            label = self._check_class(name)
            with explain_disk_errors(self.project.photos / label):
                (self.project.photos / label).mkdir()
            return label

    def rename_class(self, label: str, name: str) -> str:
        """Call a class otherwise; its new name."""
        with self.turn:
            self._check_known(label)
            new = self._check_class(name, beside=label)
            if new != label:
                self._do(f"Renamed {label} to {new}", [(label, new)])
            return new

    def remove_class(self, label: str) -> int:
        """Take a class away with all of its photos; how many these were."""
        with self.turn:
            self._check_known(label)
            count = len(self.photos(label))
            self._do(f"Removed the class {label}", [(label, self._aside(label))])
            return count

    def move(self, names: Sequence[str], label: str) -> int:
        """Put photos into another class; how many were moved."""
        with self.turn:
            self._check_known(label)
            here = [name for name in self._check_photos(names) if name.split("/")[0] != label]
            if here:
                moves = self._free_places((name, f"{label}/{_below_class(name)}") for name in here)
                self._do(f"Moved {words.photos(len(moves))} to {label}", moves)
            return len(here)

    def merge(self, label: str, into: str) -> int:
        """Put all photos of a class into another, and take the class away; how many these were."""
        with self.turn:
            self._check_known(label)
            self._check_known(into)
            if label == into:
                raise UserError("A class cannot be put together with itself.", hint="Choose another.")
            moves = self._free_places((name, f"{into}/{_below_class(name)}") for name in self.photos(label))
            count = len(moves)
            self._do(f"Put {label} together with {into}", [*moves, (label, self._aside(label))])
            return count

    def remove(self, names: Sequence[str]) -> int:
        """Take photos away; how many these were."""
        with self.turn:
            here = self._check_photos(names)
            moves = [(name, self._aside(name)) for name in here]
            if moves:
                self._do(f"Removed {words.photos(len(moves))}", moves)
            return len(moves)

    def note_added(self, names: Sequence[str], batch: str, whole: int) -> None:
        """Remember photos that were put in place, so that this can be undone; `whole` of the batch so far."""
        labels = sorted({name.split("/")[0] for name in names})
        for label in labels:
            self._listed.pop(label, None)  # within one tick of the clock its folder looks as it did
        what = f"Added {words.photos(whole)}" + (f" to {labels[0]}" if len(labels) == 1 else "")
        self._acts.note(what, [(self._aside(name), name) for name in names], batch)

    def undo(self) -> str:
        """Take back what was done last; what that was. Raises UserError where there is nothing."""
        with self.turn:
            act = self._acts.undo()
            if act is None:
                raise UserError("There is nothing to undo.", hint="")
            self._listed.clear()
            self._carry([(target, source) for source, target in reversed(act.moves)])
            return act.what

    def path(self, name: str) -> Path:
        """Where a photo lies. Raises UserError where there is none of that name."""
        (found,) = self._check_photos([name])
        return self.project.photos / found

    def _aside(self, name: str) -> str:
        """Where a photo or a class lies once it is taken away: a place that nothing had before."""
        return f"{REMOVED}/{secrets.token_hex(6)}/{name}"

    def _check_class(self, name: str, beside: str = "") -> str:
        label = check_name(name, "class")
        others = [one for one in self.classes() if one != beside]
        twin = next((one for one in others if fold(one) == fold(label)), None)
        if twin is not None:
            raise UserError(f"There is a class {twin!r} already.", hint="Choose another name.")
        if is_exact(label) or is_unlabelled(label) or is_nameless(label) or find_copy([*others, label]):
            raise UserError(
                f"A class cannot be called {label!r}: as a folder of photos that means something else.",
                hint="Call it by what the photos show.",
            )
        return label

    def _check_known(self, label: str) -> None:
        if label not in self.classes():
            raise UserError(f"There is no class {label!r:.80} any more.", hint="Reload the page.")

    def _check_photos(self, names: Sequence[str]) -> list[str]:
        """The names, of photos that are there: no path leads out of the classes."""
        classes = set(self.classes())
        for name in names:
            parts = PurePosixPath(name).parts
            if not parts or parts[0] not in classes or ".." in parts or len(parts) < 2:
                raise UserError(f"There is no photo {name!r:.120}.", hint="Reload the page.")
        return [name for name in dict.fromkeys(names) if (self.project.photos / name).is_file()]

    def _free_places(self, moves: Iterable[tuple[str, str]]) -> Moves:
        taken: set[str] = set()
        found: Moves = []
        for source, target in moves:
            place = free_name(self.project.photos, target, taken)
            taken.add(place)
            found.append((source, place))
        return found

    def _count_groups(self, label: str) -> int:
        photos = [PurePosixPath(name).parts for name in self.photos(label)]
        return len({parts[1] if len(parts) > 2 else "/".join(parts) for parts in photos})

    def _recordings(self) -> bool:
        return any(f"/{RECORDING}" in name for label in self.classes() for name in self.photos(label))

    def _do(self, what: str, moves: Moves) -> None:
        self._acts.do(what, moves)
        self._listed.clear()  # within one tick of the clock a folder looks as it did
        self._carry(moves)

    def _carry(self, moves: Moves) -> None:
        """Let what was decided about photos follow them, and those of a class its folder, to their new names."""
        if not has_catalog(self.project.photos):
            return
        with open_catalog(self.project.photos) as catalog:
            decided = catalog.decisions().keys() | catalog.label_decisions().keys()
            names: dict[str, str] = {}
            for old, new in moves:
                if "/" not in old:
                    names |= {name: f"{new}{name[len(old) :]}" for name in decided if name.startswith(f"{old}/")}
                elif old in decided:
                    names[old] = new
            catalog.carry_decisions(names)


def free_name(root: Path, wanted: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
    """A path below `root` that nothing has yet: `cat/1.jpg`, else `cat/1-2.jpg`."""
    path, number = PurePosixPath(wanted), 1
    place = wanted
    while place in taken or (root / place).exists():
        number += 1
        place = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
    return place


def _below_class(name: str) -> str:
    return name.split("/", 1)[1]


def _stamp(folder: Path) -> object:
    """What changes when a photo comes into a class folder or leaves it: when its folders were last written to."""
    inside = [folder / name for name in list_folder(folder).folders] if folder.is_dir() else []
    return tuple((one.name, one.stat().st_mtime_ns) for one in (folder, *inside))
