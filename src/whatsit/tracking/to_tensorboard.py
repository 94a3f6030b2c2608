"""TensorBoard: a file of events in a folder, written by its own package, without torch or TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whatsit.errors import UserError, missing_extra
from whatsit.files import explain_disk_errors, make_folder
from whatsit.model.run import Run, run_name
from whatsit.tracking.tracker import Tracker, flatten, outcome_figures


def open_tracker(place: str) -> Tracker:
    """A folder of events below `place`."""
    if not place:
        raise UserError("TensorBoard reads a folder.", hint="Name it: --track tensorboard:FOLDER")
    try:
        import tensorboard  # noqa: F401
    except ImportError:
        raise missing_extra("tensorboard", "tensorboard", "Writing for TensorBoard") from None
    return _TensorBoard(Path(place))


class _TensorBoard:
    def __init__(self, place: Path) -> None:
        self.label, self._place = f"TensorBoard in {place}", place
        self._writer: Any = None

    def begin(self, name: str, parameters: Mapping[str, Any]) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        folder = self._place / run_name(name)
        with explain_disk_errors(folder):
            make_folder(folder)
            self._writer = EventFileWriter(str(folder))
        rows = [f"| {key} | {value} |" for key, value in flatten(parameters).items()]
        self._log_text("options", "\n".join(["| option | value |", "|---|---|", *rows]))

    def log_epoch(self, step: float, figures: Mapping[str, float]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=name, simple_value=value) for name, value in figures.items()]
        self._add(Summary(value=values), step)
        self._writer.flush()

    def finish(self, run: Run) -> None:
        self.log_epoch(0, outcome_figures(run.info.figures))
        self._log_text("run", f"{run.folder.resolve()}\n\n{run.report.resolve()}")
        self._writer.close()

    def fail(self) -> None:
        self._writer.close()

    def _log_text(self, name: str, text: str) -> None:
        from tensorboard.plugins.text.summary import text_pb

        self._add(text_pb(name, text), 0)

    def _add(self, summary: Any, step: float) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._writer.add_event(Event(wall_time=time.time(), step=round(step), summary=summary))
