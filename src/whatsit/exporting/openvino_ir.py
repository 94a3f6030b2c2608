"""OpenVINO's files, model.xml and model.bin, in 32-bit floats as the model has them."""

from __future__ import annotations

from pathlib import Path

from whatsit.errors import UserError, missing_extra


def convert(model: bytes, folder: Path) -> None:
    """Write the network of a model file. Raises UserError where OpenVINO is missing, or cannot do an operation."""
    try:
        import openvino
    except ImportError:
        raise missing_extra("openvino", "openvino", "An export to OpenVINO") from None
    source = folder / "model.onnx"
    source.write_bytes(model)
    try:
        found = openvino.convert_model(source)
    except Exception as error:  # of its front end: the sentence names the operations
        reason = " ".join(str(error).split())[:300]
        raise UserError(f"OpenVINO does not take this network ({reason}).") from None
    openvino.save_model(found, folder / "model.xml", compress_to_fp16=False)
    del found  # it reads the file's constants where they lie
    source.unlink()
