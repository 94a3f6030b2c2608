"""The models on offer, each by the name of its run, and a new one taking over without a stop.

A model's file is looked at now and then. Where it has changed, the new one is loaded beside the old, proves
itself on its golden pictures, and takes the old one's place between two photos. One that is cut short, altered
or wrong on this machine never does: the old one goes on, and the log says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from whatsit.errors import UserError
from whatsit.model.classifier import EIGHT_BIT_FILE, MODEL_FILE, Classifier, load
from whatsit.serving.door.refusals import NO_MODEL, Refused

Stamp = tuple[int, ...]
Prepare = Callable[[Classifier], Classifier]


@dataclass
class Slot:
    """A model's place: what answers now, and what answered before it."""

    path: Path
    live: Classifier
    stamp: Stamp
    before: Classifier | None = None


@dataclass(frozen=True)
class Swap:
    """What became of a new file: `digest` of the model that answers now, `problem` where that is the old one."""

    name: str
    digest: str
    problem: str = ""


class Shelf:
    """The models by name, in the order they were given; the first answers where none is named."""

    def __init__(self, slots: dict[str, Slot], prepare: Prepare = lambda model: model) -> None:
        self._slots = slots
        self._prepare = prepare

    @property
    def names(self) -> tuple[str, ...]:
        """What the models are called."""
        return tuple(self._slots)

    def __iter__(self) -> Iterator[tuple[str, Classifier]]:
        return ((name, slot.live) for name, slot in self._slots.items())

    def get(self, name: str = "") -> Classifier:
        """The model of that name, or the first. Raises Refused."""
        return self._slot(name).live

    def folder(self, name: str = "") -> Path:
        """The folder its file lies in. Raises Refused."""
        return self._slot(name).path.parent

    def _slot(self, name: str) -> Slot:
        slot = self._slots.get(name or next(iter(self._slots)))
        if slot is None:
            raise Refused(NO_MODEL)
        return slot

    def renew(self) -> list[Swap]:
        """Let each model whose file has changed take over; blocks while they load. Never raises."""
        return [swap for name, slot in self._slots.items() if (swap := self._renew(name, slot))]

    def _renew(self, name: str, slot: Slot) -> Swap | None:
        stamp = stamp_of(slot.path)
        if stamp in ((), slot.stamp):  # () is a file that is just being replaced, or gone: the old one stays
            return None
        slot.stamp = stamp
        try:
            model = load(slot.path)
            if model.digest == slot.live.digest:
                return None
            model.prove()
            model = self._prepare(model)
        except UserError as error:
            return Swap(name, slot.live.digest, error.sentence)
        except Exception as error:  # onnxruntime and what reads the facts raise anything at all on a foreign file
            return Swap(name, slot.live.digest, f"It cannot be opened ({type(error).__name__}).")
        slot.before, slot.live = slot.live, model
        return Swap(name, model.digest)

    def roll_back(self) -> list[Swap]:
        """Let each model's forerunner answer again, where there was one; the file is left as it is."""
        swaps = []
        for name, slot in self._slots.items():
            if slot.before is not None:
                slot.live, slot.before = slot.before, slot.live
                swaps.append(Swap(name, slot.live.digest))
        return swaps


def open_shelf(paths: Sequence[Path], prepare: Prepare = lambda model: model) -> Shelf:
    """The models in run folders or model files. Raises UserError where one is missing or two share a name."""
    slots: dict[str, Slot] = {}
    for path in paths:
        name = name_of(path)
        if name in slots:
            raise UserError(f"Two models would be called {name!r}.", hint="Rename one of their folders.")
        file = path / MODEL_FILE if path.is_dir() else path
        stamp = stamp_of(file)  # before it is read: what changes meanwhile is seen as a change
        slots[name] = Slot(file, prepare(load(path)), stamp)
    return Shelf(slots, prepare)


def stamp_of(file: Path) -> Stamp:
    """What changes when a file, or a link on the way to it, is replaced; empty where there is none."""
    try:
        facts = file.stat()
    except OSError:
        return ()
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def name_of(path: Path) -> str:
    """What a model is called: its run's folder, or the file's own name where it stands alone."""
    whole = path.absolute()
    if whole.name in (MODEL_FILE, EIGHT_BIT_FILE):
        return whole.parent.name
    return whole.stem if whole.is_file() else whole.name
