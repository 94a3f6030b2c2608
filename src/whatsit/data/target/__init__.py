"""What is predicted of a photo: one class, or several labels.

A target is an entry of the registry `TARGETS`; a data set carries its own, and a model file names any but the
usual one. What needs more than numpy hangs on its name elsewhere, in a registry of the same keys:

    model/graph/link.py     LINKS    the link as nodes of ONNX
    training/loss.py        LOSSES   what training makes smaller
    evaluating/figures.py   FIGURES  the figures of what was measured
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whatsit.data.target.kind import NEVER_SAID, NO_RULE, AnswerCounts, Cells, Floats, Labels, Rule, Target
from whatsit.data.target.one_class import ONE_CLASS, OneClass, softmax
from whatsit.data.target.several import SEVERAL, UNKNOWN, SeveralLabels
from whatsit.data.target.wish import NO_WISH, Costs, Wish, read_measure, read_table
from whatsit.errors import UPDATE, UserError

__all__ = [
    "NEVER_SAID",
    "NO_RULE",
    "NO_WISH",
    "ONE_CLASS",
    "SEVERAL",
    "TARGETS",
    "UNKNOWN",
    "AnswerCounts",
    "Cells",
    "Costs",
    "Floats",
    "Labels",
    "OneClass",
    "Rule",
    "SeveralLabels",
    "Target",
    "Wish",
    "as_texts",
    "find_target",
    "read_wish",
    "require_one_class",
    "softmax",
    "state_name",
]

TARGETS: dict[str, Target] = {ONE_CLASS.name: ONE_CLASS, SEVERAL.name: SEVERAL}


def find_target(stated: str | None) -> Target:
    """The target that a file states; None is one class a photo. Raises UserError where the name is not known."""
    name = ONE_CLASS.name if stated is None else stated
    if name not in TARGETS:
        raise UserError(
            f"What is predicted is {name!r:.40}, which this whatsit does not know.",
            hint=UPDATE,
        )
    return TARGETS[name]


def state_name(target: Target) -> str | None:
    """A target's name as files state it: None for one class a photo, so that they stay as they were."""
    return None if target.name == ONE_CLASS.name else target.name


def require_one_class(target: Target, what: str, hint: str) -> None:
    """Raise a UserError where photos have any number of labels, and what is to be done takes one class each.

    what: the beginning of the sentence, as in "The recipe classical"
    """
    if target.says_any_number:
        raise UserError(f"{what} takes one class a photo, and these have any number of labels.", hint=hint)


def read_wish(text: str, target: Target, classes: Sequence[str]) -> Wish:
    """What `--prefer` means: a word with or without a share, or the file of a table of costs.

    Raises UserError where it is none, or where the table does not say what mistakes with these classes cost.
    """
    wish = read_measure(text, target.plain_wishes)
    return Wish("costs", costs=target.read_costs(read_table(Path(text)), classes)) if wish is None else wish


def as_texts(cells: Cells) -> dict[str, str]:
    """Cells as CSV has them: numbers with the nine digits that bring back the same float32."""
    return {column: value if isinstance(value, str) else f"{value:.9g}" for column, value in cells.items()}
