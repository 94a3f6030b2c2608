"""The confusion matrix as a drawing of its own; on the page it is a table, which opens its photos."""

from __future__ import annotations

from markupsafe import Markup

from whatsit import words
from whatsit.evaluating.report.gallery import Cell, Matrix

SIDE, FEWEST = 34, 10  # units of a cell; cells across that the drawing is at least as wide as
NAME, LETTER = 24, 6.9  # letters of a name that are shown; units that one takes
DARK = 0.55  # share from which on a cell's number is white
FOOT = 30


def draw_matrix(matrix: Matrix) -> Markup:
    """Rows are what photos are, columns what was said; a cell is the stronger the larger its share of the row."""
    names = [_shorten(label) for label in matrix.labels]
    room = 26 + LETTER * max(map(len, names), default=0)
    across = max(FEWEST, len(names)) * SIDE
    parts = []
    for place, name in enumerate(names):
        x, y = room + SIDE * (place + 0.6), room - 8
        column = Markup('<text class="name" x="{x}" y="{y}" transform="rotate(-60 {x} {y})">{}</text>')
        parts.append(column.format(name, x=round(x, 1), y=round(y, 1)))
        row = Markup('<text class="name end" x="{}" y="{}">{}</text>')
        parts.append(row.format(round(room - 8, 1), round(room + SIDE * (place + 0.62), 1), name))
    for down, row_of in enumerate(matrix.rows):
        for right, cell in enumerate(row_of.cells):
            parts.append(_draw_cell(cell, room + SIDE * right, room + SIDE * down))
    height = room + SIDE * len(names) + FOOT
    said = "rows: what photos are; columns: what was said"
    if matrix.left_out:
        said += f"; left out: {words.count(matrix.left_out, 'class')} with fewer mistakes"
    parts.append(Markup('<text x="8" y="{}">{}</text>').format(round(height - 10, 1), said))
    width = max(room + across + room / 2, 16 + LETTER * len(said))
    box = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="Confusion matrix">{}</svg>')
    return box.format(round(width, 1), round(height, 1), Markup("").join(parts))


def _draw_cell(cell: Cell, x: float, y: float) -> Markup:
    kind = "right" if cell.true == cell.guess else "miss"
    box = Markup('<rect class="{}" x="{}" y="{}" width="{s}" height="{s}" fill-opacity="{}"/>').format(
        kind, round(x + 1, 1), round(y + 1, 1), round(cell.share, 3), s=SIDE - 2
    )
    if not cell.count:
        return Markup('<rect class="ink" x="{}" y="{}" width="{s}" height="{s}" fill-opacity="0.04"/>').format(
            round(x + 1, 1), round(y + 1, 1), s=SIDE - 2
        )
    number = Markup('<text class="middle {}" x="{}" y="{}">{}</text>')
    ink = "on" if cell.share >= DARK else "ink"
    return box + number.format(ink, round(x + SIDE / 2, 1), round(y + SIDE / 2 + 4.5, 1), cell.count)


def _shorten(label: str) -> str:
    return label if len(label) <= NAME else label[: NAME - 1] + "…"
