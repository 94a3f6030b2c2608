"""A RUN: the folder of one training, with its model, its figures and all that repeats it.

runs/NAME/model.onnx       the product
          run.json         options, seeds, versions, fingerprints, figures; `finished` once all is there
          split.csv        name, class, part, digest of every photo
          history.csv      a row an epoch, or a candidate of a search
          predictions.csv  the test part, photo by photo
          suspects.csv     training photos whose label is likely wrong (recipe transfer), worst first
          weights.safetensors  what `--from` goes on from (recipes with a network of their own)
          report.html      self-contained
          checkpoint/      only while it is not finished
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatsit.errors import UserError
from whatsit.files import NAMES, read_json, write_json
from whatsit.model.classifier import MODEL_FILE, Classifier, load

FORMAT = 1
RUN_FILE = "run.json"
WEIGHTS_FILE = "weights.safetensors"


@dataclass(frozen=True)
class Run:
    """A run's folder, and what its run.json says."""

    folder: Path
    info: dict[str, Any]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def is_finished(self) -> bool:
        """Whether everything a run promises is there."""
        return bool(self.info.get("finished"))

    @property
    def report(self) -> Path:
        """Where its report lies."""
        return self.folder / "report.html"

    @property
    def checkpoint(self) -> Path:
        """The folder of what an unfinished run needs to go on."""
        return self.folder / "checkpoint"

    def model(self) -> Classifier:
        """Its classifier."""
        return load(self.folder / MODEL_FILE)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of one of its tables: `split`, `history`, `predictions` or `suspects`."""
        file = self.folder / f"{name}.csv"
        try:
            with file.open(encoding="utf-8", errors=NAMES, newline="") as table:
                return list(csv.DictReader(table))
        except FileNotFoundError:
            raise UserError(f"The run {self.name!r} has no {file.name}.", hint="Train it again.") from None

    def save(self) -> None:
        """Write its run.json."""
        write_json(self.folder / RUN_FILE, self.info)


def open_run(path: str | Path) -> Run:
    """A finished run by its folder (or a file in it). Raises UserError where there is none that is finished."""
    given = Path(path)
    folder = given.parent if given.is_file() else given
    if not (folder / RUN_FILE).exists():
        raise UserError(f"There is no run in {str(folder)!r}.", hint="Name a folder that `whatsit train` wrote.")
    run = Run(folder, read_json(folder / RUN_FILE))
    if run.info.get("format") != FORMAT:
        raise UserError(
            f"The run {run.name!r} has format {run.info.get('format')}, and this whatsit reads format {FORMAT}.",
            hint="Update whatsit: pip install -U whatsit",
        )
    if not run.is_finished:
        raise UserError(
            f"The run {run.name!r} is not finished.",
            hint="Give the same `whatsit train` command again: it goes on where it stopped.",
        )
    return run


def lineage(run: Run) -> list[Path]:
    """The folders of a run and of those it went on from, newest first, as far as they lie beside it."""
    found = [run.folder]
    while (name := run.info.get("from")) and (folder := run.folder.parent / name) not in found:
        if not (folder / RUN_FILE).exists():
            break
        run = Run(folder, read_json(folder / RUN_FILE))
        found.append(folder)
    return found


def run_name(words: str) -> str:
    """A folder name from words: `cats vs dogs/cnn` → `cats-vs-dogs-cnn`; letters of any script stay."""
    return re.sub(r"[^\w.]+", "-", words).strip("-.") or "run"
