"""Prove that files are photos, whole, in a process of its own: `python -m whatsit.collect.prove`.

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

from whatsit.image import Limits, Pixels, UnreadablePhoto, decode, encode_jpeg, read_header, resized

SUFFIXES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
SUFFIXES |= {"BMP": "bmp", "TIFF": "tif", "AVIF": "avif"}
LIMITS = Limits(("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"), max_pixels=50_000_000)
LEAST_SIDE_PX = 64  # smaller are icons, spacers and counters
MEMORY = 1_500_000_000  # bytes of address space: 50 megapixels four times over, and the libraries
QUALITY = 92  # of a shrunk JPEG
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,80})", re.IGNORECASE)


def verdict(path: Path, side_px: int) -> dict[str, Any]:
    """What a file is: `{"kind": "", "sha256": …, "width": …}` for a photo, else the kind of fault and a reason.

    side_px: shrink a photo whose shorter side is longer, and write it in its place; 0 leaves all as they are
    """
    content = path.read_bytes()
    try:
        header = read_header(content, LIMITS)
        if min(header.width, header.height) < LEAST_SIDE_PX:
            return _no("too-small", f"{header.width} × {header.height} pixels")
        pixels = decode(content, limits=LIMITS)
    except UnreadablePhoto as error:
        return _no("broken" if error.reason.startswith("cut short") else "not-photo", _seen(content, error.reason))
    if _is_flat(pixels):
        return _no("blank", "one flat colour")
    digest = kept = hashlib.sha256(content).hexdigest()
    format_ = header.format
    if side_px and min(pixels.shape[:2]) > side_px:
        pixels = _shrunk(pixels, side_px)
        content, format_ = encode_jpeg(pixels, QUALITY), "JPEG"
        kept = hashlib.sha256(content).hexdigest()
        _replace(path, content)
    else:
        _settle(path)
    height, width = pixels.shape[:2]
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


def _seen(content: bytes, reason: str) -> str:
    """The reason, with the title where the bytes are a web page: it says what kind of refusal this is."""
    title = _TITLE.search(content[:4096])
    return f"a web page, {title[1].decode('utf-8', 'replace').strip()!r}" if title else reason


def _is_flat(pixels: Pixels) -> bool:
    some = pixels[::8, ::8].reshape(-1, 3)
    return bool(np.ptp(some, axis=0).max() <= 2) and bool(np.ptp(pixels.reshape(-1, 3), axis=0).max() <= 2)


def _shrunk(pixels: Pixels, side_px: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = side_px / min(height, width)
    return resized(pixels, (max(1, round(height * scale)), max(1, round(width * scale))))


def _replace(path: Path, content: bytes) -> None:
    """A new file in the place of `path`, which may be a link to somebody's original."""
    beside = path.with_suffix(".shrunk")
    beside.write_bytes(content)
    _settle(beside)
    beside.replace(path)


def _settle(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Read requests from stdin until it ends, and answer each on stdout."""
    _limit_memory()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = verdict(Path(request["path"]), request["side_px"])
        except MemoryError:
            answer = _no("not-photo", "it would take too much memory to decode")
        except OSError as error:
            answer = _no(
                "disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "file", str(error.strerror)
            )
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
