"""The graphs of pretrained networks, made once for a weights file and a photo size, then kept in the cache.

Once a graph is kept, features of photos by the network of that name need neither torch nor its weights' layers.
Making one needs both: whoever has them hands in how (`training/backbones/convert.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from whatsit.errors import UserError
from whatsit.files import cache_dir, write_bytes
from whatsit.image import Size
from whatsit.model.backbones.find import Backbone

CONVERSION = 1  # raise it when a conversion gives another graph, and old ones are left behind
DIGEST_BYTES = 32  # of SHA-256 in front of a kept graph, so that a damaged one is made again

Convert = Callable[[Backbone, Size], bytes]


def kept_graph(backbone: Backbone, size: Size, convert: Convert | None = None) -> bytes:
    """The network as an ONNX model for photos of `size`: `pixels` → `features` (n, d), and where it ends in a mean
    over a map, `map` (n, d, h, w).

    convert: makes the graph where none is kept, or the kept one is damaged; None: that is a UserError
    """
    file = _file_of(backbone, size)
    if file.exists():
        kept = file.read_bytes()
        digest, content = kept[:DIGEST_BYTES], kept[DIGEST_BYTES:]
        if hashlib.sha256(content).digest() == digest:
            return content
    if convert is None:
        height, width = size
        raise UserError(
            f"The network {backbone.name} was not used for photos of {width} × {height} on this machine yet.",
            hint=f"Train with it once: whatsit train DATA --recipe transfer --backbone {backbone.name}",
        )
    content = convert(backbone, size)
    write_bytes(file, hashlib.sha256(content).digest() + content)
    return content


def _file_of(backbone: Backbone, size: Size) -> Path:
    height, width = size
    name = Path(backbone.name).name
    return cache_dir() / "backbones" / f"{name}-{backbone.digest[:16]}-{height}x{width}-{CONVERSION}.onnx"
