"""The face network: the published file and no other, and the graph of its layers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit.errors import UserError
from whatsit.model.backbones.face_network import (
    BYTES,
    FILE,
    MANIFEST,
    Coded,
    convert,
    find_face_network,
    read_tensors,
    write_graph,
)
from whatsit.model.graph.session import Session

# What @vladmandic/face-api 1.7.15 itself makes of scene(150, 150, seed=0), on tfjs's plain JavaScript.
PUBLISHED = (-0.03803, 0.12281, 0.04723, -0.00638, -0.07591, -0.06279, -0.07902, -0.00589)
BLOCKS = {
    **{f"conv32_{number}": (32, 32) for number in (1, 2, 3)},
    "conv64_down": (32, 64),
    **{f"conv64_{number}": (64, 64) for number in (1, 2, 3)},
    "conv128_down": (64, 128),
    **{f"conv128_{number}": (128, 128) for number in (1, 2)},
    "conv256_down": (128, 256),
    **{f"conv256_{number}": (256, 256) for number in (1, 2)},
    "conv256_down_out": (256, 256),
}


def test_the_graph_gives_the_numbers_of_those_who_published_it(face_network_file: Path) -> None:
    graph = convert(find_face_network(str(face_network_file)), (150, 150))
    (found,) = Session(graph).run(scene(150, 150, seed=0)[None], ["features"])
    assert found.shape == (1, 128)
    assert found[0, :8] == pytest.approx(PUBLISHED, abs=2e-5)
    assert len(graph) < 1.05 * BYTES  # the 8 bits stay 8 bits


@pytest.mark.parametrize("is_coded", [True, False])
def test_the_graph_computes_what_the_layers_say(is_coded: bool) -> None:
    torch = pytest.importorskip("torch", reason="the reference is computed with torch")
    tensors = drawn_tensors(is_coded)
    photos = np.stack([scene(150, 150, seed=seed) for seed in (1, 2)])
    (found,) = Session(write_graph(tensors)).run(photos, ["features"])
    with torch.inference_mode():
        wanted = reference(torch, {name: one.values() for name, one in tensors.items()}, photos)
    assert np.abs(found - wanted).max() < 1e-4 * np.abs(wanted).max()


def drawn_tensors(is_coded: bool) -> dict[str, Coded]:
    """Tensors of the network's shapes, drawn at random: convolutions in 8 bits, or in 32."""
    draw, tensors = np.random.default_rng(3), dict[str, Coded]()

    def add(name: str, kernel: int, before: int, after: int) -> None:
        shape = (kernel, kernel, before, after)
        spread = float(np.sqrt(2 / (kernel * kernel * before)))
        if is_coded:
            codes = draw.integers(0, 256, shape, np.uint8)
            tensors[f"{name}/conv/filters"] = Coded(codes, spread / 74, -1.7 * spread)
        else:
            tensors[f"{name}/conv/filters"] = Coded(draw.normal(0, spread, shape).astype(np.float32))
        for part, middle in (("conv/bias", 0.0), ("scale/weights", 0.6), ("scale/biases", 0.0)):
            values = draw.normal(middle, 0.1, after).astype(np.float32)
            tensors[f"{name}/{part}"] = Coded(values)

    add("conv32_down", 7, 3, 32)
    for name, (before, after) in BLOCKS.items():
        add(f"{name}/conv1", 3, before, after)
        add(f"{name}/conv2", 3, after, after)
    tensors["fc"] = Coded(draw.normal(0, 0.1, (256, 128)).astype(np.float32))
    return tensors


def reference(torch, values, photos):  # type: ignore[no-untyped-def]
    """The layers as face-api has them, in torch."""
    functional = torch.nn.functional

    def layer(value, name, stride, pad):  # type: ignore[no-untyped-def]
        kernel = torch.from_numpy(values[f"{name}/conv/filters"].transpose(3, 2, 0, 1).copy())
        bias, scale, shift = (
            torch.from_numpy(values[f"{name}/{part}"]) for part in ("conv/bias", "scale/weights", "scale/biases")
        )
        found = functional.conv2d(value, kernel, bias, stride=stride, padding=pad)
        return found * scale[:, None, None] + shift[:, None, None]

    value = torch.from_numpy(photos.astype(np.float32)) - torch.tensor([122.782, 117.001, 104.298])
    value = torch.relu(layer(value.permute(0, 3, 1, 2) / 255, "conv32_down", 2, 0))
    value = functional.max_pool2d(value, 3, 2)
    for name in BLOCKS:
        down = "down" in name
        inner = torch.relu(layer(value, f"{name}/conv1", 2, 0) if down else layer(value, f"{name}/conv1", 1, 1))
        inner = layer(inner, f"{name}/conv2", 1, 1)
        if down:
            value = functional.avg_pool2d(value, 2, 2)
            more = value.shape[2] - inner.shape[2]
            inner = functional.pad(inner, (0, more, 0, more))
            value = functional.pad(value, (0, 0, 0, 0, 0, inner.shape[1] - value.shape[1]))
        value = torch.relu(value + inner)
    return (value.mean((2, 3)) @ torch.from_numpy(values["fc"])).numpy()


def test_tensors_stand_in_the_file_as_the_manifest_has_them() -> None:
    coding = {"dtype": "uint8", "scale": 0.5, "min": -1.0}
    weights = [
        {"name": "a", "shape": [2, 2], "dtype": "float32", "quantization": coding},
        {"name": "b", "shape": [3], "dtype": "float32"},
    ]
    content = bytes([0, 1, 2, 255]) + np.array([1, -2, 3], "<f4").tobytes()
    found = read_tensors(content, [{"paths": ["file.bin"], "weights": weights}])
    assert found["a"].values().tolist() == [[-1.0, -0.5], [0.0, 126.5]]
    assert found["b"].values().tolist() == [1.0, -2.0, 3.0]


@pytest.mark.parametrize("content", [b"", b"<!doctype html>", bytes(BYTES), bytes(8_000_000)])
def test_another_file_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UserError, match=f"is not the published {FILE} of 6,444,032 bytes.*docs/faces.md"):
        find_face_network(str(tmp_path / FILE))


def test_no_file_a_folder_and_an_altered_file_are_sentences(face_network_file: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        find_face_network(str(tmp_path / FILE))
    with pytest.raises(UserError, match="cannot be opened"):
        find_face_network(str(tmp_path))
    shutil.copy(face_network_file.with_name(MANIFEST), tmp_path)
    content = bytearray(face_network_file.read_bytes())
    for altered in (content[:-1], content[:1000], content + b"\0", bytes([content[0] ^ 1]) + content[1:]):
        (tmp_path / FILE).write_bytes(altered)
        with pytest.raises(UserError, match="is not the published"):
            find_face_network(str(tmp_path / FILE))


def test_the_manifest_has_to_lie_beside_it_unaltered(face_network_file: Path, tmp_path: Path) -> None:
    brought = shutil.copy(face_network_file, tmp_path / FILE)
    with pytest.raises(UserError, match="The manifest of the face network has to lie beside its file"):
        find_face_network(str(brought))
    manifest = face_network_file.with_name(MANIFEST).read_bytes()
    (tmp_path / MANIFEST).write_bytes(manifest.replace(b"0.07", b"0.08", 1))
    with pytest.raises(UserError, match=f"is not the published {MANIFEST}"):
        find_face_network(str(brought))
