"""What else is tried where there is time: larger photos, and a network that is unfrozen.

The time is the one that is asked for (`--time`). The frozen network at its usual size comes first. Each further
way is tried where it will end in time, as a few photos and steps on this machine say, and is kept only where it
names more photos right that neither way had seen, beyond chance. What is tried is whole: nothing of it is fitted
to the time. What was found of the time is noted in the run's checkpoint: a killed run goes on to the same model.
"""

from __future__ import annotations

import functools
import importlib.util
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whatsit import events, words
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.errors import UserError
from whatsit.evaluating.metrics import paired_difference
from whatsit.files import read_json, write_json
from whatsit.image import Size
from whatsit.model.backbones.known import BACKBONES
from whatsit.model.finish import Trained
from whatsit.model.graph.session import Session, run_over
from whatsit.model.graph.stages import compute_front
from whatsit.road.preparing import deal_val, shares_of
from whatsit.training.auto import find_hits
from whatsit.training.backbones.convert import find_wanted, make_graph
from whatsit.training.countdown import Countdown, parse_duration
from whatsit.training.options import TrainOptions
from whatsit.training.recipes import finetune
from whatsit.training.recipes.transfer import fit as fit_frozen
from whatsit.training.start import time_finishing
from whatsit.training.task import Task
from whatsit.training.uses import list_fitting

Way = Literal["larger", "finetune"]
Hits = NDArray[np.bool_]

LOG = "tries.json"  # in a run's checkpoint: the words against each way that was thought of, "" where it is tried
TIMED = 64  # photos by which the time of all is told
# A step of training takes some three passes over its photos: where not even these have room, the network is not
# loaded to find out.
PASSES_OF_A_STEP = 3


@dataclass(frozen=True)
class Try:
    """A way that was trained: its name in a sentence, the task as it saw it, and what came of it."""

    name: str
    task: Task
    trained: Trained


def list_ways(dataset: Dataset, asked: TrainOptions, recipe: str) -> tuple[Way, ...]:
    """The ways to try besides the first. asked: the options as they were given; recipe: of the first way.

    None without a time, and none with --folds, where each would be trained anew in every fold.
    """
    if asked.time is None or asked.folds or recipe != "transfer":
        return ()
    ways: list[Way] = []
    known, size = BACKBONES.get(asked.transfer.backbone), dataset.photos.size
    is_open = known is not None and asked.size is None and asked.transfer.face_network is None
    if known and is_open and known.larger and (size is None or min(size) > known.size):
        ways.append("larger")
    if "finetune" in list_fitting(asked) and importlib.util.find_spec("torch") is not None:
        ways.append("finetune")
    return tuple(ways)


def try_ways(task: Task, ways: Collection[Way]) -> Try:
    """The first way (recipe transfer, as the task has it), or the last of the others that was better than what was
    best before it, beyond chance."""
    begun = time.monotonic()
    best = Try(f"{task.decoded.size[0]} pixels", task, fit_frozen(task))
    first_s = time.monotonic() - begun
    said = []
    for way in ways:
        try:
            found = TRYING[way](best, first_s)
        except UserError as error:
            said.append(f"{NAMES[way]} came to nothing ({error.sentence.rstrip('.')})")
            continue
        if isinstance(found, str):
            said.append(found)
            continue
        hits, before = _ask_both(found, best)
        difference = paired_difference(hits, before)
        named = f"{found.name} named {hits.sum():,} of {len(hits):,} photos right, {best.name} {before.sum():,}"
        said.append(f"{named} ({'kept' if difference.low > 0 else 'not better beyond chance'})")
        best = found if difference.low > 0 else best
    sentence = f"Within --time {task.options.time}: {'; '.join(said)}."
    events.note(sentence)
    return replace(best, trained=replace(best.trained, summary=f"{best.trained.summary}\n{sentence}"))


def _ask_both(new: Try, old: Try) -> tuple[Hits, Hits]:
    """Which of the photos that neither way had seen the new one and the old one name right."""
    (rows, hits), (old_rows, old_hits) = (find_hits(one.trained, one.task) for one in (new, old))
    _shared, at, old_at = np.intersect1d(rows, old_rows, return_indices=True)
    return hits[at], old_hits[old_at]


