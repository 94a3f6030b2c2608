"""Labels that a model which never saw the photo denies: confident learning over out-of-fold probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import missing_extra


@dataclass(frozen=True)
class Suspect:
    """The photo at `place` may be labelled wrongly: it looks like class `other`, not like its own.

    own, as_other: the probabilities of its label and of `other`
    """

    place: int
    other: int
    own: float
    as_other: float


def suspects(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> list[Suspect]:
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
