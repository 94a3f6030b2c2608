"""onnxruntime's own format, model.ort: what its builds for telephones read."""

from __future__ import annotations

from pathlib import Path

from whatsit.model.graph.session import write_ort


def convert(model: bytes, folder: Path) -> None:
    """Write the network of a model file."""
    write_ort(model, folder / "model.ort")
