"""Labels that a model which never saw the photo denies: confident learning over out-of-fold probabilities."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.target import UNKNOWN, softmax
from whatsit.errors import missing_extra
from whatsit.files import write_csv
from whatsit.model.calibrate import fit_temperature
from whatsit.model.finish import HeldOut

FEWEST = 10  # photos of each class; with fewer, being unlike the others means little
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


def write_suspects(folder: Path, held_out: HeldOut, dataset: Dataset) -> None:
    """Write suspects.csv into a run's folder, worst first; nothing where photos or cleanlab are missing."""
    if importlib.util.find_spec("cleanlab") is None:
        events.note("Labels were not looked through for mistakes: that needs cleanlab, of the extra 'clean'.")
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
    for label in range(labels.shape[1]):
        known = np.flatnonzero(labels[:, label] != UNKNOWN)
        marked, shares = labels[known, label], probabilities[known, label].astype(np.float64)
        if min(int(marked.sum()), int((marked == 0).sum())) < FEWEST:
            continue
        both = np.column_stack([1 - shares, shares])
        found += [
            SuspectLabel(int(known[one.place]), label, float(shares[one.place]), bool(marked[one.place]))
            for one in find_suspects(marked, both)
        ]
    return sorted(found, key=lambda one: one.probability if one.is_marked else 1 - one.probability)


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
