"""whatsit: from photos to a classifier that is honestly measured and fits in one file."""

from __future__ import annotations

__version__ = "0.1.0"
