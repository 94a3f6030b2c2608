"""Published weights: files of named tensors, read without running anything that is in them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from whatsit.errors import UserError, missing_extra

Tensors = Mapping[str, torch.Tensor]

SUFFIXES = (".safetensors", ".pth", ".pt", ".th", ".bin", ".h5")
MOST_BYTES = 4_000_000_000  # unpacked; a file that says it holds more is refused before it is read
COUNTERS = "num_batches_tracked"  # how often a normalisation was updated: nothing the answers depend on


def read_tensors(file: Path) -> dict[str, torch.Tensor]:
    """The tensors of a weights file by name, float32. Raises UserError where it is none, damaged or unsafe."""
    if not file.is_file():
        raise UserError(f"There is no weights file {str(file)!r}.")
    if file.suffix == ".safetensors":
        found = _from_safetensors(file)
    elif file.suffix == ".h5":
        found = _from_keras(file)
    elif file.suffix in SUFFIXES:
        found = _from_torch(file)
    else:
        raise UserError(f"{str(file)!r} is no weights file we read.", hint=f"We read {', '.join(SUFFIXES)}.")
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in found.items()}


def _from_safetensors(file: Path) -> dict[str, torch.Tensor]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        raise missing_extra("safetensors", "train", "Reading .safetensors weights") from None
    try:
        found: dict[str, torch.Tensor] = load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise _damage_error(file, error) from None
    return found


def _from_torch(file: Path) -> dict[str, torch.Tensor]:
    """A state dict, flat or below `state_dict`, its names without the prefix `module.`."""
    _check_unpacked(file)
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except (
        Exception
    ) as error:  # torch raises whatever its readers do: RuntimeError, EOFError, KeyError, zip errors
        if "weights_only" in str(error) or "Unsupported" in str(error):
            raise UserError(
                f"{str(file)!r} holds more than numbers: opening it could run a program, so it was left alone.",
                hint="Bring the same weights as .safetensors, or saved with torch.save(model.state_dict(), …).",
            ) from None
        raise _damage_error(file, error) from None
    if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
        found = found["state_dict"]
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise UserError(
            f"{str(file)!r} is no table of named tensors.",
            hint="Save it with torch.save(model.state_dict(), …).",
        )
    return {str(name).removeprefix("module."): tensor for name, tensor in found.items()}


def _check_unpacked(file: Path) -> None:
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        total = sum(entry.file_size for entry in archive.infolist())
    if total > MOST_BYTES:
        raise UserError(f"{str(file)!r} would unpack to {total / 1e9:,.0f} GB: it was not opened.")


# Keras' names of a layer's tensors, and PyTorch's
_OF_KERAS = {
    "kernel": "weight",
    "depthwise_kernel": "weight",
    "gamma": "weight",
    "bias": "bias",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def _from_keras(file: Path) -> dict[str, torch.Tensor]:
    """The tensors of Keras' `….h5` weights in PyTorch's order of axes, as `LAYER.weight`, `LAYER.bias` …"""
    try:
        import h5py
    except ImportError:
        raise missing_extra("h5py", "train", "Reading Keras' .h5 weights") from None
    found: dict[str, torch.Tensor] = {}

    def visit(path: str, entry: object) -> None:
        if isinstance(entry, h5py.Dataset) and entry.dtype.kind == "f":
            layer, what = path.split("/")[-2], re.sub(r":\d+$", "", path.split("/")[-1])
            # The first files of VGG16 call them block1_conv1_W_1 and block1_conv1_b_1.
            what = {"W_1": "kernel", "b_1": "bias"}.get(what.removeprefix(f"{layer}_"), what)
            found[f"{layer}.{_OF_KERAS.get(what, what)}"] = _turn(torch.from_numpy(entry[()]), layer)

    try:
        with h5py.File(file, "r") as content:
            content.get("model_weights", content).visititems(visit)
    except (OSError, RuntimeError, KeyError) as error:
        raise _damage_error(file, error) from None
    return found


def _turn(tensor: torch.Tensor, layer: str) -> torch.Tensor:
    """A kernel (height, width, in, out) as (out, in, height, width); one that works channel by channel is
    (height, width, channels, 1) and becomes (channels, 1, height, width)."""
    if tensor.ndim != 4:
        return tensor
    order = (2, 3, 0, 1) if "depthwise" in layer else (3, 2, 0, 1)
    return tensor.permute(order).contiguous()


def _damage_error(file: Path, error: Exception) -> UserError:
    reason = str(error).split("\n")[0][:120]
    return UserError(
        f"The weights file {str(file)!r} is damaged or was cut short ({reason}).", hint="Bring it again."
    )


def fill(net: nn.Module, tensors: Tensors, file: Path) -> None:
    """Put tensors into a network by name; those it has no place for (a top of other classes) are left out.

    Raises UserError that names the first tensor that is missing, has another shape or holds no numbers.
    """
    wanted = net.state_dict()
    for name, place in wanted.items():
        if name.endswith(COUNTERS):
            continue
        if name not in tensors:
            raise UserError(
                f"The weights file {str(file)!r} does not fit: it has no tensor {name!r}.",
                hint=f"It starts with {', '.join(repr(key) for key in list(tensors)[:3]) or 'nothing'}.",
            )
        if tensors[name].shape != place.shape:
            raise UserError(
                f"The weights file {str(file)!r} does not fit: {name!r} is {_shape(tensors[name])} there, "
                f"and the network has {_shape(place)}."
            )
        if not bool(tensors[name].isfinite().all()):
            raise UserError(
                f"The weights file {str(file)!r} does not fit: {name!r} holds values that are no numbers.",
                hint="It is damaged, or its network was never trained. Bring the published one.",
            )
    net.load_state_dict({name: tensors.get(name, place) for name, place in wanted.items()})


def _shape(tensor: torch.Tensor) -> str:
    return " × ".join(str(side) for side in tensor.shape) or "a single number"
