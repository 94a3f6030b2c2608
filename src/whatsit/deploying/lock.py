"""What a server needs to be installed: fewer packages than the whole of whatsit, pinned and hashed.

`serve.lock`, `faces.lock` and `certbot.lock` are written by tools/relock.py, for each of PYTHONS on each of
MACHINES.
"""

from __future__ import annotations

import re
from pathlib import Path

LOCK = Path(__file__).parent / "serve.lock"
FACES_LOCK = Path(__file__).parent / "faces.lock"  # more, for a model that looks at faces
CERTBOT_LOCK = Path(__file__).parent / "certbot.lock"  # on its own, for who has a name and wants a certificate
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
    "pi-heif",
    "pillow",
    "prometheus-client",
    "rich",
    "starlette",
    "uvicorn",
    "uvloop",
)
FACES_PACKAGES = ("opencv-python-headless",)
CERTBOT_PACKAGES = ("certbot>=5,<6",)


def lock_of(crop: str) -> bytes:
    """The lock for a model that cuts photos by `crop` first."""
    return LOCK.read_bytes() + (b"\n" + FACES_LOCK.read_bytes() if crop else b"")


def read_locks(text: bytes) -> list[tuple[str, str, list[str]]]:
    """(package, version, the SHA-256 of each of its wheels) of a lock, or of several behind each other."""
    found: list[tuple[str, str, list[str]]] = []
    for line in text.decode().splitlines():
        if package := re.match(r"([a-z0-9._-]+)==(\S+)", line):
            found.append((package[1], package[2], []))
        elif digest := re.search(r"--hash=sha256:([0-9a-f]{64})", line):
            found[-1][2].append(digest[1])
    return found


def read_locked_versions(text: str) -> dict[str, str]:
    """package → version of a lock's text."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))
