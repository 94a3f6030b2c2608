"""What has to be the same on all ranks before they train one network."""

from __future__ import annotations

import hashlib

from whatsit.data.ready import ReadyData
from whatsit.options import list_given, words_of
from whatsit.training.machine import choose_device
from whatsit.training.options import TrainOptions
from whatsit.version import __version__

DIGITS = 12  # of a digest: enough to tell two data sets apart


def list_facts(ready: ReadyData, options: TrainOptions) -> dict[str, str]:
    """The facts by what they are called; photos, labels and parts each as a digest."""
    import torch

    names, labels = "\0".join(ready.dataset.photos.names), "\0".join(ready.dataset.classes)
    given = [word for name, value in list_given(options).items() for word in words_of(name, value)]
    photos = _digest(names.encode("utf-8", "surrogateescape"), ready.decoded.sha256.tobytes())
    return {
        "versions": f"whatsit {__version__} with torch {torch.__version__}",
        "devices": choose_device().type,
        "options": " ".join(given),
        "photos": f"{len(ready.dataset):,} ({photos})",
        "labels": _digest(labels.encode("utf-8", "surrogateescape"), ready.dataset.labels.tobytes()),
        "parts": _digest("\0".join(ready.split.parts.tolist()).encode()),
    }


def _digest(*contents: bytes) -> str:
    found = hashlib.sha256()
    for content in contents:
        found.update(content)
    return found.hexdigest()[:DIGITS]
