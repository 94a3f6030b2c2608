"""`whatsit demo`: the whole road on scikit-learn's digits, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from whatsit import verbs, words
from whatsit.cli.terminal import console

if TYPE_CHECKING:
    from whatsit.data.dataset import Dataset
    from whatsit.model.run import Run

SHOWN = 6  # pictures drawn in the terminal


def demo(*, runs: Path = Path("runs")) -> None:
    """Walk the whole road on a data set that is already here: look, train twice, compare, ask.

    It needs no network and takes about a minute; runs that are there already are used again.

    Example: `whatsit demo`

    Parameters
    ----------
    runs
        The folder that the two runs are written to.
    """
    from whatsit.data.readers import read
    from whatsit.road.demo import DATA

    headings = Headings()
    headings.print(f"The data: {DATA}, scanned figures that come with scikit-learn")
    data = read(DATA)
    _look(data)
    console.show(f"{len(data):,} photos of {len(data.classes)} classes, 8 × 8 pixels each.")

    made = verbs.demo(runs=runs, chapter=headings.print)
    headings.print("Compare the two on the test photos, which neither has seen")
    for run in (made.first, made.second):
        low, high = run.info.figures.interval
        console.show(
            f"{run.name:<15} {words.percent(run.info.figures.accuracy)} right "
            f"(95 % interval {words.percent(low)} to {words.percent(high)})"
        )
    for pair in made.comparison.pairs:
        console.show(pair.sentence())

    headings.print("Ask: a test photo, and something that is no digit")
    _ask(made.second, data)

    headings.print("What to do next")
    console.show(f"Read the report:    {made.second.report}")
    console.show(f"Open it as a page:  {words.typed('whatsit', 'serve', made.second.folder)}")
    console.show("Your own photos:    whatsit train FOLDER   (one folder of photos a class)")


class Headings:
    """Headings of chapters, numbered as they come."""

    def __init__(self) -> None:
        self._number = 0

    def print(self, text: str) -> None:
        """Print the next one."""
        self._number += 1
        console.stdout().print(f"\n{self._number}. {text}", style="bold", markup=False)


def _look(data: Dataset) -> None:
    """Draw one picture of each of the first classes, side by side."""
    from rich.columns import Columns
    from rich.text import Text

    firsts = [int(np.flatnonzero(data.labels == label)[0]) for label in range(SHOWN)]
    drawn = [
        console.half_blocks(_rgb(data, row)).append_text(Text(f"\n{data.classes[data.labels[row]]:^8}"))
        for row in firsts
    ]
    console.show(Columns(drawn, padding=(0, 2)))


def _rgb(data: Dataset, row: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    from whatsit.image import as_rgb

    return as_rgb(np.asarray(data.photos.read(row)))


def _ask(run: Run, data: Dataset) -> None:
    """Show the answers for one test photo and for a drawing that is none of the classes."""
    model = run.model()
    name = run.rows("predictions")[0]["name"]
    photo = _rgb(data, list(data.photos.names).index(name))
    stripes = np.zeros((8, 8, 3), np.uint8)
    stripes[:, ::2] = 255
    for title, picture in ((name, photo), ("stripes", stripes)):
        answer = model.predict(picture)
        console.show(console.half_blocks(picture))
        console.show(f"{title}: {answer.sentence()}")
        console.show(console.bars(list(answer.probabilities.items())[:3]))
