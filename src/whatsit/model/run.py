"""A RUN: the folder of one training, with its model, its figures and all that repeats it.

runs/NAME/model.onnx       the product
          run.json         options, seeds, versions, fingerprints, figures; `finished` once all is there
          split.csv        name, class, part, digest of every photo
          skipped.csv      the files that are no part of the data set, and why
          history.csv      a row an epoch, or a candidate of a search
          predictions.csv  the test part, photo by photo; with --folds all photos, each by a model without it
          folds.csv        the training photos, photo by photo, each as a model answered that had not seen it
                           (recipes transfer and classical); at the temperature and limits of the model
          confusion.csv    which classes were taken for which
          classes.csv      of more than a thousand classes: the figures of each
          predictions.npy, folds.npy  of more than a hundred: the probability of every class, a row a line
          suspects.csv     training photos whose label is likely wrong (recipes transfer and classical)
          weights.safetensors  what `--from` goes on from (recipes with a network of their own)
          report.html      self-contained
          next.json        what the report says to do next, for a page that offers to do it
          README.md        the model card
          checkpoint/      only while it is not finished
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatsit import fragments, words
from whatsit.buckets import address_of, open_mirror
from whatsit.data.dataset import Skipped
from whatsit.errors import UPDATE, UserError
from whatsit.files import mode_of, read_csv, read_json, write_json
from whatsit.model.classifier import MODEL_FILE, Classifier, load
from whatsit.model.facts.run import FORMAT, Beginning, RunInfo, find_contradictions
from whatsit.model.facts.tables import CLASSES, CONFUSION, SKIPPED, read_skipped, write_confusion, write_skipped
from whatsit.model.facts.version_1 import Version1, read_version_1
from whatsit.model.run_names import RUN_FILE, hint_run
from whatsit.records import as_json, read_record
from whatsit.words import brief

FOLDS_FILE = "folds.csv"
PREDICTIONS_FILE = "predictions.csv"
WEIGHTS_FILE = "weights.safetensors"
CHECKPOINT = "checkpoint"
_AGAIN = "Copy the run again, or train it again."


@dataclass(frozen=True)
class Run:
    """A finished run's folder, and what its run.json says; `before` where that is of format 1 on disk."""

    folder: Path
    info: RunInfo
    before: Version1 | None = None

    __repr__ = brief

    def in_brief(self) -> str:
        """`runs/pets: transfer on photos, 2 classes, 91.7 % of 12 photos right`."""
        return f"{self.folder}: {self._recipe()}, {self.info.figures.in_brief()}"

    def _recipe(self) -> str:
        """What was trained on what: `transfer on photos, 2 classes`."""
        info = self.info
        what = "class" if info.figures.several is None else "label"
        return f"{info.recipe} on {info.data.name}, {words.count(len(info.classes), what)}"

    def _repr_html_(self) -> str:
        figures = self.info.figures
        low, high = (words.percent(end) for end in figures.interval)
        is_class = figures.several is None
        lines = [
            self._recipe(),
            f"{figures.in_brief()} (95 % interval {low} to {high})",
            f"report: {self.report}",
        ]
        rows = [(one.class_, one.photos, *map(_percent, (one.recall, one.precision))) for one in figures.per_class]
        headers = ("class" if is_class else "label", "photos", "recall", "precision")
        return fragments.write_heading(self.name, *lines) + fragments.write_table(headers, rows)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def is_finished(self) -> bool:
        """Whether everything a run promises is there."""
        return bool(self.info.finished)

    @property
    def report(self) -> Path:
        """Where its report lies."""
        return self.folder / "report.html"

    def model(self) -> Classifier:
        """Its classifier."""
        return load(self.folder / MODEL_FILE)

    def skipped(self) -> tuple[Skipped, ...]:
        """The files that are no part of its data set, and why."""
        return self.before.skipped if self.before else read_skipped(self.folder / SKIPPED)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of one of its tables: `split`, `history`, `predictions`, `folds`, `confusion`, `suspects`
        or, of very many classes, `classes`."""
        file = self.folder / f"{name}.csv"
        try:
            return read_csv(file)
        except FileNotFoundError:
            raise UserError(f"The run {self.name!r} has no {file.name}.", hint="Train it again.") from None

    def save(self) -> None:
        """Write its run.json, and before it the tables that stood in one of format 1."""
        if self.before:
            write_skipped(self.folder / SKIPPED, self.before.skipped)
            for place, matrices in self.before.matrices.items():
                file = self.folder / confusion_file(place)
                if not file.exists():
                    write_confusion(file, self.info.classes, matrices)
        write_info(self.folder, self.info)


def _percent(share: float | None) -> str:
    return "" if share is None else words.percent(share)


def write_info(folder: Path, info: Beginning) -> None:
    """Write a run's run.json."""
    write_json(folder / RUN_FILE, as_json(info))


