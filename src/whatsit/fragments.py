"""Fragments of HTML for the cells of a notebook: tables, bars and pictures that need nothing beside them.

Nothing names a colour, so a cell has those of the notebook, dark or light. Every text is escaped and kept apart
from the direction of the text around it.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from whatsit import words

ROWS, BARS = 20, 8  # that are shown; what is left out is counted
_CELL = "text-align:left;padding:.1em .8em .1em 0"
_NUMBER = "text-align:right;padding:.1em .8em .1em 0;font-variant-numeric:tabular-nums"
_BAR = "background:currentColor;opacity:.35;height:.8em;border-radius:2px"


def write_text(text: Any) -> str:
    """A text as it is: no mark of HTML, no control character and no direction of writing does anything."""
    return f"<bdi>{html.escape(words.show_controls(str(text)))}</bdi>"


def write_heading(title: str, *lines: str) -> str:
    """A title, and lines below it."""
    below = "".join(f"<div>{write_text(one)}</div>" for one in lines)
    return f"<div><strong>{write_text(title)}</strong></div>{below}"


def write_table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table of the first ROWS rows; numbers, with their thousands apart, stand to the right."""
    head = "".join(f'<th scope="col" style="{_CELL}">{write_text(one)}</th>' for one in headers)
    body = "".join(f"<tr>{''.join(_write_cell(one) for one in row)}</tr>" for row in rows[:ROWS])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{_write_rest(len(rows) - ROWS)}"


def write_bars(shares: Mapping[str, float]) -> str:
    """A bar for each of the first BARS shares, 0 to 1, with its per cent."""
    drawn = "".join(
        f'<tr><th scope="row" style="{_CELL};font-weight:normal">{write_text(name)}</th>'
        f'<td style="width:12em"><div style="{_BAR};width:{100 * share:.1f}%"></div></td>'
        f'<td style="{_NUMBER}">{words.probability(share)}</td></tr>'
        for name, share in list(shares.items())[:BARS]
    )
    return f"<table><tbody>{drawn}</tbody></table>{_write_rest(len(shares) - BARS)}"


def write_pictures(pictures: Iterable[tuple[str, bytes]]) -> str:
    """PNG pictures, each with its caption below it."""
    shown = "".join(
        '<figure style="display:inline-block;margin:.2em .6em .2em 0;text-align:center;max-width:10em">'
        f'<img alt="" style="max-width:8em" src="data:image/png;base64,{base64.b64encode(content).decode()}">'
        f'<figcaption style="overflow-wrap:anywhere">{write_text(caption)}</figcaption></figure>'
        for caption, content in pictures
    )
    return f"<div>{shown}</div>"


def _write_rest(count: int) -> str:
    return f"<div>and {count:,} more</div>" if count > 0 else ""


def _write_cell(value: Any) -> str:
    if isinstance(value, int):
        return f'<td style="{_NUMBER}">{value:,}</td>'
    return f'<td style="{_CELL}">{write_text(value)}</td>'
