"""What a page is told of a pile, as JSON has it."""

from __future__ import annotations

from typing import Any

import numpy as np

from whatsit import words
from whatsit.errors import UserError
from whatsit.sorting.answers import NONE, UNANSWERED
from whatsit.sorting.learning.asking import Question
from whatsit.sorting.learning.layout import Values
from whatsit.sorting.pile import Pile

REMEASURED = 5  # photos that measure: after so many more it is measured again


def tell_state(pile: Pile) -> dict[str, Any]:
    """What is asked now, what is named by now, and how well it is told apart."""
    asked = pile.next()
    if pile.unmeasured >= REMEASURED:
        pile.measure()
    verdict, measured = pile.verdict(), pile.measured
    counts = pile.answers.counts.tolist()
    return {
        "name": pile.dataset.name,
        "photos": len(pile.names),
        "named": int((~pile.answers.is_open).sum()),
        "answers": pile.turns,
        "skipped": len(pile.dataset.skipped),
        "classes": [{"name": name, "photos": counts[place]} for place, name in enumerate(pile.classes)],
        "none": int((pile.answers.said == NONE).sum()),
        "question": None if asked is None else _tell_question(pile, asked),
        "verdict": {
            "enough": verdict.is_enough,
            "sentence": verdict.sentence,
            "look_at": list(verdict.look_at or ()),
            "accuracy": None if measured is None else _tell_accuracy(measured.accuracy),
            "curve": [] if measured is None else [[one.answers, one.accuracy.value] for one in measured.curve],
        },
        "waiting": _count_suggestions(pile),
    }


def list_suggestions(pile: Pile, label: str, most: int) -> dict[str, Any]:
    """The photos suggested to be of a class, but those drawn to measure, the surest first."""
    if label not in pile.classes:
        raise UserError(f"There is no class {label!r:.80}.", hint="Reload the page.")
    now = pile.suggestions()
    rows = np.flatnonzero(pile.can_be_suggested & (now.labels == pile.classes.index(label)))
    rows = rows[np.argsort(-now.probabilities[rows], kind="stable")]
    sure = [round(float(one), 4) for one in now.probabilities[rows[:most]]]
    return {"class": label, "count": len(rows), "photos": rows[:most].tolist(), "probabilities": sure}


def list_places(pile: Pile, laid_out: Values) -> dict[str, Any]:
    """Columns, a number a photo: where it lies, 0..1000 both ways, and its class; suggested ones from 1,000 on."""
    places = np.rint(1000 * laid_out).astype(int)
    said, now = pile.answers.said, pile.suggestions().labels
    kinds = np.where(said != UNANSWERED, said, np.where(now >= 0, now + 1000, UNANSWERED))
    return {"x": places[:, 0].tolist(), "y": places[:, 1].tolist(), "kinds": kinds.tolist()}


def _tell_question(pile: Pile, asked: Question) -> dict[str, Any]:
    now = pile.suggestions()
    label = pile.classes[asked.label] if asked.label >= 0 else ""
    told: dict[str, Any] = {"kind": asked.kind, "photos": asked.rows.tolist(), "class": label}
    if asked.kind in ("screen", "photo"):  # whoever measures says what it is without being told
        told["probabilities"] = [round(float(one), 4) for one in now.probabilities[asked.rows]]
    return told


def _tell_accuracy(share: Any) -> dict[str, Any]:
    said = f"{words.percent(share.value)} ({words.percent(share.low)} to {words.percent(share.high)})"
    return {"value": share.value, "low": share.low, "high": share.high, "n": share.n, "sentence": said}


def _count_suggestions(pile: Pile) -> list[int]:
    """(classes,) how many photos are suggested to be of each."""
    labels = pile.suggestions().labels[pile.can_be_suggested]
    return [int(count) for count in np.bincount(labels[labels >= 0], minlength=len(pile.classes))]
