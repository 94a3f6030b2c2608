"""Prove that files are photos, whole, in a process of its own: `python -m whatsit.collecting.download.prove`.

A decoder given anything the web has may crash, hang or want all memory; here it may, and the collection goes
on. One line of JSON in is a file, one line of JSON out is the verdict. It ends when its input does, and so
with its parent, however that ends.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

from whatsit.image import DecodeLimits, UnreadablePhoto, decode, decode_with_header, encode_jpeg
from whatsit.records import decode_json

SUFFIXES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
SUFFIXES |= {"BMP": "bmp", "TIFF": "tif", "AVIF": "avif", "HEIF": "heic"}
LIMITS = DecodeLimits(("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"), max_pixels=50_000_000)
LEAST_SIDE_PX = 64  # smaller are icons, spacers and counters
MEMORY = 1_500_000_000  # bytes of address space: 50 megapixels four times over, and the libraries
QUALITY = 92  # of a shrunk JPEG
GLANCE_PX = 32  # the side of the square in which a photo is glanced at
FLAT = 2  # levels of 255 between the darkest and the lightest of it
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,80})", re.IGNORECASE)


def prove_file(path: Path, side_px: int) -> dict[str, Any]:
    """What a file is: `{"kind": "", "sha256": …, "width": …}` for a photo, else the kind of fault and a reason.

    side_px: shrink a photo whose shorter side is longer, and write it in its place; 0 leaves all as they are
    """
    content = path.read_bytes()
    try:
        # every bit of the file is read, at the least cost; the pixels that come out are enough to see a blank
        header, small = decode_with_header(content, (GLANCE_PX, GLANCE_PX), limits=LIMITS)
    except UnreadablePhoto as error:
        return _no(
            "broken" if error.reason.startswith("cut short") else "not-photo", _describe(content, error.reason)
        )
    if min(header.width, header.height) < LEAST_SIDE_PX:
        return _no("too-small", f"{header.width} × {header.height} pixels")
    if np.ptp(small.reshape(-1, 3), axis=0).max() <= FLAT:
        return _no("blank", "one flat colour")
    digest = kept = hashlib.sha256(content).hexdigest()
    format_, height, width = header.format, header.height, header.width
    if side_px and min(height, width) > side_px:
        height, width = _shrunk(height, width, side_px)
        content, format_ = encode_jpeg(decode(content, (height, width), limits=LIMITS), QUALITY), "JPEG"
        kept = hashlib.sha256(content).hexdigest()
        replace_file(path, content)
    else:
        settle_file(path)
    return {
        "kind": "",
        "sha256": digest,
        "kept_sha256": kept,
        "bytes": len(content),
        "width": width,
        "height": height,
        "format": format_,
    }


def _no(kind: str, reason: str) -> dict[str, Any]:
    return {"kind": kind, "reason": reason}


def _describe(content: bytes, reason: str) -> str:
    """The reason, with the title where the bytes are a web page: it says what kind of refusal this is."""
    title = _TITLE.search(content[:4096])
    return f"a web page, {title[1].decode('utf-8', 'replace').strip()!r}" if title else reason


def _shrunk(height: int, width: int, side_px: int) -> tuple[int, int]:
    """The size whose shorter side has `side_px`."""
    scale = side_px / min(height, width)
    return max(side_px, round(height * scale)), max(side_px, round(width * scale))


def replace_file(path: Path, content: bytes) -> None:
    """A new file in the place of `path`, which may be a link to somebody's original."""
    beside = path.with_suffix(".shrunk")
    beside.write_bytes(content)
    settle_file(beside)
    beside.replace(path)


def settle_file(path: Path) -> None:
    """What has been written is on the disk."""
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)  # Windows syncs what it may write
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def explain_no_file(error: OSError) -> dict[str, Any]:
    """The verdict on a file that could not be read, or written anew."""
    return _no("disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "file", str(error.strerror))


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Read requests from stdin until it ends, and answer each on stdout."""
    _limit_memory()
    for line in sys.stdin:
        request = decode_json(line)
        try:
            answer = prove_file(Path(request["path"]), request["side_px"])
        except MemoryError:
            answer = _no("not-photo", "it would take too much memory to decode")
        except OSError as error:
            answer = explain_no_file(error)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
