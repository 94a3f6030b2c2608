"""The graphs of pretrained networks, made once for a weights file and a photo size, then kept in the cache.

Once a graph is kept, features of photos by the network of that name need neither torch nor its weights' layers.
Making one needs both: whoever has them hands in how (`training/backbones/convert.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from whatsit.errors import UserError
from whatsit.files import cache_dir, write_bytes
from whatsit.image import Size
from whatsit.model.backbones.find import Backbone

CONVERSION = 5  # raise it when a conversion gives another graph, and old ones are left behind
DIGEST_BYTES = 32  # of SHA-256 in front of a kept graph, so that a damaged one is made again

_NAME = re.compile(r"(?P<name>.+)-[0-9a-f]{16}-(?P<height>\d+)x(?P<width>\d+)-(?P<conversion>\d+)\.onnx")

Convert = Callable[[Backbone, Size], bytes]


def load_kept_graph(backbone: Backbone, size: Size, convert: Convert | None = None) -> bytes:
    """The network as an ONNX model for photos of `size`: `pixels` → `features` (n, d), and where it ends in a mean
    over a map, `map` (n, d, h, w); of some also `stages` (see chain.py).

    convert: makes the graph where none is kept, or the kept one is damaged; None: that is a UserError
    """
    file = _file_of(backbone, size)
    if file.exists():
        whole = read_graph(file.read_bytes())
        if whole is not None:
            return whole
    if convert is None:
        height, width = size
        raise UserError(
            f"The network {backbone.name} was not used for photos of {width} × {height} on this machine yet.",
            hint=f"Train with it once: whatsit train DATA --recipe transfer --backbone {backbone.name}",
        )
    content = convert(backbone, size)
    write_bytes(file, hashlib.sha256(content).digest() + content)
    return content


def find_graph(name: str) -> Path | None:
    """The file of a network's kept graph, by name alone; of several the one for the largest photos."""
    found = [(_NAME.fullmatch(file.name), file) for file in sorted((cache_dir() / "backbones").glob("*.onnx"))]
    own = [(match, file) for match, file in found if match and match["name"] == name]
    if not own:
        return None
    return max(own, key=lambda one: (int(one[0]["height"]) * int(one[0]["width"]), int(one[0]["conversion"])))[1]


def read_graph(content: bytes) -> bytes | None:
    """The graph in a kept file's content; None where it is something else, or damaged."""
    is_whole = hashlib.sha256(content[DIGEST_BYTES:]).digest() == content[:DIGEST_BYTES]
    return content[DIGEST_BYTES:] if is_whole else None


def _file_of(backbone: Backbone, size: Size) -> Path:
    height, width = size
    name = Path(backbone.name).name
    return cache_dir() / "backbones" / f"{name}-{backbone.digest[:16]}-{height}x{width}-{CONVERSION}.onnx"
