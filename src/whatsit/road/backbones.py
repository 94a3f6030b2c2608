"""`backbones`: which pretrained networks there are, and how well those that are here see a data set's photos.

A network's accuracy is that of a linear head on its features by grouped cross-validation: every photo is asked
once, of a head that was fitted, and whose strength was chosen, without it and what belongs with it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.listing.skipped import warn_of_skipped
from whatsit.data.pixels import Decoded, decode_photos
from whatsit.data.readers import read
from whatsit.data.ready import groups_of
from whatsit.data.splitting.folds import FOLDS, Fold, deal_folds, list_folds
from whatsit.errors import UserError
from whatsit.evaluating.metrics import accuracy
from whatsit.model.backbones.find import find_backbone
from whatsit.model.backbones.known import DEFAULT
from whatsit.model.backbones.listing import KnownNetwork, list_networks
from whatsit.model.graph.cut import cut_to_features, find_front
from whatsit.model.graph.session import Session
from whatsit.model.graph.stages import compute_front
from whatsit.model.share import Share
from whatsit.training.backbones.convert import convert_backbone, make_graph
from whatsit.training.heads.choose import choose_head
from whatsit.training.heads.kinds import KINDS, Learning
from whatsit.training.heads.parts import look_at_parts
from whatsit.training.loss import weigh_classes
from whatsit.words import brief

Rows = NDArray[np.int64]

MOST_PHOTOS = 300  # that a comparison looks at: an interval of some 6 points, in a minute
LEAST_A_CLASS = 5  # photos, one a fold: of more classes than MOST_PHOTOS has room for some are drawn
FEWEST = 20  # photos: with fewer the interval is so wide that it tells nothing
TIMED = 15  # photos that are shown one by one
SEED = 0  # the same photos and folds each time, so that networks measured on two days can be compared


@dataclass(frozen=True)
class MeasuredNetwork:
    """What a network was worth on a data set's photos.

    accuracy: the share of photos named right, with its interval; seconds: a photo by itself, on one thread
    """

    name: str
    accuracy: Share
    seconds: float

    def is_alike(self, other: MeasuredNetwork) -> bool:
        """Whether each lies inside the other's interval: the photos cannot tell which is better."""
        return all(
            one.accuracy.low <= two.accuracy.value <= one.accuracy.high
            for one, two in ((self, other), (other, self))
        )


@dataclass(frozen=True)
class Backbones:
    """The networks that are known by name, and how well those that are here see some photos.

    measured: the most accurate first; empty where no data set was named
    data, photos, classes: what they were measured on
    """

    networks: tuple[KnownNetwork, ...]
    measured: tuple[MeasuredNetwork, ...] = ()
    data: str = ""
    photos: int = 0
    classes: int = 0

    __repr__ = brief

    @property
    def alike(self) -> tuple[tuple[str, str], ...]:
        """The pairs of networks that the photos cannot tell apart."""
        return tuple((one.name, two.name) for one, two in combinations(self.measured, 2) if one.is_alike(two))

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        networks = [{**vars(one), "file": one.file and str(one.file)} for one in self.networks]
        if not self.data:
            return {"networks": networks}
        measured = [
            {
                "name": one.name,
                "accuracy": one.accuracy.value,
                "interval": [one.accuracy.low, one.accuracy.high],
                "right": one.accuracy.right,
                "n": one.accuracy.n,
                "seconds": one.seconds,
            }
            for one in self.measured
        ]
        of = {"data": self.data, "photos": self.photos, "classes": self.classes}
        return {"networks": networks, **of, "measured": measured, "alike": [list(pair) for pair in self.alike]}


def see_backbones(data: str | Path | Dataset | None = None, data_dir: Path | None = None) -> Backbones:
    """List the networks, and measure those that are here on some photos of a data set, if one is named.

    Raises UserError where the data set cannot be read or is too small, or no network is here.
    """
    if data is None:
        return Backbones(tuple(list_networks(convert_backbone)))
    with events.working("Reading the data set"):
        dataset = data if isinstance(data, Dataset) else apply_decisions(read(data, data_dir))
    some = _draw(dataset)
    networks = tuple(list_networks(convert_backbone))
    usable = [one for one in networks if one.is_usable]
    for one in networks:
        if one.problem:
            events.warn(f"{one.name} is left out: {one.problem}")
    if not usable:
        raise UserError(
            "No pretrained network that can be used is on this machine, so there is nothing to measure.",
            hint=f"{DEFAULT} comes with whatsit: install that again. What the others need: whatsit backbones",
        )
    sights = [_look(one, some) for one in usable]
    warn_of_skipped(sights[0].dataset.skipped)
    shares = [_judge(sight) for sight in sights]
    found = zip(sights, shares, _time(sights), strict=True)
    measured = [MeasuredNetwork(sight.name, share, seconds) for sight, share, seconds in found]
    measured.sort(key=lambda one: (-one.accuracy.value, one.seconds))
    return Backbones(networks, tuple(measured), some.name, measured[0].accuracy.n, len(np.unique(some.labels)))


