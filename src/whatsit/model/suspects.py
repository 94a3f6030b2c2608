"""Labels that a model which never saw the photo denies: confident learning over out-of-fold probabilities."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.catalog import Finding
from whatsit.data.dataset import Dataset
from whatsit.data.target import UNKNOWN, softmax
from whatsit.engine.products import few_threads
from whatsit.errors import missing_extra
from whatsit.files import write_csv
from whatsit.model.calibrate import fit_temperature
from whatsit.model.finish import HeldOut
from whatsit.words import probability

FEWEST = 10  # photos of each class; with fewer, being unlike the others means little
MOST_OTHERS = 30  # of several labels, how many others are asked what they say of one: those that most go with it
MANY = 3  # labels beside one: more say no more of it
SURE = 1e-6  # a probability nearer to 0 or 1 counts as this one
SUSPECT = "suspect-label"  # the check whose findings say so of photos
LABEL_COLUMNS = ("name", "label", "marked", "probability")  # of several labels a photo
COLUMNS = ("name", "class", "looks_like", "probability_of_class", "probability_of_other")


@dataclass(frozen=True)
class Suspect:
    """The photo at `place` may be labelled wrongly: it looks like class `other`, not like its own.

    own, as_other: the probabilities of its label and of `other`
    """

    place: int
    other: int
    own: float
    as_other: float


def has_cleanlab() -> bool:
    """Whether classes can be looked through for mistakes here; says what is missing where not."""
    is_here = importlib.util.find_spec("cleanlab") is not None
    if not is_here:
        events.note(
            "Labels are not looked through for mistakes; that needs cleanlab: pip install 'whatsit[clean]'"
        )
    return is_here


def find_suspects(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> list[Suspect]:
    """Photos whose label is likely wrong, worst first.

    labels:        (n,) the classes given
    probabilities: (n, classes) of models that saw neither the photo nor its copies

    Northcutt, Jiang, Chuang: "Confident learning", JAIR 2021. Raises UserError where cleanlab is missing.
    """
    try:
        from cleanlab.filter import find_label_issues
    except ImportError:
        raise missing_extra("cleanlab", "clean", "Looking for suspect labels") from None
    ranked = find_label_issues(
        labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1, filter_by="both"
    )
    return [
        Suspect(
            int(place),
            int(probabilities[place].argmax()),
            float(probabilities[place, labels[place]]),
            float(probabilities[place].max()),
        )
        for place in ranked
    ]


class Proposal(NamedTuple):
    """That a photo is of a class, or has a label or has it not, and nobody has decided yet.

    is_marked: whether the data say that it has the label; what is proposed is the contrary
    probability: that it has it, by a model that never saw the photo; None where nobody kept it
    """

    label: str
    is_marked: bool
    probability: float | None


def proposals_of(finding: Finding) -> list[Proposal]:
    """What a finding of SUSPECT proposes, the surest first."""
    if "class" in finding.detail:
        return [Proposal(str(finding.detail["class"]), False, finding.detail.get("probability"))]
    shares = finding.detail.get("probabilities", {})
    found = [
        Proposal(label, bool(marked), shares.get(label)) for label, marked in finding.detail["labels"].items()
    ]
    return sorted(found, key=lambda one: abs(one.is_marked - (one.probability or 0.0)), reverse=True)


def doubt_class(photo: str, own: str, other: str, shares: tuple[float, float]) -> Finding:
    """The finding that a photo looks like the class `other`, not like its own; `shares` are those of both."""
    reason = f"looks like {other} ({probability(shares[1])}), not {own} ({probability(shares[0])})"
    detail = {"class": other, "probability": round(shares[1], 4)}
    return Finding(photo, SUSPECT, "likely", round(shares[0], 4), 0.5, reason, detail)


def doubt_labels(photo: str, doubts: Sequence[Proposal]) -> Finding:
    """The finding that labels of a photo are likely wrong or missing, the surest first."""
    said = [
        f"is marked {one.label} and does not look like it ({probability(one.probability or 0)})"
        if one.is_marked
        else f"looks like {one.label} ({probability(one.probability or 0)}) and is not marked so"
        for one in doubts
    ]
    first = doubts[0].probability or 0.0
    detail = {
        "labels": {one.label: one.is_marked for one in doubts},
        "probabilities": {one.label: one.probability for one in doubts},
    }
    value = round(first if doubts[0].is_marked else 1 - first, 4)
    return Finding(photo, SUSPECT, "likely", value, 0.5, "; ".join(said), detail)


def write_suspects(folder: Path, held_out: HeldOut, dataset: Dataset) -> None:
    """Write suspects.csv into a run's folder, worst first; nothing where photos or cleanlab are missing."""
    if not has_cleanlab():
        return
    if dataset.target.says_any_number:
        _write_suspect_labels(folder, held_out, dataset)
        return
    labels, classes = dataset.labels[held_out.rows], dataset.classes
    if len(labels) == 0 or np.bincount(labels, minlength=len(classes)).min() < FEWEST:
        return
    found = find_suspects(labels, softmax(held_out.logits / fit_temperature(held_out.logits, labels)))
    names = dataset.photos.names
    rows = [
        {
            "name": names[held_out.rows[suspect.place]],
            "class": classes[labels[suspect.place]],
            "looks_like": classes[suspect.other],
            "probability_of_class": round(suspect.own, 4),
            "probability_of_other": round(suspect.as_other, 4),
        }
        for suspect in found
    ]
    write_csv(folder / "suspects.csv", COLUMNS, rows)


