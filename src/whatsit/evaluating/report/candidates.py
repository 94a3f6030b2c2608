"""The candidates of a search as the report's table has them: in words, the chosen one marked, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whatsit import words

SHOWN = 40  # rows
HEADS = (
    "Each was asked about training photos that it had not learnt from. Loss is how far its probabilities lie from "
    "the truth. Of each kind the setting of least loss goes on, and of these the kind of least loss once its "
    "probabilities are calibrated is chosen."
)
GRID = (
    "Each was asked about training photos that it had not learnt from. The best come first; the first was chosen."
)


@dataclass(frozen=True)
class Cell:
    """A cell, and whether it is a number."""

    text: str
    is_number: bool = False


@dataclass(frozen=True)
class CandidateRow:
    """A candidate: what it is, its figures, and whether it was chosen."""

    cells: tuple[Cell, ...]
    is_chosen: bool


@dataclass(frozen=True)
class CandidateTable:
    """The best candidates; `caption` says how one of them was chosen, `left_out` how many more there are."""

    titles: tuple[Cell, ...]
    rows: tuple[CandidateRow, ...]
    caption: str
    left_out: int

    @property
    def chosen(self) -> str:
        """What the chosen one is called; empty where none is marked."""
        return next((row.cells[0].text for row in self.rows if row.is_chosen), "")


def list_candidates(history: Sequence[dict[str, str]]) -> CandidateTable | None:
    """The rows of history.csv as a table; None where there are none."""
    if not history:
        return None
    found = [_of_head(row) for row in history] if "calibrated_loss" in history[0] else _of_grid(history)
    titles = dict.fromkeys(title for row, _ in found for title in row)
    is_number = {title: all(_is_number(row.get(title, "")) for row, _ in found) for title in titles}
    rows = [
        CandidateRow(tuple(Cell(row.get(title, ""), is_number[title]) for title in titles), is_chosen)
        for row, is_chosen in found[:SHOWN]
    ]
    caption = HEADS if "calibrated_loss" in history[0] else GRID if "mean" in history[0] else ""
    heads = tuple(Cell(title, is_number[title]) for title in titles)
    return CandidateTable(heads, tuple(rows), caption if len(history) > 1 else "", max(0, len(found) - SHOWN))


def _of_head(row: dict[str, str]) -> tuple[dict[str, str], bool]:
    """A head on a pretrained network."""
    shown = {
        "Candidate": row["candidate"],
        "Right": _written(row["accuracy"], words.percent),
        "Loss": _written(row["loss"], "{:.3f}".format),
        "Calibrated": _written(row["calibrated_loss"], "{:.3f}".format),
    }
    return shown, row.get("chosen") == "yes"


def _of_grid(history: Sequence[dict[str, str]]) -> list[tuple[dict[str, str], bool]]:
    """The models of a grid search; what a history of another kind holds as it stands there."""
    if "mean" not in history[0]:
        return [(row, False) for row in history]
    return [(_of_model(row), place == 0) for place, row in enumerate(history)]


def _of_model(row: dict[str, str]) -> dict[str, str]:
    figure = "mean average precision" if row.get("mean_of") == "mean average precision" else "Right"
    spread = f" ± {100 * float(row['spread']):.1f}" if row.get("spread") else ""
    shown = {
        "Candidate": f"{row['model']} {row['parameters']} on {row['features']}",
        "Photos": row.get("photos", ""),
        figure: f"{_written(row['mean'], words.percent)}{spread}",
        "Seconds": row.get("seconds", ""),
    }
    if row.get("left_out"):
        shown["Left out"] = row["left_out"]
    return {title: text for title, text in shown.items() if title != "Photos" or text}


def _written(cell: str, write: Callable[[float], str]) -> str:
    return write(float(cell)) if cell else ""


def _is_number(text: str) -> bool:
    return not text.strip("0123456789.,%±+- ")
