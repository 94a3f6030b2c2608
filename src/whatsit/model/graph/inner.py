"""What a model file computes on the way to its answers: logits, features, the nearest training photos."""

from __future__ import annotations

from collections.abc import Sequence

from whatsit.model.graph.session import Session
from whatsit.model.graph.wire import protobuf_field

# Field numbers of ONNX's ModelProto, GraphProto and ValueInfoProto (onnx.proto3).
_GRAPH, _OUTPUT, _NAME = 7, 12, 1


def open_inner_session(content: bytes, values: Sequence[str], threads: int = 1) -> Session:
    """A session over a model file that also gives these inner values of its graph (see `finish`).

    `logits` (n, classes), `novelty.rows` and `novelty.nearest` (n, neighbours): which rows of the bank are the
    nearest to a photo, and the cosine to each. Raises UserError where the graph has no such value.

    Nothing is parsed: protobuf joins a message's second occurrence to its first, so outputs can be appended.
    """
    outputs = b"".join(protobuf_field(_OUTPUT, protobuf_field(_NAME, value.encode())) for value in values)
    return Session(content + protobuf_field(_GRAPH, outputs), threads)
