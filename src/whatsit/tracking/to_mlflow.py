"""MLflow: parameters, figures an epoch, and at the end figures, model, report and card."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whatsit.errors import UserError, missing_extra
from whatsit.model.run import Run
from whatsit.tracking.tracker import Tracker, flatten, list_files, outcome_figures

EXPERIMENT = "whatsit"  # unless $MLFLOW_EXPERIMENT_NAME says another
BATCH = 100  # parameters that its server takes at once
LONGEST = 500  # characters of a parameter, which every version takes
# Its client would else try for minutes, tell its makers of each use, and print. What a person has set counts.
_MANNERS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


def open_tracker(place: str) -> Tracker:
    """A run of the server (or store) at `place`; "" is where $MLFLOW_TRACKING_URI says."""
    for name, value in _MANNERS.items():
        os.environ.setdefault(name, value)  # read when it is imported
    try:
        from mlflow import MlflowClient
    except ImportError:
        raise missing_extra("mlflow", "mlflow", "Telling MLflow of a training") from None
    return _Mlflow(MlflowClient(tracking_uri=place or None), place or os.environ.get("MLFLOW_TRACKING_URI", ""))


class _Mlflow:
    def __init__(self, client: Any, place: str) -> None:
        self.label = f"MLflow at {place}" if place else "MLflow"
        self._client, self._run_id = client, ""

    def begin(self, name: str, parameters: Mapping[str, Any]) -> None:
        experiment = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        try:
            found = self._client.get_experiment_by_name(experiment)
            number = found.experiment_id if found else self._client.create_experiment(experiment)
            self._run_id = self._client.create_run(number, run_name=name).info.run_id
        except Exception as error:  # its own kinds, and those of the network below it
            reason = " ".join(str(error).split())[:200]
            raise UserError(
                f"{self.label} does not take a training ({reason}).",
                hint="Start it (mlflow server), correct its address, or train without --track.",
            ) from None
        self._log_parameters(parameters)

    def log_epoch(self, step: float, figures: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, round(step)) for name, value in figures.items()]
        self._client.log_batch(self._run_id, metrics=metrics)

    def finish(self, run: Run) -> None:
        self.log_epoch(0, outcome_figures(run.info.figures))
        self._client.set_tag(self._run_id, "whatsit.run", run.name)
        self._client.set_tag(self._run_id, "whatsit.recipe", run.info.recipe)
        for file in list_files(run):
            self._client.log_artifact(self._run_id, str(file))
        self._client.set_terminated(self._run_id)

    def fail(self) -> None:
        self._client.set_terminated(self._run_id, status="FAILED")

    def _log_parameters(self, parameters: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        found = [Param(name, str(value)[:LONGEST]) for name, value in flatten(parameters).items()]
        for batch in _batches(found):
            self._client.log_batch(self._run_id, params=batch)


def _batches(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]
