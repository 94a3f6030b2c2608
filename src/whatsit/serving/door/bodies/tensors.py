"""A request of the Open Inference Protocol: photos as strings of an input tensor."""

from __future__ import annotations

import math
from typing import Any

from whatsit.serving.door.bodies.question import EncodedPhoto, Question
from whatsit.serving.door.bodies.texts import BadBase64, BadJson, read_base64, read_object
from whatsit.serving.door.refusals import BAD_BASE64, BAD_JSON, BAD_TENSOR, TOO_MANY, Refused
from whatsit.serving.options import ServeOptions

LONGEST_ID = 200
MOST_OUTPUTS = 20
LONG = 256  # characters of a photo: the smallest takes as many, and all of a request are many


def understand_tensors(body: bytes, _kind: str, _content_type: str, options: ServeOptions) -> Question:
    """The photos of the one input, whatever its name, and what is asked about them. Raises Refused."""
    try:
        content, texts = read_object(body, options.max_photos + 1, LONG)
        data = _strings_of(content)
        if len(data) > options.max_photos:
            raise Refused(TOO_MANY)
        photos = [read_base64(texts.get(text, text.encode("utf-8", "replace"))) for text in data]
    except BadJson:
        raise Refused(BAD_JSON) from None
    except BadBase64:
        raise Refused(BAD_BASE64) from None
    named, outputs = content.get("id", ""), content.get("outputs") or []
    if not isinstance(named, str) or len(named) > LONGEST_ID or not isinstance(outputs, list):
        raise Refused(BAD_TENSOR)
    wanted = [output.get("name") if isinstance(output, dict) else None for output in outputs[: MOST_OUTPUTS + 1]]
    if len(wanted) > MOST_OUTPUTS or not all(isinstance(name, str) for name in wanted):
        raise Refused(BAD_TENSOR)
    fields = {"id": named, "outputs": list(dict.fromkeys(wanted))}
    return Question(tuple(EncodedPhoto(photo) for photo in photos if photo), fields=fields)


def _strings_of(content: dict[str, Any]) -> list[str]:
    """The strings of the one input, as many as its shape says. Raises Refused."""
    inputs = content.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise Refused(BAD_TENSOR)
    one = inputs[0]
    shape, data = one.get("shape"), one.get("data")
    if one.get("datatype") != "BYTES" or not isinstance(shape, list) or not isinstance(data, list):
        raise Refused(BAD_TENSOR)
    flat = [text for row in data for text in (row if isinstance(row, list) else [row])]
    are_whole = all(isinstance(side, int) and not isinstance(side, bool) for side in shape) and len(shape) in (
        1,
        2,
    )
    if not are_whole or math.prod(shape) != len(flat) or not all(isinstance(text, str) and text for text in flat):
        raise Refused(BAD_TENSOR)
    return flat