def _draw(dataset: Dataset) -> Dataset:
    """At most MOST_PHOTOS photos, classes in proportion but none below LEAST_A_CLASS, the same each time."""
    if dataset.target.says_any_number:
        raise UserError(
            "Networks are compared on photos of one class each, and these have any number of labels.",
            hint="Train with each and compare the runs: whatsit train DATA --backbone NAME, whatsit compare.",
        )
    rng = np.random.default_rng(SEED)
    order, classes = rng.permutation(len(dataset)), np.flatnonzero(dataset.counts())
    if len(classes) < 2:
        raise UserError(
            f"{dataset.name!r} has photos of one class only: there is nothing to tell apart.",
            hint="Put the photos of each class into a folder of its own, at least two folders.",
        )
    most = MOST_PHOTOS // LEAST_A_CLASS
    if len(classes) > most:
        events.note(f"Of {len(classes):,} classes {most} are drawn: more would be too few photos of each.")
        classes = np.sort(rng.permutation(classes)[:most])
    counts = dataset.counts()[classes]
    least = np.minimum(counts, LEAST_A_CLASS)
    share = min(1.0, (MOST_PHOTOS - least.sum()) / max(1, (counts - least).sum()))
    wanted = least + np.floor(share * (counts - least)).astype(np.int64)
    kept = [order[dataset.labels[order] == label][:count] for label, count in zip(classes, wanted, strict=True)]
    return dataset.select(np.sort(np.concatenate(kept)))


@dataclass(frozen=True)
class _Sight:
    """The photos as one network is shown them, and its graph."""

    name: str
    graph: bytes
    dataset: Dataset
    decoded: Decoded


def _look(network: KnownNetwork, dataset: Dataset) -> _Sight:
    graph = make_graph(find_backbone(network.name, may_fetch=False), (network.size, network.size))
    return _Sight(network.name, graph, *decode_photos(dataset, (network.size, network.size)))


def _judge(sight: _Sight) -> Share:
    """The share of photos that heads on the network's features name right, each by one that has not seen it."""
    dataset = sight.dataset
    labels = np.unique(dataset.labels, return_inverse=True)[1].reshape(-1).astype(np.int64)
    groups = groups_of(dataset, sight.decoded)
    folds = list_folds(deal_folds(labels, groups, FOLDS, SEED))
    asked = np.sort(np.concatenate([fold.asked for fold in folds])) if folds else labels[:0]
    if len(asked) < FEWEST or len(np.unique(labels[asked])) < 2:
        raise UserError(
            f"{dataset.name!r} has too few photos to compare networks: {len(asked)} can be asked about while what "
            f"belongs together stays together, and {FEWEST} of at least two classes are needed.",
            hint=f"Bring more photos of each class, or take {DEFAULT}.",
        )
    features = compute_front(sight.graph, sight.decoded.take, np.arange(len(labels)))
    classes = int(labels.max()) + 1
    learning = Learning(features, labels, classes, weigh_classes(labels, classes))
    with events.working(f"Measuring {sight.name}"):
        chosen = _ask(learning, groups, folds, sight.graph)
    return accuracy(labels[asked], chosen[asked])


def _ask(learning: Learning, groups: Rows, folds: Sequence[Fold], graph: bytes) -> Rows:
    """(n,) the class that a head which saw neither a photo nor its group says of it; 0 where no fold asks."""
    kinds = look_at_parts([KINDS["linear"]], graph)
    chosen = np.zeros(len(learning.labels), np.int64)
    for fold in folds:
        head = choose_head(learning.at(fold.train), groups[fold.train], kinds, SEED).head
        chosen[fold.asked] = head.logits(learning.features[fold.asked]).argmax(axis=1)
    return chosen


def _time(sights: Sequence[_Sight]) -> list[float]:
    """Seconds that a photo takes each network by itself on one thread: the middle one of TIMED.

    The networks take turns, so that a machine that is busy for a while is so for all; their first is not counted.
    """
    fronts = [find_front(sight.graph) for sight in sights]
    sessions = [Session(cut_to_features(sight.graph, front)) for sight, front in zip(sights, fronts, strict=True)]
    spent: list[list[float]] = [[] for _ in sights]
    for turn in range(TIMED + 1):
        for sight, front, session, times in zip(sights, fronts, sessions, spent, strict=True):
            photo = sight.decoded.take(np.array([turn % len(sight.decoded)]))
            begun = time.perf_counter()
            session.run(photo, (front,))
            times.append(time.perf_counter() - begun)
    return [statistics.median(times[1:]) for times in spent]
