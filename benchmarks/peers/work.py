"""What every peer does with a photo: the same model, decoded and answered the short way.

Runs without whatsit, in an environment of its own (see ../serve.py). MODEL names the model.onnx.
"""

import io
import json
import os

import numpy as np
import onnxruntime
from PIL import Image

LANES = len(os.sched_getaffinity(0))


def open_session():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(os.environ["MODEL"], options, ["CPUExecutionProvider"])


session = open_session()
facts = json.loads(session.get_modelmeta().custom_metadata_map["whatsit"])
classes, (height, width) = facts["classes"], facts["size"]


def answer(content: bytes) -> dict:
    photo = Image.open(io.BytesIO(content)).convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    (probabilities,) = session.run(["probabilities"], {"pixels": np.asarray(photo)[None]})
    best = np.argsort(-probabilities[0])[:5]
    return {classes[index]: float(probabilities[0][index]) for index in best}
