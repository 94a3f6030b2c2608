"""whatsit: from photos to a classifier that is honestly measured, knows what it does not know, and is one file."""

from __future__ import annotations

__version__ = "0.1.0"