@dataclass(frozen=True)
class SuspectLabel:
    """Whether the photo at `place` has the label `label` may be marked wrongly; `probability` is that it has."""

    place: int
    label: int
    probability: float
    is_marked: bool


def find_suspect_labels(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> list[SuspectLabel]:
    """Labels that are likely wrong or missing, worst first: each label by itself, as a class that a photo has or
    not.

    labels:        (n, classes) of 1, 0 and UNKNOWN
    probabilities: (n, classes) of models that saw neither the photo nor its copies
    """
    found = []
    weighed = weigh_labels(labels, probabilities)
    for label in range(labels.shape[1]):
        known = np.flatnonzero(labels[:, label] != UNKNOWN)
        marked, shares = labels[known, label], weighed[known, label]
        if not _are_enough(marked):
            continue
        both = np.column_stack([1 - shares, shares])
        found += [
            SuspectLabel(int(known[one.place]), label, float(shares[one.place]), bool(marked[one.place]))
            for one in find_suspects(marked, both)
        ]
    return sorted(found, key=lambda one: one.probability if one.is_marked else 1 - one.probability)


def weigh_labels(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, classes) the probability of each label by how a photo looks and by its other labels: a jet without a sky
    is more suspect than a horse without one. As it was where a label is unknown, or has too few photos to weigh.

    labels:        (n, classes) of 1, 0 and UNKNOWN
    probabilities: (n, classes) by looks alone, of models that saw neither the photo nor its copies
    """
    weighed = probabilities.astype(np.float64)
    has = (labels == 1).astype(np.float32)
    counts, together = has.sum(axis=0), has.T @ has  # of two labels: how many photos have both
    for label in range(labels.shape[1]):
        known = np.flatnonzero(labels[:, label] != UNKNOWN)
        marked = labels[known, label]
        if not _are_enough(marked):
            continue
        with_it, without = counts[label], len(labels) - counts[label]
        apart = np.abs(together[label] / with_it - (counts - together[label]) / without) * np.sqrt(counts)
        apart[label] = -1.0
        telling = np.argsort(-apart, kind="stable")[: min(MOST_OTHERS, labels.shape[1] - 1)]
        beside = has[known].sum(axis=1) - marked
        shares = np.clip(weighed[known, label], SURE, 1 - SURE)
        seen = np.column_stack(
            [np.log(shares / (1 - shares)), has[np.ix_(known, telling)], beside == 0, np.minimum(beside, MANY)]
        )
        weighed[known, label] = _ask_in_turn(seen.astype(np.float64), marked)
    return weighed


def _are_enough(marked: NDArray[np.int64]) -> bool:
    return min(int(marked.sum()), int((marked == 0).sum())) >= FEWEST


def _ask_in_turn(seen: NDArray[np.float64], marked: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) what logistic regressions on two thirds of the photos say of the others.

    seen: (n, k), so few numbers that a regression keeps no photo: copies may lie on both sides
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    fitted = LogisticRegression(max_iter=1000)
    with few_threads():
        return np.asarray(cross_val_predict(fitted, seen, marked, cv=3, method="predict_proba")[:, 1])


def _write_suspect_labels(folder: Path, held_out: HeldOut, dataset: Dataset) -> None:
    labels, target = dataset.labels[held_out.rows], dataset.target
    if not len(labels):
        return
    temperature = fit_temperature(held_out.logits, labels, target)
    found = find_suspect_labels(labels, target.link(held_out.logits.astype(np.float64) / temperature))
    names = dataset.photos.names
    rows = [
        {
            "name": names[int(held_out.rows[one.place])],
            "label": dataset.classes[one.label],
            "marked": "yes" if one.is_marked else "no",
            "probability": round(one.probability, 4),
        }
        for one in found
    ]
    write_csv(folder / "suspects.csv", LABEL_COLUMNS, rows)
