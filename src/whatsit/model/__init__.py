"""What a model is: one `model.onnx` that needs nothing beside it, and how it is asked."""

import os

# From 1.31 on, onnxruntime's Linux wheels tell its makers of their use, unless this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
