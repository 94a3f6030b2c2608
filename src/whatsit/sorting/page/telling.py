"""What a page is told of a pile, as JSON has it."""

from __future__ import annotations

from typing import Any

import numpy as np

from whatsit import words
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext, write_numbers
from whatsit.sorting.answers import UNANSWERED
from whatsit.sorting.label_pile import LabelPile
from whatsit.sorting.learning.asking import Question
from whatsit.sorting.learning.layout import Values
from whatsit.sorting.pile import Pile

PLACES = 10_000  # of a map, each way: enlarged sixty times, photos are not yet in rows
REMEASURED = 5  # photos that measure: after so many more it is measured again


def tell_state(pile: Pile) -> dict[str, Any]:
    """What is asked now, what is named by now, and how well it is told apart."""
    asked = pile.next()
    if not 0 <= pile.unmeasured < REMEASURED:
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
        "none": pile.answers.none,
        "several": isinstance(pile, LabelPile),
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
        raise UserError(
            gettext("There is no class {name}.", name=f"{label!r:.80}"), hint=gettext("Reload the page.")
        )
    is_suggested, shares = pile.suggestions().of(pile.classes.index(label))
    rows = np.flatnonzero(pile.can_be_suggested & is_suggested)
    rows = rows[np.argsort(-shares[rows], kind="stable")]
    sure = [round(float(one), 4) for one in shares[rows[:most]]]
    return {"class": label, "count": len(rows), "photos": rows[:most].tolist(), "probabilities": sure}


def list_places(pile: Pile, laid_out: Values) -> dict[str, Any]:
    """Columns, a number a photo: where it lies, 0..PLACES both ways, its class (suggested ones from 1,000 on), and
    whether it may be named with others: not those drawn to measure, which are asked about by themselves."""
    places = np.rint(PLACES * laid_out).astype(int)
    said, now, is_open = pile.answers.kinds, pile.suggestions().kinds, pile.can_be_suggested
    suggested = np.where((now >= 0) & is_open, now + 1000, UNANSWERED)
    kinds = np.where(said != UNANSWERED, said, suggested)
    columns = {"x": places[:, 0], "y": places[:, 1], "kinds": kinds, "open": is_open.astype(int)}
    return {name: column.tolist() for name, column in columns.items()}


def _tell_question(pile: Pile, asked: Question) -> dict[str, Any]:
    now = pile.suggestions()
    label = pile.classes[asked.label] if asked.label >= 0 else ""
    told: dict[str, Any] = {"kind": asked.kind, "photos": asked.rows.tolist(), "class": label}
    if isinstance(pile, LabelPile):
        return told | {"shares": _tell_shares(pile, int(asked.rows[0]), asked.kind == "measure")}
    if asked.kind in ("screen", "photo"):  # whoever measures says what it is without being told
        told["probabilities"] = [round(float(one), 4) for one in now.probabilities[asked.rows]]
    return told


def _tell_shares(pile: LabelPile, row: int, measures: bool) -> dict[str, float]:
    """The labels that a photo has or likely has, and how likely: 1 of those it is known to have; of a photo that
    measures no others."""
    now, has = pile.suggestions(), pile.answers.said[row] == 1
    shares = {}
    for place, label in enumerate(pile.classes):
        is_suggested, share = now.of(place)
        if has[place] or (is_suggested[row] and not measures):
            shares[label] = 1.0 if has[place] else min(0.9999, round(float(share[row]), 4))  # 1: somebody said so
    return shares


def _tell_accuracy(share: Any) -> dict[str, Any]:
    value, low, high = (write_numbers(words.percent(one)) for one in (share.value, share.low, share.high))
    said = gettext("{share} ({low} to {high})", share=value, low=low, high=high)
    return {"value": share.value, "low": share.low, "high": share.high, "n": share.n, "sentence": said}


def _count_suggestions(pile: Pile) -> list[int]:
    """(classes,) how many photos are suggested to be of each."""
    now, may_be = pile.suggestions(), pile.can_be_suggested
    return [int((now.of(label)[0] & may_be).sum()) for label in range(len(pile.classes))]