def confusion_file(elsewhere: str) -> str:
    """The table of which classes were taken for which; `elsewhere` names other photos than the run's own."""
    return f"confusion-{run_name(elsewhere)}.csv" if elsewhere else CONFUSION


def classes_file(elsewhere: str) -> str:
    """The table of the figures of each class, where they are very many; `elsewhere` as of `confusion_file`."""
    return f"classes-{run_name(elsewhere)}.csv" if elsewhere else CLASSES


def open_run(path: str | Path) -> Run:
    """A finished run by its folder, or a file in it, or its address, from which it is fetched into the cache.

    Raises UserError where there is none that is finished.
    """
    address = address_of(path)
    given = open_mirror(address, whole=RUN_FILE).path if address else Path(path)
    folder = given.parent if stat.S_ISREG(mode_of(given)) else given
    if not mode_of(folder / RUN_FILE):
        raise UserError(f"There is no run in {str(folder)!r}.", hint=hint_run(folder))
    stored = _read(folder)
    if not stored.get("finished"):
        raise UserError(
            f"The run {folder.name!r} is not finished.",
            hint="Give the same `whatsit train` command again: it goes on where it stopped.",
        )
    name = str(folder / RUN_FILE)
    before = read_version_1(stored, name, _AGAIN) if stored["format"] == 1 else None
    info = before.info if before else read_record(RunInfo, stored, name, _AGAIN)
    for contradiction in find_contradictions(info):
        raise UserError(f"{name!r} is damaged: it {contradiction}.", hint=_AGAIN)
    return Run(folder, info, before)


def is_finished(folder: Path) -> bool:
    """Whether there is a run in a folder, and all that it promises is there."""
    return (folder / RUN_FILE).exists() and bool(_read(folder).get("finished"))


def read_beginning(folder: Path) -> Beginning:
    """How the run in a folder was begun, finished or not. Raises UserError where its run.json is damaged."""
    return read_record(Beginning, _read(folder), str(folder / RUN_FILE), _AGAIN)


def _read(folder: Path) -> dict[str, Any]:
    """What the run.json of a folder says, of this format or an earlier one."""
    stored = read_json(folder / RUN_FILE)
    stated = stored.get("format") if isinstance(stored, dict) else None
    if not isinstance(stored, dict) or not isinstance(stated, int) or not 1 <= stated <= FORMAT:
        raise UserError(
            f"The run {folder.name!r} has format {stated!s:.20}, and this whatsit reads formats 1 to {FORMAT}.",
            hint=UPDATE,
        )
    return stored


def trace_lineage(run: Run) -> list[Path]:
    """The folders of a run and of those it went on from, newest first, as far as they lie beside it."""
    found, name = [run.folder], run.info.from_
    while name and (folder := run.folder.parent / name) not in found and (folder / RUN_FILE).exists():
        found.append(folder)
        name = read_beginning(folder).from_
    return found


def run_name(words: str) -> str:
    """A folder name from words: `cats vs dogs/cnn` → `cats-vs-dogs-cnn`; letters of any script stay."""
    return re.sub(r"[^\w.]+", "-", words).strip("-.") or "run"
