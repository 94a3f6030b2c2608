"""Training with a face network: which options go with it, and how it wants photos cut."""

from __future__ import annotations

from whatsit.data.dataset import Dataset
from whatsit.data.faces.kept import cut_to_chips
from whatsit.errors import UserError
from whatsit.model.backbones.face_network import SIDE, find_face_network
from whatsit.training.options import TrainOptions, TransferOptions


def cut_for_network(dataset: Dataset, options: TrainOptions) -> Dataset:
    """The photos cut as the face network wants them, where one is named; else as they are.

    Raises UserError where the file is not the published one, another option does not go with it, or the photos are
    not cut to faces.
    """
    named, usual = options.transfer.face_network, TransferOptions()
    if named is None:
        return dataset
    if options.recipe not in ("auto", "transfer"):
        raise UserError(
            f"--face-network is for the recipe transfer, and not for {options.recipe}.",
            hint="Leave out one of them: the face network is used as it is.",
        )
    if (options.transfer.backbone, options.transfer.weights) != (usual.backbone, usual.weights):
        raise UserError(
            "--face-network takes the place of --backbone and --weights.", hint="Name one network, not two."
        )
    if options.size not in (None, SIDE):
        raise UserError(
            f"The face network looks at {SIDE} × {SIDE} pixels, and not at {options.size}.",
            hint="Leave out --size.",
        )
    find_face_network(named)
    return cut_to_chips(dataset)
