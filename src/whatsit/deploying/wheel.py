"""A wheel of this very whatsit, from the files it runs from: no network, no build tool, same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from whatsit.deploying.lock import PACKAGES
from whatsit.version import __version__

PACKAGE = Path(__file__).parents[1]
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: no clock gets into the bytes
_LEFT_OUT = {"__pycache__", ".DS_Store"}


def wheel_name() -> str:
    """What pip wants the file to be called."""
    return f"whatsit-{__version__}-py3-none-any.whl"


def build_wheel() -> bytes:
    """The wheel's bytes. Its requirements are those of serving alone."""
    info = f"whatsit-{__version__}.dist-info"
    files = dict(_package_files())
    files[f"{info}/METADATA"] = _metadata().encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: whatsit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\nwhatsit = whatsit.cli:main\n"
    rows = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,\n"]).encode()
    return _zip(files)


def _package_files() -> Iterator[tuple[str, bytes]]:
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if path.is_file() and not _LEFT_OUT.intersection(inside.parts) and path.suffix != ".pyc":
            yield f"whatsit/{inside.as_posix()}", path.read_bytes()


def _metadata() -> str:
    needs = "".join(f"Requires-Dist: {name}\n" for name in PACKAGES)
    head = f"Metadata-Version: 2.1\nName: whatsit\nVersion: {__version__}\n"
    return f"{head}Summary: whatsit, as far as serving goes\nRequires-Python: >=3.11\n{needs}"


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()
