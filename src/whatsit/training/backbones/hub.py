"""Models of the Hub as bodies: built by the library `transformers` from their config and safetensors."""

from __future__ import annotations

import math

import torch

from whatsit.errors import UserError, missing_extra
from whatsit.model.backbones.chain import Normalisation
from whatsit.model.backbones.hub import HubModel
from whatsit.training.backbones.body import Body


class HubBody(Body):
    """A model of the Hub without its top."""

    def __init__(self, model: torch.nn.Module, known: HubModel) -> None:
        super().__init__()
        self.model = model
        self.kind = known.family.features
        self.normalisation = Normalisation(known.mean, known.spread)

    def forward(self, photos: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        found = self.model(pixel_values=photos)
        if self.kind == "pooled":
            return found.pooler_output.flatten(1), None
        last = found.last_hidden_state
        if self.kind == "first":
            return last[:, 0], None
        if self.kind == "tokens":
            side = math.isqrt(last.shape[1])
            last = last.transpose(1, 2).reshape(-1, last.shape[2], side, side)
        return last.mean((2, 3)), last


def load_model(known: HubModel) -> HubBody:
    """The model with its weights. Raises UserError where tensors are missing or have other shapes."""
    try:
        import transformers
    except ImportError:
        raise missing_extra("transformers", "train", "A model of the Hugging Face Hub") from None
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    kind = getattr(transformers, known.family.model)
    try:
        model, told = kind.from_pretrained(
            known.folder,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            dtype=torch.float32,
            attn_implementation="eager"
            if known.family.model == "SwinModel"
            else None,  # its other is not exported
            **({"add_pooling_layer": False} if known.family.has_pooler else {}),
        )
    except Exception as error:  # whatever the library, its config classes and safetensors raise on a bad folder
        reason = str(error).strip().split("\n")[0][:160]
        raise UserError(f"The model in {str(known.folder)!r} cannot be built: {reason}") from None
    missing = sorted(told["missing_keys"])
    if missing:
        raise UserError(f"The weights in {str(known.folder)!r} do not fit: they have no tensor {missing[0]!r}.")
    return HubBody(model.eval(), known)
