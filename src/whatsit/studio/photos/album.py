"""The photos of a project by class: what lies in its folders, and what a person does with them.

The folders are the truth: what is moved here is moved on the disk, by a rename, so every verb and every file
manager sees the same. Nothing is ever deleted: what is taken away lies in `.whatsit/studio/removed` and can come
back.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from whatsit import words
from whatsit.data.dataset import sort_names
from whatsit.data.listing.walk import OWN, list_folder
from whatsit.data.names import find_copy, fold
from whatsit.data.readers.parts import is_exact, is_nameless, is_unlabelled
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors, write_bytes
from whatsit.studio.photos.acts import Acts, Moves
from whatsit.studio.photos.carrying import carry
from whatsit.studio.photos.listed import Listed, list_class
from whatsit.studio.places import Project, check_name

REMOVED = f"{OWN}/studio/removed"
FEWEST_GROUPS = 3  # of a class: one for training, one for choosing, one for the test


class Album:
    """The photos of a project. One thing is done at a time."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.turn = threading.RLock()
        self._acts = Acts(project.photos, project.own / "acts.jsonl")
        self._listed: dict[str, Listed] = {}
        self.moved = 0  # how often something was moved: what was decided may be of another name since
        with contextlib.suppress(UserError):  # a catalog that cannot be opened is said where it is read
            carry(project, [(old, new) for old, new in self._acts.repeated if not (project.photos / old).exists()])

    @property
    def can_undo(self) -> str:
        """What would be undone next, in words; empty where there is nothing."""
        return self._acts.last

    @property
    def unsorted(self) -> list[str]:
        """The photos without a class, by their paths below their folder."""
        folder = self.project.unsorted
        kept = self._listed.get(self.project.unsorted_place)
        if kept is None or not kept.is_as_it_was():
            kept = self._listed[self.project.unsorted_place] = list_class(folder.parent, folder.name)
        return [_below_class(name) for name in kept.photos]

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
        return self._list(label).photos

    def counts(self) -> dict[str, int]:
        """How many photos each class has."""
        return {label: len(self.photos(label)) for label in self.classes()}

    def rule_of_groups(self) -> str | None:
        """The rule by which a training keeps recordings together, as `--group` takes it; None where there are
        none, or too few to learn from some and be measured on others."""
        listed = self._list_filled().values()
        has_any = any(one.has_recordings for one in listed)
        return "folder" if has_any and min(one.groups for one in listed) >= FEWEST_GROUPS else None

    def warn_of_recordings(self) -> list[str]:
        """The classes whose photos are too few recordings for an honest measure; none where nobody recorded."""
        listed = self._list_filled()
        has_any = any(one.has_recordings for one in listed.values())
        return [label for label, one in listed.items() if one.groups < FEWEST_GROUPS] if has_any else []

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

    def sort_in(self, named: Mapping[str, Sequence[str]]) -> None:
        """Put unsorted photos into classes, known or new, a list of them each. Raises UserError where one cannot
        be called so."""
        with self.turn:
            new: list[str] = []
            for label in named:
                if label not in self.classes():
                    new.append(self._check_class(label, more=new))
            place = self.project.unsorted_place
            moves = self._free_places(
                (f"{place}/{name}", f"{label}/{PurePosixPath(name).name}")
                for label, names in named.items()
                for name in names
            )
            if moves:
                self._do(f"Put {words.photos(len(moves))} into classes", moves, new)

    def find_class(self, said: str, new: Sequence[str]) -> str:
        """The class that is called so, up to case and the like; where there is none, the name as one to be made
        beside those that are new.

        Raises UserError where no class can be called so.
        """
        twin = next((one for one in (*self.classes(), *new) if fold(one) == fold(said)), None)
        return twin if twin is not None else self._check_class(said, more=new)

    def add(self, content: bytes, wanted: str, batch: str, before: int) -> str:
        """Put a new photo into place, written whole elsewhere; its path, which is `wanted` where that is free.

        batch: what is added in one go, and undone in one go; before: how many photos of it came before
        """
        with self.turn:
            name = free_name(self.project.photos, wanted)
            moves = [(self._aside(name), name)]
            write_bytes(self.project.photos / moves[0][0], content)
            place = "what is to be sorted" if self._is_unsorted(name) else name.split("/")[0]
            self._acts.gather(f"Added {words.photos(before + 1)} to {place}", moves, batch)
            self._forget_listed(moves)
            return name

    def undo(self) -> str:
        """Take back what was done last; what that was. Raises UserError where there is nothing."""
        with self.turn:
            act = self._acts.undo()
            if act is None:
                raise UserError("There is nothing to undo.", hint="")
            self._forget_listed(act.moves)
            carry(self.project, [(target, source) for source, target in reversed(act.moves)])
            self.moved += 1
            return act.what

    def path(self, name: str) -> Path:
        """Where a photo lies. Raises UserError where there is none of that name."""
        (found,) = self._check_photos([name])
        return self.project.photos / found

    def _aside(self, name: str) -> str:
        """Where a photo or a class lies once it is taken away: a place that nothing had before."""
        return f"{REMOVED}/{secrets.token_hex(6)}/{name.removeprefix('../')}"

    def _is_unsorted(self, name: str) -> bool:
        return name.startswith(f"{self.project.unsorted_place}/")

    def _check_class(self, name: str, beside: str = "", more: Sequence[str] = ()) -> str:
        label = check_name(name, "class")
        others = [*(one for one in self.classes() if one != beside), *more]
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

    def _list_filled(self) -> dict[str, Listed]:
        listed = {label: self._list(label) for label in self.classes()}
        return {label: one for label, one in listed.items() if one.photos}

    def _list(self, label: str) -> Listed:
        """What lies in the folder of a class, looked through again only where a folder was written to."""
        kept = self._listed.get(label)
        if kept is None or not kept.is_as_it_was():
            kept = self._listed[label] = list_class(self.project.photos, label)
        return kept

    def _do(self, what: str, moves: Moves, makes: Sequence[str] = ()) -> None:
        self._acts.do(what, moves, makes)
        self._forget_listed(moves)
        carry(self.project, moves)
        self.moved += 1

    def _forget_listed(self, moves: Moves) -> None:
        """Look through the classes anew that photos came into or left: within one tick of the clock, a folder
        looks as it did."""
        for name in {name for pair in moves for name in pair}:
            self._listed.pop(self.project.unsorted_place if self._is_unsorted(name) else name.split("/")[0], None)


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
