"""The photos of a project by class: what lies in its folders, and what a person does with them.

The folders are the truth: what is moved here is moved on the disk, by a rename, so every verb and every file
manager sees the same. Where a photo may show several classes, its folder is called by all of them, and what is
said here of a class is about all photos that show it. Nothing is ever deleted: what is taken away lies in
`.whatsit/studio/removed` and can come back.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from whatsit.data.dataset import sort_names
from whatsit.data.listing.walk import OWN, list_folder
from whatsit.data.names import find_copy, fold
from whatsit.data.readers.folders import NO_LABEL, split_folder
from whatsit.data.readers.parts import is_exact, is_nameless, is_unlabelled
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors, write_bytes
from whatsit.languages.speaking import Sentence, gettext, gettext_lazy, ngettext_lazy
from whatsit.studio.photos.acts import Acts, Moves
from whatsit.studio.photos.carrying import carry
from whatsit.studio.photos.labels import check_label, folder_of, settle_marks, tell_marks
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

    @property
    def has_several(self) -> bool:
        """Whether a photo may show several of the classes."""
        return self.project.labels is not None

    def let_several(self, is_wanted: bool) -> None:
        """Let a photo show several of the classes, or one. No photo is moved: folders are read the other way."""
        with self.turn, explain_disk_errors(self.project.several_file):
            if is_wanted:
                self.project.own.mkdir(parents=True, exist_ok=True)
                self.project.several_file.touch()
            else:
                self.project.several_file.unlink(missing_ok=True)

    def classes(self) -> list[str]:
        """The classes there are, empty ones too. Raises UserError where the folder has gone."""
        return list(sort_names(self.labels_in(self.folders())))

    def labels_in(self, folders: Iterable[str]) -> list[str]:
        """The classes that folders say, each once."""
        return list(dict.fromkeys(label for folder in folders for label in self._labels_in(folder)))

    def folders(self) -> list[str]:
        """The folders that photos lie in, one a class or a set of them. Raises UserError where they have gone."""
        try:
            return list(sort_names(list_folder(self.project.photos).folders))
        except OSError as error:
            raise UserError(
                gettext(
                    "The folder {folder} cannot be opened ({reason}).",
                    folder=f"{str(self.project.photos)!r}",
                    reason=error.strerror,
                ),
                hint=gettext("Was it moved, or is its disk not there? Put it back, then reload the page."),
            ) from None

    def photos(self, label: str) -> list[str]:
        """The photos of a class, by their paths below the project's photos, in the order of their names.

        Of NO_LABEL those that show none of several.
        """
        if not self.has_several:
            return self._list(label).photos
        folders = [one for one in self.folders() if label in (self._labels_in(one) or (NO_LABEL,))]
        found = [name for folder in folders for name in self._list(folder).photos]
        return sorted(found, key=_below_class)  # so that a photo stays where it was as its classes change

    def all_photos(self) -> list[str]:
        """The photos of all classes, each once."""
        return [name for folder in self.folders() for name in self._list(folder).photos]

    def counts(self) -> dict[str, int]:
        """How many photos each class has."""
        found = dict.fromkeys(self.classes(), 0)
        for folder in self.folders():
            for label in self._labels_in(folder):
                found[label] += len(self._list(folder).photos)
        return found

    def rule_of_groups(self) -> str | None:
        """The rule by which a training keeps recordings together, as `--group` takes it; None where there are
        none, or too few to learn from some and be measured on others."""
        groups, has_any = self._count_groups()
        return "folder" if has_any and min(groups.values(), default=0) >= FEWEST_GROUPS else None

    def warn_of_recordings(self) -> list[str]:
        """The classes whose photos are too few recordings for an honest measure; none where nobody recorded."""
        groups, has_any = self._count_groups()
        return [label for label, count in groups.items() if count < FEWEST_GROUPS] if has_any else []

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
                others = self._folders_of(label)
                moves = [(one, folder_of({*self._labels_in(one)} - {label} | {new})) for one in others]
                self._do(gettext_lazy("Renamed {name} to {new}", name=label, new=new), [(label, new), *moves])
            return new

    def remove_class(self, label: str) -> int:
        """Take a class away with its photos, but those that show another one too; how many it had."""
        with self.turn:
            self._check_known(label)
            count = len(self.photos(label))
            moves = self._free_places([*self._regroup(label), (label, self._aside(label))])
            self._do(gettext_lazy("Removed the class {name}", name=label), moves)
            return count

    def move(self, names: Sequence[str], label: str) -> int:
        """Put photos into another class; how many were moved."""
        with self.turn:
            self._check_known(label)
            here = [name for name in self._check_photos(names) if name.split("/")[0] != label]
            if here:
                moves = self._free_places((name, f"{label}/{_below_class(name)}") for name in here)
                what = ngettext_lazy(
                    "Moved {count} photo to {name}", "Moved {count} photos to {name}", len(moves), name=label
                )
                self._do(what, moves)
            return len(here)

    def mark(self, names: Sequence[str], labels: Sequence[str], without: Sequence[str] = ()) -> list[str]:
        """Say that photos show classes, and others not; with neither, that they show none. Their names then."""
        with self.turn:
            if not self.has_several:
                raise UserError(gettext("Photos here have one class each."), hint=gettext("Reload the page."))
            for label in (*labels, *without):
                self._check_known(label)
            away = set(without) if labels or without else set(self.classes())
            here = self._check_photos(names)
            wanted = {name: {*self._labels_of(name), *labels} - away for name in here}
            moved = [name for name in here if wanted[name] != set(self._labels_of(name))]
            moves = self._free_places((name, f"{folder_of(wanted[name])}/{_below_class(name)}") for name in moved)
            if moves:
                for label in {
                    one for name in moved for one in self._labels_of(name)
                }:  # none goes with its last photo
                    with explain_disk_errors(self.project.photos / label):
                        (self.project.photos / label).mkdir(exist_ok=True)
                self._do(tell_marks(len(moves), labels, without), moves)
            places = dict(moves)
            now = [places.get(name, name) for name in here]
            said = dict.fromkeys(labels, True) | dict.fromkeys(away, False)
            settle_marks(self.project.photos, dict.fromkeys(now, said), {})
            return now

    def merge(self, label: str, into: str) -> int:
        """Put all photos of a class into another, and take the class away; how many these were."""
        with self.turn:
            self._check_known(label)
            self._check_known(into)
            if label == into:
                raise UserError(
                    gettext("A class cannot be put together with itself."), hint=gettext("Choose another.")
                )
            count = len(self.photos(label))
            moves = [(name, f"{into}/{_below_class(name)}") for name in self._list(label).photos]
            moves += [*self._regroup(label, into), (label, self._aside(label))]
            what = gettext_lazy("Put {name} together with {into}", name=label, into=into)
            self._do(what, self._free_places(moves))
            return count

    def remove(self, names: Sequence[str]) -> int:
        """Take photos away; how many these were."""
        with self.turn:
            here = self._check_photos(names)
            moves = [(name, self._aside(name)) for name in here]
            if moves:
                self._do(ngettext_lazy("Removed {count} photo", "Removed {count} photos", len(moves)), moves)
            return len(moves)

    def sort_in(self, named: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Put unsorted photos into the folders of classes, known or new; where each lies then.

        named: photos by their folder

        Raises UserError where a class cannot be called so.
        """
        with self.turn:
            new: list[str] = []
            for label in self.labels_in(named):
                if label not in self.classes():
                    new.append(self._check_class(label, more=new))
            place = self.project.unsorted_place
            moves = self._free_places(
                (f"{place}/{name}", f"{folder}/{PurePosixPath(name).name}")
                for folder, names in named.items()
                for name in names
            )
            if moves:
                what = ngettext_lazy(
                    "Put {count} photo into classes", "Put {count} photos into classes", len(moves)
                )
                self._do(what, moves, new)
            return {name.removeprefix(f"{place}/"): there for name, there in moves}

    def find_class(self, said: str, new: Sequence[str]) -> str:
        """The class that is called so, up to case and the like; where there is none, the name as one to be made
        beside those that are new.

        Raises UserError where no class can be called so.
        """
        twin = next((one for one in (*self.classes(), *new) if fold(one) == fold(said)), None)
        return twin if twin is not None else self._check_class(said, more=new)

    def make_place(self, said: str) -> str:
        """The folder of photos of a class, or of several, each of which is made where there is none."""
        with self.turn:
            for label in self._labels_in(said):
                if label not in self.classes():
                    self.make_class(label)
            return self.place_of(said)

    def place_of(self, said: str) -> str:
        """The folder of photos of a class, or of several as `split_folder` reads them.

        Raises UserError where there is no such class.
        """
        labels = self._labels_in(said)
        for label in labels:
            self._check_known(label)
        return folder_of(labels) if self.has_several else said

    def add(self, content: bytes, wanted: str, batch: str, before: int) -> str:
        """Put a new photo into place, written whole elsewhere; its path, which is `wanted` where that is free.

        batch: what is added in one go, and undone in one go; before: how many photos of it came before
        """
        with self.turn:
            name = free_name(self.project.photos, wanted)
            moves = [(self._aside(name), name)]
            write_bytes(self.project.photos / moves[0][0], content)
            self._acts.gather(self._tell_added(name, before + 1), moves, batch)
            self._forget_listed(moves)
            return name

    def _tell_added(self, name: str, count: int) -> Sentence:
        if self._is_unsorted(name):
            return ngettext_lazy(
                "Added {count} photo to what is to be sorted",
                "Added {count} photos to what is to be sorted",
                count,
            )
        label = name.split("/")[0]
        return ngettext_lazy("Added {count} photo to {name}", "Added {count} photos to {name}", count, name=label)

    def undo(self) -> str:
        """Take back what was done last; what that was. Raises UserError where there is nothing."""
        with self.turn:
            act = self._acts.undo()
            if act is None:
                raise UserError(gettext("There is nothing to undo."))
            self._forget_listed(act.moves)
            self._sweep(act.moves)
            carry(self.project, [(target, source) for source, target in reversed(act.moves)])
            self.moved += 1
            return str(act.what)

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
        if self.has_several:
            check_label(label)
        others = [*(one for one in self.classes() if one != beside), *more]
        twin = next((one for one in others if fold(one) == fold(label)), None)
        if twin is not None:
            raise UserError(
                gettext("There is a class {name} already.", name=f"{twin!r}"), hint=gettext("Choose another name.")
            )
        if is_exact(label) or is_unlabelled(label) or is_nameless(label) or find_copy([*others, label]):
            raise UserError(
                gettext(
                    "A class cannot be called {name}: as a folder of photos that means something else.",
                    name=f"{label!r}",
                ),
                hint=gettext("Call it by what the photos show."),
            )
        return label

    def _check_known(self, label: str) -> None:
        if label not in self.classes():
            raise UserError(
                gettext("There is no class {name} any more.", name=f"{label!r:.80}"),
                hint=gettext("Reload the page."),
            )

    def _check_photos(self, names: Sequence[str]) -> list[str]:
        """The names, of photos that are there: no path leads out of the classes."""
        folders = set(self.folders())
        for name in names:
            parts = PurePosixPath(name).parts
            if not parts or parts[0] not in folders or ".." in parts or len(parts) < 2:
                raise UserError(
                    gettext("There is no photo {name}.", name=f"{name!r:.120}"), hint=gettext("Reload the page.")
                )
        return [name for name in dict.fromkeys(names) if (self.project.photos / name).is_file()]

    def _free_places(self, moves: Iterable[tuple[str, str]]) -> Moves:
        taken: set[str] = set()
        found: Moves = []
        for source, target in moves:
            place = free_name(self.project.photos, target, taken)
            taken.add(place)
            found.append((source, place))
        return found

    def _labels_in(self, folder: str) -> list[str]:
        return split_folder(folder) if self.has_several else [folder]

    def _labels_of(self, name: str) -> list[str]:
        """The classes that a photo shows."""
        return self._labels_in(name.split("/")[0])

    def _folders_of(self, label: str) -> list[str]:
        """The folders of photos that show a class, but its own."""
        return [one for one in self.folders() if one != label and label in self._labels_in(one)]

    def _regroup(self, label: str, instead: str = "") -> Moves:
        """The moves, to places that may be taken, by which photos that show a class beside others no longer do, or
        show another instead; then their folders are put aside."""
        moves: Moves = []
        for folder in self._folders_of(label):
            labels = {*self._labels_in(folder), *([instead] if instead else ())} - {label}
            photos = self._list(folder).photos if labels else []
            moves += [(name, f"{folder_of(labels)}/{_below_class(name)}") for name in photos]
            moves.append((folder, self._aside(folder)))
        return moves

    def _count_groups(self) -> tuple[dict[str, int], bool]:
        """How many photos each class with any has if a recording counts as one; whether anything was recorded."""
        found: Counter[str] = Counter()
        listed = {folder: one for folder in self.folders() if (one := self._list(folder)).photos}
        for folder, one in listed.items():
            for label in self._labels_in(folder):
                found[label] += one.groups
        return dict(found), any(one.has_recordings for one in listed.values())

    def _list(self, label: str) -> Listed:
        """What lies in the folder of a class, looked through again only where a folder was written to."""
        kept = self._listed.get(label)
        if kept is None or not kept.is_as_it_was():
            kept = self._listed[label] = list_class(self.project.photos, label)
        return kept

    def _do(self, what: Sentence, moves: Moves, makes: Sequence[str] = ()) -> None:
        self._acts.do(what, moves, makes)
        self._forget_listed(moves)
        self._sweep(moves)
        carry(self.project, moves)
        self.moved += 1

    def _sweep(self, moves: Moves) -> None:
        """Take away the folders of several classes, or of none, in which nothing lies any more."""
        if not self.has_several:
            return
        within = {PurePosixPath(name).parent for pair in moves for name in pair if not name.startswith("../")}
        for folder in sorted(within, key=lambda path: -len(path.parts)):
            for place in (folder, *folder.parents):
                if place.parts and place.parts[0] != OWN and len(self._labels_in(place.parts[0])) != 1:
                    with contextlib.suppress(OSError):  # something lies in it, or it has gone
                        (self.project.photos / place).rmdir()

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
