"""RUN → a folder for another runtime. One file a runtime; a new one is that file and a line here.

Every export is asked about the golden pictures by the very program that goes with it (proof.py) before its folder
appears: what answers otherwise is refused.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from whatsit import events
from whatsit.errors import UserError, suggest_nearest
from whatsit.exporting.folder import Convert, ExportKind, refuse_filled, write_beside
from whatsit.exporting.proof import Proof, prove
from whatsit.files import explain_disk_errors, make_folder, remove
from whatsit.model.classifier import Classifier
from whatsit.plugins import Registry, of_class


def _from(module: str) -> Convert:
    """The `convert` of that module, which is imported when it is asked for."""

    def convert(model: bytes, folder: Path) -> None:
        import_module(f"whatsit.exporting.{module}").convert(model, folder)

    return convert


EXPORTS = Registry(
    "exports",
    {
        "openvino": ExportKind(_from("openvino_ir"), "openvino", "OpenVINO, on processors and graphics by Intel"),
        "onnx-ort": ExportKind(_from("onnx_ort"), "onnxruntime", "onnxruntime's own format, for telephones"),
        "torch": ExportKind(_from("torch_program"), "torch", "torch, as torch.export keeps a network"),
        "keras": ExportKind(_from("keras_file"), "keras", "Keras 3, beside torch, jax or tensorflow"),
        "litert": ExportKind(
            _from("litert_file"), "ai-edge-litert", "LiteRT, on telephones and small machines", batch="1"
        ),
        "opencv": ExportKind(
            _from("opencv_dnn"), "opencv-python-headless", "OpenCV's module dnn, in C++ and elsewhere", batch="1"
        ),
        "numpy": ExportKind(
            _from("numpy_only"),
            "onnx",
            "numpy alone does the arithmetic, of a network that onnx reads; slow, and easy to follow",
        ),
    },
    of_class(ExportKind),
)


# Runtimes that people ask for and that there is no kept converter to (decision 051).
NOT_HAD = {
    "coreml": "Core ML's converter reads no ONNX, and nothing here could prove what it makes of torch's programs.",
    "tensorflow": "Keras runs by TensorFlow: --to keras; on telephones its runtime is LiteRT: --to litert.",
}


def export(model: Classifier, content: bytes, to: str, into: Path) -> Proof:
    """Write a model for another runtime to the new folder `into`, and how well it agrees there.

    content: the model file's bytes
    Raises UserError, and then writes nothing: where the runtime is not installed, cannot do an operation of the
    network, or answers otherwise.
    """
    if to in NOT_HAD and to not in EXPORTS:
        raise UserError(f"There is no export to {to}. {NOT_HAD[to]}", hint="See docs/elsewhere.md.")
    if to not in EXPORTS:
        raise UserError(f"There is no export to {to!r}.", hint=suggest_nearest(to, EXPORTS))
    if model.facts.crop:
        raise UserError(
            "This model looks at faces that whatsit finds and cuts; no other runtime does that.",
            hint="Serve it as it is: whatsit serve, or whatsit deploy --to docker",
        )
    refuse_filled(into)
    part = into.with_name(f".{into.absolute().name}.part")
    remove(part)
    try:
        with explain_disk_errors(part), events.working(f"Exporting to {to}"):
            make_folder(part)
            EXPORTS[to].convert(content, part)
            write_beside(part, to, EXPORTS[to], model)
            proof = prove(part, model.facts)
            if into.exists():
                into.rmdir()
            part.rename(into)
    finally:
        remove(part)
    events.saved("export", into)
    return proof
