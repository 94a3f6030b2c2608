"""What is written out in templates, set as what is filled in."""

from __future__ import annotations

from jinja2.ext import Extension

from whatsit.words import keep_together


class Literals(Extension):
    """Numbers in a template's own text stay on one line with their per cent sign."""

    def preprocess(self, source: str, _name: str | None, filename: str | None = None) -> str:
        """The template's source, before it is read."""
        del filename
        return keep_together(source)
