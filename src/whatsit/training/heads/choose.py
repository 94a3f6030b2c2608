"""The best head by cross-validation among the training photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import engine
from whatsit.data.splitting.folds import FOLDS, Fold, deal_folds, list_folds
from whatsit.engine.products import few_threads
from whatsit.model.calibrate import fit_temperature
from whatsit.training.heads.head import Floats, Head
from whatsit.training.heads.kinds import HeadKind, Labels, Learning

MOST_COMPARED = 5_000  # photos that settings are compared on; the chosen one is fitted to all
MOST_LABELS = 200  # of several, likewise: thousands would be fitted again for each setting and fold


@dataclass(frozen=True)
class HeadChoice:
    """The head that cross-validation chose, fitted to all, and a row a candidate, for history.csv.

    compared: (k,) which photos were compared on; logits: (k, classes) what heads like it said of them, unseen
    """

    head: Head
    kind: HeadKind
    setting: float
    rows: list[dict[str, Any]]
    compared: NDArray[np.int64]
    logits: Floats

    @property
    def name(self) -> str:
        """As in `linear, strength 0.03`."""
        return _name(self.kind, self.setting)


def choose_head(learning: Learning, groups: NDArray[np.int64], kinds: Sequence[HeadKind], seed: int) -> HeadChoice:
    """The head of some kinds whose out-of-fold answers are best: the setting of least loss of each kind, and of
    these the kind of least loss at its best temperature.

    groups: (n,) equal numbers for photos that must not be on both sides of a fold
    """
    tried = [(kind, setting) for kind in kinds for setting in kind.settings]
    some = _sample(learning.strata, seed)
    folds = list_folds(deal_folds(learning.dealt_by[some], groups[some], FOLDS, seed))
    if not folds:
        kind = kinds[0]
        setting = kind.settings[len(kind.settings) // 2]  # there is nothing to compare on: the middle one
        nothing = np.zeros((0, learning.classes))
        return HeadChoice(
            fit_head(learning, kind, setting), kind, setting, [_row(kind, setting)], some[:0], nothing
        )
    asked = np.sort(np.concatenate([fold.asked for fold in folds]))
    compared = learning.at(some)
    in_part = compared.of_labels(MOST_LABELS)
    answers = [
        logits[asked] for kind in kinds for logits in compute_out_of_fold(in_part, folds, kind, kind.settings)
    ]
    of_asked = in_part.at(asked)
    rows = [_row(kind, setting, logits, of_asked) for (kind, setting), logits in zip(tried, answers, strict=True)]
    best = min(_best_of_each(tried, rows), key=lambda at: float(rows[at]["calibrated_loss"]))
    kind, setting = tried[best]
    rows[best]["chosen"] = "yes"
    said = answers[best]
    if in_part is not compared:
        said = compute_out_of_fold(compared, folds, kind, (setting,))[0][asked]
    return HeadChoice(fit_head(learning, kind, setting), kind, setting, rows, some[asked], said)


def _best_of_each(tried: Sequence[tuple[HeadKind, float]], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Where the setting of least loss of each kind stands."""
    best: dict[str, int] = {}
    for at, (kind, _setting) in enumerate(tried):
        if kind.name not in best or rows[at]["loss"] < rows[best[kind.name]]["loss"]:
            best[kind.name] = at
    return list(best.values())


def compute_out_of_fold(
    learning: Learning, folds: Sequence[Fold], kind: HeadKind, settings: Sequence[float]
) -> list[Floats]:
    """(n, classes) logits of each photo by heads that have not seen it, for each setting; zeros where
    no fold asks about it."""
    answers: list[Floats] = [np.zeros((len(learning.labels), learning.classes)) for _ in settings]

    def fit_without(fold: Fold) -> list[Floats]:
        heads = kind.fit(learning.at(fold.train), settings)
        return [head.logits(learning.features[fold.asked]) for head in heads]

    with few_threads():  # the folds have one each
        for fold, found in zip(folds, engine.each(fit_without, folds), strict=True):
            for whole, logits in zip(answers, found, strict=True):
                whole[fold.asked] = logits
    return answers


def _sample(strata: Labels, seed: int) -> NDArray[np.int64]:
    """At most MOST_COMPARED rows, classes in proportion but none left out."""
    if len(strata) <= MOST_COMPARED:
        return np.arange(len(strata))
    order = np.random.default_rng(seed).permutation(len(strata))
    share = MOST_COMPARED / len(strata)
    kept = [
        order[strata[order] == stratum][: max(FOLDS, round(share * count))]
        for stratum, count in enumerate(np.bincount(strata))
    ]
    return np.sort(np.concatenate(kept))


def fit_head(learning: Learning, kind: HeadKind, setting: float) -> Head:
    """The head of a kind with one setting."""
    with few_threads(learning.features.size * learning.classes):
        (head,) = kind.fit(learning, (setting,))
    return head


def _name(kind: HeadKind, setting: float) -> str:
    return f"{kind.name}, {kind.setting} {setting:g}" if kind.setting else kind.name


def _row(
    kind: HeadKind, setting: float, logits: Floats | None = None, asked: Learning | None = None
) -> dict[str, Any]:
    name = _name(kind, setting)
    if logits is None or asked is None:
        return {"candidate": name, "accuracy": "", "loss": "", "calibrated_loss": "", "chosen": "yes"}
    return {
        "candidate": name,
        "accuracy": round(float(asked.find_hits(logits).mean()), 4),
        "loss": _loss(logits, asked),
        "calibrated_loss": _loss(logits / fit_temperature(logits, asked.labels, asked.target), asked),
        "chosen": "",
    }


def _loss(logits: Floats, asked: Learning) -> float:
    return round(asked.target.loss(logits, asked.labels), 5)
