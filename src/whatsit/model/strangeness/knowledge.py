"""What a pretrained network knows to tell apart: the directions of its features in which its own classes differ.

A network that learnt a thousand classes ends in a matrix from features to them. Along the main directions of that
matrix lies what it was taught to tell apart; what all photos share, and what it was taught to overlook, lies
outside. Between those directions strange photos are told from a few dozen known ones far better than between the
whole features (docs/decisions/026-strange-photos-with-few-known-ones.md).

The directions travel as a constant of the network's graph that no node reads, so a graph cut to its features is
the same to the byte with and without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

Floats = NDArray[np.float32]

KNOWLEDGE = "knowledge"  # the constant's name
KNOWN_DIRECTIONS = 512  # measured with two networks: 256 and all of them are worse where photos are few
LEAST_CLASSES = 600  # of the network's own: fewer differ in fewer directions than are wanted


class Tensor(Protocol):
    """An array of numpy, or a tensor of torch on the CPU."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sides."""

    def __array__(self) -> NDArray[np.floating]: ...


def find_directions(tensors: Mapping[str, Tensor], width: int) -> Floats | None:
    """(width, KNOWN_DIRECTIONS) orthogonal directions in which a network's own classes differ most, of features of
    that width; None where its published weights have no matrix from such features to many classes."""
    for tensor in reversed(list(tensors.values())):  # it stands at the end
        shape = tuple(tensor.shape)
        if len(shape) == 2 and width in shape and max(shape[0], shape[1]) > LEAST_CLASSES:
            matrix = np.asarray(tensor, np.float64)
            classes = matrix if shape[1] == width else matrix.T  # (classes, width)
            if len(classes) >= LEAST_CLASSES:
                return _main_directions(np.ascontiguousarray(classes))
    return None


def put_knowledge(content: bytes, directions: Floats | None) -> bytes:
    """A network's graph that carries its directions; the same bytes where it has none."""
    if directions is None:
        return content
    import onnx
    from onnx import numpy_helper

    whole = onnx.load_model_from_string(content)
    whole.graph.initializer.append(numpy_helper.from_array(directions, KNOWLEDGE))
    carrying: bytes = whole.SerializeToString(deterministic=True)
    return carrying


def read_knowledge(graph: onnx.GraphProto) -> Floats | None:
    """The directions that a graph carries; None where it carries none."""
    from onnx import numpy_helper

    carried = next((constant for constant in graph.initializer if constant.name == KNOWLEDGE), None)
    return None if carried is None else np.asarray(numpy_helper.to_array(carried), np.float32)


def drop_knowledge(graph: onnx.GraphProto) -> None:
    """Take out of a graph the directions that it carries."""
    kept = [constant for constant in graph.initializer if constant.name != KNOWLEDGE]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _main_directions(classes: NDArray[np.float64]) -> Floats:
    """(classes, width) → (width, k) the directions of greatest difference between classes, each with one sign."""
    centred = classes - classes.mean(axis=0)
    _values, vectors = np.linalg.eigh(centred.T @ centred)  # ascending
    main = vectors[:, ::-1][:, :KNOWN_DIRECTIONS]
    largest = main[np.abs(main).argmax(axis=0), np.arange(main.shape[1])]
    return np.ascontiguousarray(main * np.where(largest < 0, -1, 1), np.float32)
