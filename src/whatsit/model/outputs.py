"""What a model's graph gives for photos: whether it is what one of ours gives, each time it is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.model.graph.session import is_of_runtime

OUTPUTS = ("probabilities", "distance")
FROM_A_RUN = "Use the original model.onnx of a finished run, or train again."
_ROUNDED = 1e-3  # by how much a share may lie beyond 0 and 1
_MOST = float(np.finfo(np.float32).max)  # what is beyond is infinite


def check_outputs(name: str, classes: int, photos: int, outputs: Sequence[str], values: Sequence[Any]) -> None:
    """Refuse values that are not what a model of ours gives: a graph that did so once may not always.

    name:    of the model's file; outputs: the names of `values`
    Raises UserError.
    """
    shapes: dict[str, tuple[int | None, ...]] = {
        "probabilities": (photos, classes),
        "distance": (photos,),
        "activation": (photos, None, None, classes),
    }
    for what, array in zip(outputs, values, strict=True):
        shape = shapes.get(what)
        if shape is None:  # a value within, not an answer
            continue
        is_array = isinstance(array, np.ndarray) and array.dtype == np.float32 and array.ndim == len(shape)
        if not is_array or any(side not in (None, there) for side, there in zip(shape, array.shape, strict=True)):
            raise UserError(f"The graph in {name!r} does not give the {what} of {classes} classes.", FROM_A_RUN)
        if not _can_be(array, *((-_ROUNDED, 1 + _ROUNDED) if what == "probabilities" else (-_MOST, _MOST))):
            raise UserError(f"The graph in {name!r} gives numbers for {what} that cannot be.", FROM_A_RUN)


def _can_be(array: NDArray[np.float32], least: float, most: float) -> bool:
    """Whether all numbers lie in a range: two passes, in each of which one that is no number comes out as such."""
    return array.size == 0 or bool(array.min() >= least and array.max() <= most)


@contextlib.contextmanager
def said_in_a_sentence(name: str) -> Iterator[None]:
    """Turn what onnxruntime raises while it computes into a UserError about the model file `name`."""
    try:
        yield
    except Exception as error:  # onnxruntime's own exceptions have no common base but Exception
        if not is_of_runtime(error):
            raise
        raise does_not_answer(name, error) from error


def does_not_answer(name: str, error: Exception) -> UserError:
    """What is said where a graph could not be computed."""
    reason = str(error).split("\n")[0][:200]
    return UserError(f"{name!r} does not answer about photos of its size ({reason}).", FROM_A_RUN)