def _try_larger(best: Try, first_s: float) -> Try | str:
    """The same head on a frozen network that is shown larger photos."""
    task, side = best.task, BACKBONES[best.task.options.transfer.backbone].larger
    assert side is not None
    options, size, name = replace(task.options, size=side), (side, side), f"{side} pixels"
    if late := _recall(task, "larger", lambda: _say_late(task, name, first_s + _time_features(task, size))):
        return late
    events.note(f"Trying photos at {side} pixels.")
    good, decoded = decode_photos(task.dataset, size, options.resize, ground=options.ground)
    if len(good) != len(task.dataset):
        raise UserError(f"{len(task.dataset) - len(good)} of the photos can no longer be read.")
    ready = replace(task.ready, dataset=good, decoded=decoded)
    trained = fit_frozen(replace(task, ready=ready, options=replace(options, time=None)))
    return Try(name, replace(task, ready=ready, options=options), trained)


def _time_features(task: Task, size: Size) -> float:
    """Seconds until all photos are decoded at another size and went through the network, by the pace of some."""
    options, photos = task.options, len(task.labels)
    rows = np.arange(photos)[:: -(-photos // TIMED)]
    graph = make_graph(find_wanted(options.transfer), size)
    begun = time.monotonic()
    some, decoded = decode_photos(task.dataset.select(rows), size, options.resize, ground=options.ground)
    compute_front(graph, decoded.take, np.arange(len(some)))
    return (time.monotonic() - begun) / len(rows) * photos * (1 + options.transfer.views)


def _try_finetune(best: Try, _first_s: float) -> Try | str:
    """The whole network trained on, at the size that was best so far; a validation part is set apart for it."""
    task, name = best.task, "the network trained on"
    options = replace(task.options, recipe="finetune", time=None)
    parts = task.split.parts
    if not (parts == "val").any():
        share = shares_of(options, int((parts != "test").sum())).val
        parts = deal_val(task.ready, parts, share, options.seed)
    place = task.checkpoint / "finetune"
    place.mkdir(exist_ok=True)
    ready = replace(task.ready, split=replace(task.split, parts=parts))
    tried = replace(task, ready=ready, options=options, checkpoint=place)
    epochs = options.net.epochs or finetune.EPOCHS

    @functools.cache
    def begin() -> finetune.Tuning:
        events.note("Trying to train the network on.")
        return finetune.begin_tuning(tried)

    def judge() -> str:
        if late := _say_late(task, name, PASSES_OF_A_STEP * epochs * _time_pass(best), "more than"):
            return late
        epoch_s, photo_s = begin().time()
        return _say_late(task, name, epochs * epoch_s + time_finishing(tried, photo_s))

    if late := _recall(task, "finetune", judge):
        return late
    return Try(name, tried, begin().finish(begin().plan))


def _time_pass(best: Try) -> float:
    """Seconds that the training photos take to go through the frozen network, by the pace of some."""
    train = best.task.split.rows("train")
    session = Session(best.trained.graph.SerializeToString())
    begun = time.monotonic()
    run_over(session, best.task.decoded.take, train[:TIMED], ["logits"])
    return (time.monotonic() - begun) / min(TIMED, len(train)) * len(train)


TRYING: dict[Way, Callable[[Try, float], Try | str]] = {"larger": _try_larger, "finetune": _try_finetune}
NAMES: dict[Way, str] = {"larger": "larger photos", "finetune": "training the network on"}


def _recall(task: Task, way: Way, judge: Callable[[], str]) -> str:
    """The words against a way, "" where it is tried, as this run found before it was killed; else as found now."""
    log = task.checkpoint / LOG
    known: dict[str, str] = read_json(log) if log.exists() else {}
    if way not in known:
        known[way] = judge()
        write_json(log, known)
    return known[way]


def _say_late(task: Task, name: str, whole_s: float, about: str = "about") -> str:
    """The words for a way that would take longer than what is left; "" where it would not."""
    assert task.options.time is not None
    left_s = Countdown(parse_duration(task.options.time), began=task.began).left()
    return f"{name} not tried, it would take {about} {words.seconds(whole_s)}" if whole_s > left_s else ""
