"""What a server needs to be installed: fewer packages than the whole of whatsit, pinned and hashed.

`serve.lock` is written by tools/relock.py, for each of PYTHONS on each of MACHINES.
"""

from __future__ import annotations

import re
from pathlib import Path

LOCK = Path(__file__).parent / "serve.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")  # as `uname -m` says it; Linux with glibc

# Everything that `whatsit serve` imports. No torch, no onnx, no scikit-learn, nothing to be compiled.
PACKAGES = (
    "aiohttp",
    "cyclopts",
    "httptools",
    "idna",
    "jinja2",
    "numpy",
    "onnxruntime",
    "pillow",
    "python-multipart",
    "rich",
    "starlette",
    "uvicorn",
    "uvloop",
)


def locked_versions(text: str) -> dict[str, str]:
    """package → version of a lock's text."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))
