"""Labels that a model which never saw the photo denies: confident learning over out-of-fold probabilities."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.target import softmax
from whatsit.errors import missing_extra
from whatsit.files import write_csv
from whatsit.model.calibrate import fit_temperature
from whatsit.model.finish import HeldOut

FEWEST = 10  # photos of each class; with fewer, being unlike the others means little
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
