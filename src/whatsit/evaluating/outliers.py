"""Photos that are none of the classes: how well the model tells them from those that are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.decisions import apply_decisions
from whatsit.data.faces.kept import cut_as
from whatsit.data.listing.skipped import warn_of_skipped
from whatsit.data.listing.walk import walk
from whatsit.data.objects import photos_in
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import locate, read
from whatsit.data.ready import ReadyData, digests_of
from whatsit.errors import UserError
from whatsit.evaluating.trust import Auroc, auroc
from whatsit.files import readable
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.graph.stages import compute_outputs
from whatsit.model.run import Run
from whatsit.model.share import Share, share_of


@dataclass(frozen=True)
class OutlierScore:
    """A way to say how strange a photo is, and how well it does."""

    name: str
    meaning: str
    auroc: Auroc


@dataclass(frozen=True)
class Outliers:
    """What was found on photos that are none of the classes.

    n:           photos measured
    overlapping: names of those left out because the very same photos are in the model's data set
    rejected:    how many the model calls "not one of these"
    distances:   (n,)
    """

    source: str
    n: int
    overlapping: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    rejected: Share
    scores: tuple[OutlierScore, ...]
    distances: NDArray[np.float32]


def measure_outliers(
    source: str | Path, run: Run, model: Classifier, ready: ReadyData, rows_known: NDArray[np.int64]
) -> Outliers:
    """How well the model of a run tells the photos at `source` from photos of its classes.

    source: a folder of photos, however deep, or a data set
    ready, rows_known: photos of the model's classes, and the rows of those it is measured on
    Photos of the run's own data and of `ready` are left out, by content; so is what cannot be read, which is told.
    Raises UserError where there are no
    photos, or all of them are left out.
    """
    content = (run.folder / MODEL_FILE).read_bytes()
    own = {row["sha256"] for row in run.rows("split")} | set(digests_of(ready.decoded))
    strange = cut_as(_photos_at(source), model.facts.crop)
    if model.facts.crop and strange.crop != model.facts.crop:
        raise UserError(
            f"The model looks at photos {describe_crop(model.facts.crop)}, "
            f"and those in {str(source)!r} are {describe_crop(strange.crop)}.",
            hint="Give a data set that was cleaned in the same way: see `whatsit clean --help`.",
        )
    strange, pixels = decode_photos(strange, model.facts.size, model.facts.resize, ground=model.facts.laid_on)
    warn_of_skipped(strange.skipped)
    twice = np.array([digest in own for digest in digests_of(pixels)], bool)
    names = strange.photos.names
    rows = np.flatnonzero(~twice)
    if not len(rows):
        raise UserError(
            f"There is no photo in {str(source)!r} that is not in the data set of this model too.",
            hint="Give photos of something else: none of the classes.",
        )
    values, is_frozen = ("distance", "probabilities", "logits"), model.facts.is_frozen
    of_known = _scores(*compute_outputs(content, ready.decoded.take, rows_known, values, is_frozen))
    of_strange = _scores(*compute_outputs(content, pixels.take, rows, values, is_frozen))
    return Outliers(
        source=str(source),
        n=len(rows),
        overlapping=tuple(names[int(row)] for row in np.flatnonzero(twice)),
        skipped=strange.skipped,
        rejected=share_of(of_strange["distance"] > model.facts.thresholds.distance),
        scores=tuple(
            OutlierScore(name, meaning, auroc(of_known[name], of_strange[name]))
            for name, meaning in MEANINGS.items()
        ),
        distances=of_strange["distance"].astype(np.float32),
    )


def describe_crop(crop: str) -> str:
    """What photos of this crop are, as the end of a sentence."""
    return f"cut to the {crop}" if crop else "whole"


MEANINGS = {
    "distance": "from the nearest training photos; what “not one of these” goes by",
    "maximum softmax": "one minus the probability of the likeliest class (Hendrycks and Gimpel, ICLR 2017)",
    "energy": "minus the log of the summed exponentials of the logits (Liu et al., NeurIPS 2020)",
}


def _scores(
    distances: NDArray[np.float32], probabilities: NDArray[np.float32], logits: NDArray[np.float32]
) -> dict[str, NDArray[np.float64]]:
    """Each score of MEANINGS, larger for stranger; energy on the logits as they were before the temperature."""
    top = logits.max(axis=1).astype(np.float64)
    energy = -(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)))
    return {
        "distance": distances.astype(np.float64),
        "maximum softmax": 1.0 - probabilities.max(axis=1),
        "energy": energy,
    }


def _photos_at(source: str | Path) -> Dataset:
    """All photos of a folder, whatever folders they are in; of any other data set its test part, if it has one."""
    path = locate(source)
    entries = list(walk(path)) if path.is_dir() else []
    names = [entry.name for entry in entries if not entry.reason]
    if not names:
        found = apply_decisions(read(source))
        rows = np.flatnonzero(found.parts == "test")
        return found.select(rows) if len(rows) else found
    skipped = tuple(Skipped(readable(entry.name), entry.reason) for entry in entries if entry.reason)
    labels = np.zeros(len(names), np.int64)
    nothing = np.zeros(len(names), "<U5")
    return Dataset(path.name, ("outlier",), photos_in(path, names), labels, nothing, root=path, skipped=skipped)
