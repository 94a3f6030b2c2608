"""Weights & Biases, as its own variables have it: WANDB_API_KEY, WANDB_MODE, WANDB_ENTITY."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whatsit.errors import UserError, missing_extra
from whatsit.model.run import Run, run_name
from whatsit.tracking.tracker import Tracker, flatten, list_files, outcome_figures

PROJECT = "whatsit"


def open_tracker(place: str) -> Tracker:
    """A run of the project `place`; "" is `whatsit`."""
    try:
        import wandb  # noqa: F401
    except ImportError:
        raise missing_extra("wandb", "wandb", "Telling Weights & Biases of a training") from None
    return _Wandb(place or PROJECT)


class _Wandb:
    def __init__(self, project: str) -> None:
        self.label, self._project = f"Weights & Biases (project {project})", project
        self._run: Any = None

    def begin(self, name: str, parameters: Mapping[str, Any]) -> None:
        import wandb

        quietly = wandb.Settings(silent=True, console="off")
        try:
            self._run = wandb.init(
                project=self._project, name=name, config=flatten(parameters), settings=quietly, reinit="create_new"
            )
        except Exception as error:  # of its own kinds, and of what it is built on
            reason = " ".join(str(error).split())[:200]
            raise UserError(
                f"{self.label} does not take a training ({reason}).",
                hint="Sign in with `wandb login`, or keep it on this machine: WANDB_MODE=offline",
            ) from None

    def log_epoch(self, step: float, figures: Mapping[str, float]) -> None:
        self._run.log({"epoch": step, **figures})

    def finish(self, run: Run) -> None:
        import wandb

        self._run.summary.update(outcome_figures(run.info.figures))
        handed = wandb.Artifact(run_name(run.name), type="model")
        for file in list_files(run):
            handed.add_file(str(file))
        self._run.log_artifact(handed)
        self._run.finish()

    def fail(self) -> None:
        self._run.finish(exit_code=1)
