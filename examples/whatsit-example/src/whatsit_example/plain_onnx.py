"""An export: model.onnx as it is, and a program that asks it through onnxruntime."""

from __future__ import annotations

from pathlib import Path

from whatsit.exporting.folder import ExportKind


def convert(model: bytes, folder: Path) -> None:
    """Write the network; the rest of the folder is written by whatsit."""
    (folder / "model.onnx").write_bytes(model)


PROGRAM = """
import onnxruntime

SESSION = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])


def ask(pixels):
    return SESSION.run(["probabilities", "distance"], {"pixels": pixels})
"""

EXPORT = ExportKind(convert, "onnxruntime", "model.onnx as it is", PROGRAM)
