"""The network as it is, asked by onnx's reference implementation: each operation in a few lines of numpy."""

from __future__ import annotations

from pathlib import Path

from whatsit.files import write_bytes


def convert(model: bytes, folder: Path) -> None:
    """Write the network of a model file, which stays what it is."""
    write_bytes(folder / "model.onnx", model)
