"""ONNX graphs run by onnxruntime: the one place that opens a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.errors import UserError
from whatsit.image import Pixels, Size
from whatsit.mapped import scratch

BATCH = 8  # more buys no speed on a CPU and costs memory: activations of 32 photos at 224 px take 400 MB


class Session:
    """A graph ready to answer. One thread a call: callers, not the session, spread over the cores.

    One session of one thread with as many callers as cores is the fastest arrangement for many photos, and
    safe: `run` may be called from any thread.
    """

    def __init__(self, content: bytes, threads: int = 1) -> None:
        import onnxruntime

        self.content, self._threads = content, threads  # onnxruntime keeps the content too
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions have no common base but Exception
            reason = str(error).split("\n")[0][:200]
            raise UserError(f"onnxruntime does not read this model ({reason}).") from error
        # Memory of a photo's activations is kept for the next: taken anew, it costs 4 % of a MobileNetV2's time in
        # page faults. That of a batch is given back, or a few large ones would keep hundreds of MB for ever.
        self._give_back = onnxruntime.RunOptions()
        self._give_back.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self.outputs: tuple[str, ...] = tuple(output.name for output in self._session.get_outputs())

    def __reduce__(self) -> tuple[type[Session], tuple[bytes, int]]:
        return Session, (self.content, self._threads)

    @property
    def size(self) -> Size | None:
        """The (height, width) of its pixels; None where it takes any, or takes no pixels."""
        for entry in self._session.get_inputs():
            if entry.name == "pixels" and len(entry.shape) == 4:
                height, width = entry.shape[1:3]  # numbers, or names of what is free
                return (height, width) if isinstance(height, int) and isinstance(width, int) else None
        return None

    def run(self, pixels: Pixels, outputs: Sequence[str]) -> list[NDArray[Any]]:
        """The named outputs for (n, height, width, 3) uint8 pixels."""
        return self.run_on({"pixels": pixels}, outputs)

    def run_on(self, inputs: Mapping[str, NDArray[Any]], outputs: Sequence[str]) -> list[NDArray[Any]]:
        """The named outputs for inputs by name."""
        is_batch = any(array.ndim and len(array) > 1 for array in inputs.values())
        found: list[NDArray[Any]] = self._session.run(
            list(outputs), dict(inputs), self._give_back if is_batch else None
        )
        return found


def write_ort(content: bytes, path: Path) -> None:
    """Write a graph in onnxruntime's own format, which its builds for telephones read.

    It is simplified so far as is right on every processor, and no further.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])


def is_of_runtime(error: Exception) -> bool:
    """Whether an exception is onnxruntime's own: the graph could not be computed."""
    return type(error).__module__.startswith("onnxruntime")


def runtime() -> str:
    """Name and version of what computes: another version may round otherwise."""
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__}"


def run_over(
    session: Session,
    take: Callable[[NDArray[np.int64]], Pixels],
    rows: NDArray[np.int64],
    outputs: Sequence[str],
    batch: int = BATCH,
) -> list[NDArray[Any]]:
    """The named outputs for many photos, in the order of `rows`, a caller a core. `take(rows)` gives pixels."""
    if not len(rows):
        raise ValueError("no rows to run over")
    chunks = [rows[start : start + batch] for start in range(0, len(rows), batch)]
    found: list[NDArray[Any]] = []  # filled as answers come: lists of pieces, joined at the end, take it all twice
    done = 0
    with events.progress("Asking the network", len(rows)) as step:
        for values in engine.each(partial(_run_on, session, take, outputs), chunks, engine.chosen()):
            found = found or [scratch((len(rows), *value.shape[1:]), value.dtype) for value in values]
            for whole, value in zip(found, values, strict=True):
                whole[done : done + len(value)] = value
            step(len(values[0]))
            done += len(values[0])
    return found


def _run_on(
    session: Session,
    take: Callable[[NDArray[np.int64]], Pixels],
    outputs: Sequence[str],
    rows: NDArray[np.int64],
) -> list[NDArray[Any]]:
    return session.run(take(rows), outputs)
