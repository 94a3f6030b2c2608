"""EfficientNet-Lite without torch: the graph is the published network, to the number."""

from __future__ import annotations

import csv
import math
from importlib import resources

import numpy as np
import pytest

from whatsit.image import Size
from whatsit.model.backbones.chain import Block, Convolution
from whatsit.model.backbones.find import find_backbone
from whatsit.model.backbones.lite import BLOCKS, Tensors, lite_graph, lite_layers, read_table
from whatsit.model.graph.session import Session

# The features 0, 100, 200, … of a noisy picture by the published weights, by torch (`by_torch` below).
GOLDEN: dict[Size, list[float]] = {
    (256, 256): [
        1.07353,
        1.01802,
        0.0,
        0.0,
        0.09336,
        0.00383,
        0.21694,
        0.00036,
        0.38156,
        1.05331,
        0.0,
        0.0,
        0.04879,
    ],
    (65, 130): [0.22134, 0.0659, 0.0, 0.0, 0.90922, 0.0, 0.01754, 0.0, 0.0, 1.78915, 0.0, 0.0, 0.0],
}
# (blocks, kernel, stride, channels out) of each stage of Lite0: table 1 of the paper
PAPER = (
    (1, 3, 1, 16),
    (2, 3, 2, 24),
    (2, 5, 2, 40),
    (3, 3, 2, 80),
    (3, 5, 1, 112),
    (4, 5, 2, 192),
    (1, 3, 1, 320),
)
DEPTH, WIDTH = {"lite0": 1.0, "lite2": 1.2}, {"lite0": 1.0, "lite2": 1.1}  # beside Lite0


def noise(size: Size) -> np.ndarray:
    """A picture of noise, (1, h, w, 3)."""
    return np.random.default_rng(0).integers(0, 256, (1, *size, 3), np.uint8)


def random_tensors(name: str) -> Tensors:
    """Tensors of the published names and shapes that let every layer change what it is given."""
    random = np.random.default_rng(1)
    table = resources.files("whatsit.model.backbones") / "tensors" / f"{name}.csv"
    found = {}
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        shape = [int(side) for side in row["shape"].split()]
        values = random.normal(0, math.sqrt(2 / math.prod(shape[1:])) if len(shape) > 1 else 0.1, shape)
        if row["name"].endswith(("running_var", "bn0.weight", "bn1.weight")):
            values = random.uniform(0.5, 1.5, shape)
        if row["name"].endswith(
            "bn2.weight"
        ):  # of what is added: small, so that rounding does not grow with depth
            values = random.uniform(0.1, 0.3, shape)
        found[row["name"]] = values.astype(np.float32)
    return found


def by_torch(name: str, tensors: Tensors, pixels: np.ndarray) -> np.ndarray:
    """The last map as the paper and the names of the tensors have it, layer by layer.

    Behind its 1,280 channels stand those of stages 5, 6 and 7, averaged down to its size.
    """
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    own = {key: torch.from_numpy(np.array(value)) for key, value in tensors.items()}

    def convolve(x, key, norm, stride=1, is_depthwise=False):
        weights = own[f"{key}.weight"]
        height, width = (
            max((math.ceil(side / stride) - 1) * stride + weights.shape[-1] - side, 0) for side in x.shape[2:]
        )
        x = functional.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
        x = functional.conv2d(x, weights, stride=stride, groups=len(weights) if is_depthwise else 1)
        parts = (own[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *parts, eps=1e-3)

    with torch.inference_mode():
        x = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127.5) / 127.5
        x = functional.relu6(convolve(x, "_conv_stem", "_bn0", 2))
        place, beside = 0, []
        for stage, (count, _kernel, stride, _out) in enumerate(PAPER):
            is_edge = stage in (0, len(PAPER) - 1)
            for block in range(count if is_edge else math.ceil(DEPTH[name] * count)):
                at, inner = f"_blocks.{place}", x
                if stage:
                    inner = functional.relu6(convolve(inner, f"{at}._expand_conv", f"{at}._bn0"))
                step = stride if block == 0 else 1
                inner = functional.relu6(convolve(inner, f"{at}._depthwise_conv", f"{at}._bn1", step, True))
                inner = convolve(inner, f"{at}._project_conv", f"{at}._bn2")
                x = inner if block == 0 else x + inner
                place += 1
            if stage in (4, 5, 6):
                beside.append(functional.avg_pool2d(x, 2, ceil_mode=True) if stage == 4 else x)
        return torch.cat([functional.relu6(convolve(x, "_conv_head", "_bn1")), *beside], 1).numpy()


@pytest.mark.parametrize("size", [(64, 64), (65, 72), (130, 97)], ids=["even", "odd and even", "odd maps within"])
@pytest.mark.parametrize("name", BLOCKS)
def test_the_graph_gives_what_torch_gives(name: str, size: Size) -> None:
    tensors, pixels = random_tensors(name), noise(size)
    features, stages, map_ = Session(lite_graph(name, tensors, size)).run(pixels, ("features", "stages", "map"))
    expected = by_torch(name, tensors, pixels)
    assert map_.shape == expected.shape
    assert np.abs(expected).max() > 0.5
    np.testing.assert_allclose(map_, expected, atol=1e-4)
    np.testing.assert_allclose(stages, expected.mean((2, 3)), atol=1e-4)
    assert np.array_equal(features, stages[:, :1280])


@pytest.mark.parametrize("size", GOLDEN)
def test_the_published_weights_give_the_published_features(size: Size) -> None:
    tensors = read_table("lite0", find_backbone("lite0").place)
    (features,) = Session(lite_graph("lite0", tensors, size)).run(noise(size), ("features",))
    np.testing.assert_allclose(features[0, ::100], GOLDEN[size], atol=1e-4)


@pytest.mark.parametrize("name", BLOCKS)
def test_stages_are_as_deep_and_wide_as_published(name: str) -> None:
    layers = list(lite_layers(name, random_tensors(name)))
    blocks = [layer for layer in layers if isinstance(layer, Block)]
    kernels, outs = [], []
    for count, kernel, _stride, out in PAPER:
        deep = count if out in (16, 320) else math.ceil(DEPTH[name] * count)
        kernels += [kernel] * deep
        outs += [int(WIDTH[name] * out + 4) // 8 * 8] * deep
    of_blocks = [[layer for layer in block.layers if isinstance(layer, Convolution)] for block in blocks]
    assert [convolutions[-2].weights.shape[-1] for convolutions in of_blocks] == kernels
    assert [len(convolutions[-1].weights) for convolutions in of_blocks] == outs


def test_the_same_weights_give_the_same_bytes() -> None:
    tensors = random_tensors("lite0")
    assert lite_graph("lite0", tensors, (64, 64)) == lite_graph("lite0", tensors, (64, 64))
