"""A module of torch and the ONNX model made of it give the same numbers, for any number of photos."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.model.graph.session import Session  # noqa: E402
from whatsit.model.graph.write import OPSET  # noqa: E402
from whatsit.training.export import export_module  # noqa: E402


class Two(torch.nn.Module):
    """(n, h, w, 3) uint8 → the mean colour (n, 3), and its largest part (n,)."""

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean = pixels.to(torch.float32).mean((1, 2))
        return mean, mean.max(1).values


def test_the_model_answers_as_the_module_whatever_the_batch() -> None:
    model = export_module(Two().eval(), (6, 4), ("mean", "most"))
    session = Session(model.SerializeToString())
    for count in (1, 5):
        pixels = np.random.default_rng(count).integers(0, 256, (count, 6, 4, 3), np.uint8)
        mean, most = session.run(pixels, ("mean", "most"))
        np.testing.assert_allclose(mean, pixels.mean(axis=(1, 2)), rtol=1e-5)
        np.testing.assert_allclose(most, pixels.mean(axis=(1, 2)).max(axis=1), rtol=1e-5)


def test_its_input_and_its_version_are_those_of_every_model_file() -> None:
    model = export_module(Two().eval(), (6, 4), ("mean", "most"))
    assert [entry.name for entry in model.graph.input] == ["pixels"]
    assert [entry.name for entry in model.graph.output] == ["mean", "most"]
    assert model.opset_import[0].version == OPSET
