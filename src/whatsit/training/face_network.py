"""Training with a face network: how it wants photos cut."""

from __future__ import annotations

from whatsit.data.dataset import Dataset
from whatsit.data.faces.kept import cut_to_chips
from whatsit.errors import UserError
from whatsit.model.backbones.face_network import SIDE, find_face_network
from whatsit.training.options import TrainOptions


def cut_for_network(dataset: Dataset, options: TrainOptions, source: str = "") -> Dataset:
    """The photos cut as the face network wants them, where one is named; else as they are.

    source: the name by which the data set was read; "" where it was handed over
    Raises UserError where the file is not the published one, the size asked for is another than its own, or the
    photos are not cut to faces.
    """
    named = options.transfer.face_network
    if named is None:
        return dataset
    if options.size not in (None, SIDE):
        raise UserError(
            f"The face network looks at {SIDE} × {SIDE} pixels, and not at {options.size}.",
            hint="Leave out --size.",
        )
    find_face_network(named)
    return cut_to_chips(dataset, source)
