"""`serve`: models as a page and an API, in 8-bit arithmetic where that is wanted and worth it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from whatsit.serving.options import ServeOptions


def serve(
    paths: Sequence[Path], options: ServeOptions, started: Callable[[str], None], in_network: Callable[[str], None]
) -> None:
    """Serve finished runs until a signal; `started` is told where a browser here finds the page, `in_network`
    before it where others do."""
    from whatsit.serving.server import serve as listen

    if options.int8:
        from whatsit.road.eight_bit import make_eight_bit

        paths = [make_eight_bit(path) for path in paths]
    listen(paths, options, started, in_network)
