"""What a logger is told of a training, and in which form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from whatsit.model.classifier import MODEL_FILE
from whatsit.model.facts.figures import Figures
from whatsit.model.run import Run


class Tracker(Protocol):
    """One logger. Any of its functions may raise anything; then it is told no more."""

    label: str  # for a sentence, as in "MLflow at http://127.0.0.1:5000"

    def begin(self, name: str, parameters: Mapping[str, Any]) -> None:
        """A training begins, wanted in this way. Raises UserError where the logger is not to be reached."""

    def log_epoch(self, step: float, figures: Mapping[str, float]) -> None:
        """An epoch has ended."""

    def finish(self, run: Run) -> None:
        """The training has ended well, with this run."""

    def fail(self) -> None:
        """It has not: it was stopped, or something went wrong."""


def flatten(options: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested options by their flat names, as in `net.epochs`; what was not wanted in any way is left out."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, Mapping):
            found |= flatten(value, f"{prefix}{name}.")
        elif value is not None:
            found[f"{prefix}{name}"] = value
    return found


def epoch_figures(row: Mapping[str, Any], training: int = 1) -> tuple[float, dict[str, float]]:
    """The number of an epoch and its figures by name.

    training: which of a run it is: folds and tries are trainings of their own, and those after the first are named
              apart
    """
    prefix = "" if training == 1 else f"training-{training}/"
    figures = {
        f"{prefix}{name}": float(value)
        for name, value in row.items()
        if name != "epoch" and isinstance(value, int | float)
    }
    return float(row["epoch"]), figures


def outcome_figures(figures: Figures) -> dict[str, float]:
    """How good a run is, by name; `test` stands for the photos that it was measured on."""
    low, high = figures.interval
    found = {
        "test/accuracy": figures.accuracy,
        "test/accuracy_low": low,
        "test/accuracy_high": high,
        "test/photos": float(figures.n),
        "test/macro_f1": figures.macro_f1,
        "test/calibration_error": figures.ece,
    }
    if figures.several is not None and figures.several.mean_average_precision is not None:
        found["test/mean_average_precision"] = figures.several.mean_average_precision
    return found


def list_files(run: Run) -> Iterator[Path]:
    """The files of a run that are worth handing on: model, report, card, and what repeats it."""
    for name in (MODEL_FILE, "report.html", "README.md", "run.json"):
        if (run.folder / name).exists():
            yield run.folder / name
