"""From a trained graph to the one model file: calibration, novelty, thresholds, golden pictures, seal.

What the file promises is set by photos that the model has not seen: those of the validation part, and where the
recipe has asked every training photo of models that learnt from the others, by those (see `HeldOut`).
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.pixels import Decoded
from whatsit.data.ready import ReadyData
from whatsit.data.target import NO_WISH, Target, Wish, state_name
from whatsit.data.target.promise import fewest_for
from whatsit.image import Size
from whatsit.mapped import rows_at_once, scratch
from whatsit.model.calibrate import (
    choose_point,
    conformal_threshold,
    enough_for,
    fit_temperature,
    tail_threshold,
)
from whatsit.model.container import seal
from whatsit.model.facts.file import Card, Golden, ModelFacts, Thresholds, choose_format
from whatsit.model.golden import decode_golden, make_golden_pictures
from whatsit.model.graph.link import LINKS
from whatsit.model.graph.session import Session
from whatsit.model.graph.stages import compute_outputs
from whatsit.model.graph.write import FEATURES, Graph, model_of
from whatsit.model.graph.write import IR_VERSION as IR_VERSION  # both are part of what a recipe must keep to
from whatsit.model.graph.write import OPSET as OPSET
from whatsit.model.strangeness.appearance import Appearance, appearances_over, fit_appearance, without_colour
from whatsit.model.strangeness.knowledge import drop_knowledge, read_knowledge
from whatsit.model.strangeness.novelty import Novelty, choose_bank_rows, fit_novelty

if TYPE_CHECKING:
    import onnx

REJECT_SHARE = 0.01  # of known photos that may be told "not one of these"
COVERAGE = 0.95  # of `could_be`
SEEN = 4_000  # training photos whose look is taken
EXACT = 20  # photos that are called by their number; of more the number is a round one
GREY_ONES = 40  # one of so many is taken without its colours too

Rows = NDArray[np.int64]
Values = NDArray[np.floating]
UNSCALED = "logits of the head"  # where each class's are scaled by themselves before they are called so
Scales = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class HeldOut:
    """Rows of the data set (k,), and the (k, classes) logits of models that saw neither them nor their copies."""

    rows: NDArray[np.int64]
    logits: NDArray[np.floating]


@dataclass(frozen=True)
class Trained:
    """What a recipe hands back.

    graph:   an ONNX model at OPSET, `pixels: uint8[batch, height, width, 3]` →
             `logits: float32[batch, classes]`, `features: float32[batch, d]`, and where the head is a mean and a
             linear layer `activation: float32[batch, h, w, classes]`
    history: a row an epoch or candidate: what history.csv holds
    summary: the layers (or steps) as text, for the report
    card:    what the recipe says for the model card
    weights: safetensors to go on from, where the recipe can
    is_frozen: the graph up to `features` is a pretrained network left as it was: a photo's features are kept
    from_nothing: all that the network knows it learnt from these photos: how a photo looks is watched beside what
               is on it (see strangeness/appearance.py)
    held_out: what was said of training photos by models that had not seen them, where the recipe asks such; then
              they calibrate the model, and no part need be set apart for it
    """

    graph: onnx.ModelProto
    history: list[dict[str, Any]]
    summary: str
    card: Card = field(default_factory=Card)
    weights: bytes = b""
    is_frozen: bool = False
    from_nothing: bool = False
    held_out: HeldOut | None = None


@dataclass(frozen=True)
class Unseen:
    """Photos and what models that had not seen them found: rows (k,), logits (k, classes), distances (k,)."""

    rows: Rows
    logits: NDArray[np.floating]
    distances: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Finished:
    """A model that lacks only figures in its card: graph (ONNX bytes), facts, and warnings from its making;
    `out_of_fold`: the training photos, by models that had not seen them, where the recipe asked such."""

    graph: bytes
    facts: ModelFacts
    warnings: tuple[str, ...]
    out_of_fold: Unseen | None = None

    def file(self, card: Card | None = None) -> bytes:
        """The bytes of model.onnx, with another card than the one so far."""
        return seal(self.graph, replace(self.facts, card=card or self.facts.card))


@dataclass(frozen=True)
class Strangeness:
    """What a photo's distance is made of: its features, and where it is watched how it looks at this size."""

    novelty: Novelty
    appearance: Appearance | None
    size: Size

    def append_to(self, graph: Graph) -> None:
        """Add the nodes from `pixels` and `features` to `distance` to a graph."""
        distance = self.novelty.append_to(graph)
        if self.appearance is not None:
            distance = graph.add("Add", distance, self.appearance.append_to(graph, self.size))
        graph.add("Identity", distance, output="distance")


def finish(trained: Trained, ready: ReadyData, seed: int = 0, wish: Wish = NO_WISH) -> Finished:
    """Calibrate on photos the model has not seen, measure strangeness against the training part, seal the file.

    wish: what answers are to be best at
    """
    decoded, target = ready.decoded, ready.dataset.target
    strangeness, val, out_of_fold = _measure_unseen(trained, ready, seed)
    asked = [one for one in (val, out_of_fold) if one is not None and len(one)]
    labels = np.concatenate([ready.dataset.labels[one.rows] for one in asked] or [ready.dataset.labels[:0]])
    logits = _join([one.logits for one in asked] or [np.zeros((0, len(ready.dataset.classes)))])
    distances = np.concatenate([one.distances for one in asked] or [np.zeros(0, np.float32)])
    temperature = fit_temperature(logits, labels, target)
    scales = _fit_scales(target, logits, labels, temperature)
    if scales is not None:
        logits = _scaled(logits, scales)
        out_of_fold = out_of_fold and replace(out_of_fold, logits=_scaled(out_of_fold.logits, scales))
    probabilities = link_all(target, logits, temperature)
    farthest = tail_threshold(distances, REJECT_SHARE, strangeness.novelty.shape)
    rule, point = choose_point(probabilities, labels, distances <= farthest, wish, target)
    could_be = conformal_threshold(probabilities, labels, COVERAGE, target)
    if rule.labels is not None and point is None:  # what is said cannot be ruled out
        rule = replace(rule, labels=tuple(max(limit, could_be) for limit in rule.labels))
    thresholds = Thresholds(
        distance=farthest,
        reject_share=REJECT_SHARE,
        probability=could_be,
        coverage=COVERAGE,
        measured_on=len(labels),
        labels=rule.labels,
        out_of_fold=None if out_of_fold is None else len(out_of_fold),
        point=point,
    )
    whole = _with_answers(trained.graph, target, temperature, scales, strangeness)
    facts = ModelFacts(
        classes=ready.dataset.classes,
        size=decoded.size,
        resize=decoded.resize,
        thresholds=thresholds,
        temperature=temperature,
        crop=ready.dataset.crop,
        card=replace(trained.card, is_frozen=True) if trained.is_frozen else trained.card,
        golden=(),
        format=choose_format(ready.dataset.crop, decoded.ground, state_name(target), point),
        ground=None if decoded.ground == "white" else decoded.ground,
        detector=base64.b64encode(ready.dataset.detector).decode() or None,
        target=state_name(target),
    )
    content = whole.SerializeToString(deterministic=True)
    facts = replace(facts, golden=_make_golden(content, facts))
    warnings = _warnings(len(labels), len(ready.dataset))
    if point is not None:
        warnings += tuple(point.warnings(facts.classes, fewest_for(wish.least) if wish.least else 0))
    return Finished(content, facts, warnings, out_of_fold)


def link_all(target: Target, logits: NDArray[np.floating], temperature: float) -> NDArray[np.floating]:
    """The probabilities (n, classes) of logits at a temperature; of many photos and classes outside of memory."""
    found = scratch(logits.shape, logits.dtype)
    for rows in rows_at_once(logits):
        found[rows] = target.link(logits[rows] / temperature)
    return found


def _fit_scales(target: Target, logits: Values, labels: NDArray[np.int64], temperature: float) -> Scales | None:
    """What is done to logits, class by class, before they are divided by the temperature: (classes,) factors and
    shifts; None where nothing is done to single classes."""
    found = target.fit_scales(logits, labels, temperature) if len(labels) else None
    return None if found is None else (found[0].astype(np.float32), (found[1] * temperature).astype(np.float32))


def _scaled(logits: Values, scales: Scales) -> Values:
    """The same; of many photos and classes outside of memory."""
    found = scratch(logits.shape, logits.dtype)
    for rows in rows_at_once(logits):
        found[rows] = logits[rows] * scales[0] + scales[1]
    return found


def _join(parts: list[NDArray[np.floating]]) -> NDArray[np.floating]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _measure_unseen(
    trained: Trained, ready: ReadyData, seed: int
) -> tuple[Strangeness, Unseen | None, Unseen | None]:
    """What a photo's distance is made of; the validation part, and the training photos that were held out."""
    content, kept, decoded = trained.graph.SerializeToString(), trained.is_frozen, ready.decoded
    train, strata = ready.rows("train"), ready.dataset.strata
    bank = choose_bank_rows(train, strata, seed)
    (bank_features,) = compute_outputs(content, decoded.take, bank, (FEATURES,), kept)
    novelty = fit_novelty(bank_features, read_knowledge(trained.graph.graph) if kept else None)
    val, out_of_fold = None, None
    if len(rows := ready.rows("val")):
        logits, features = compute_outputs(content, decoded.take, rows, ("logits", FEATURES), kept)
        val = Unseen(rows, logits, novelty.distance(features))
    if (held := trained.held_out) is not None:
        out_of_fold = Unseen(held.rows, held.logits, np.zeros(0, np.float32))
        if len(held.rows):
            (features,) = compute_outputs(content, decoded.take, held.rows, (FEATURES,), kept)
            groups = ready.groups()
            apart = novelty.distance_apart(features, groups[held.rows], groups[bank])
            out_of_fold = replace(out_of_fold, distances=apart)
    appearance = None
    if trained.from_nothing:
        rows = np.concatenate([train[:0], *(one.rows for one in (val, out_of_fold) if one is not None)])
        appearance, added = _appearance(decoded, choose_bank_rows(train, strata, seed, SEEN), rows)
        if val is not None:
            val = replace(val, distances=val.distances + added[: len(val)])
        if out_of_fold is not None:
            out_of_fold = replace(
                out_of_fold, distances=out_of_fold.distances + added[len(added) - len(out_of_fold) :]
            )
    return Strangeness(novelty, appearance, decoded.size), val, out_of_fold


def _warnings(unseen: int, photos: int) -> tuple[str, ...]:
    """What a model cannot promise that was tried on so few photos, and how many more would mend it.

    unseen: photos of which it was asked without having learnt from them; photos: all that there are
    """
    warnings = []
    if unseen < (enough := enough_for(1 - COVERAGE)):
        warnings.append(
            "This model cannot rule out any class yet: beside its answer it names all of them as possible "
            f"(`could_be`). It was tried on {words.photos(unseen)} that it had not learnt from; to name fewer, "
            f"and miss the true one in only {words.percent(1 - COVERAGE, 0)} of photos, takes {enough}. "
            f"{_say_more(enough, unseen, photos)}"
        )
    if unseen < (enough := enough_for(REJECT_SHARE)):
        warnings.append(
            "'Not one of these' is set only roughly: it is meant for photos unlike all that was learnt from, and "
            f"to be said wrongly of {words.percent(REJECT_SHARE, 0)} of the others; it may be said of many of "
            f"them, or of hardly any strange photo. It was tried on {words.photos(unseen)} that it had not learnt "
            f"from; {enough} set it well. {_say_more(enough, unseen, photos)}"
        )
    return tuple(warnings)


def _say_more(enough: int, unseen: int, photos: int) -> str:
    """How many more photos there have to be, where as large a share of them is asked of as so far."""
    more = math.ceil((enough - unseen) * photos / max(1, unseen))
    about = more if more < EXACT else 10 * math.ceil(more / 10)
    return f"About {words.count(about, 'more photo')} of these classes would do."


def _make_golden(content: bytes, facts: ModelFacts) -> tuple[Golden, ...]:
    pixels = decode_golden(facts.size, facts.resize, facts.laid_on)
    answers, distances = Session(content).run(pixels, ("probabilities", "distance"))
    return make_golden_pictures(pixels, answers, distances, facts.laid_on)


def _appearance(decoded: Decoded, train: Rows, asked: Rows) -> tuple[Appearance, NDArray[np.float32]]:
    """The look of training photos, and what it adds to the distances of the photos at `asked`.

    Half of the training photos say where the others begin to be odd: the look learns nothing else from them. Some
    are shown without their colours too, since a grey photo of something known is no stranger. Of the photos that
    the look was learnt from, it is asked what it would be with the halves exchanged.
    """
    looks = appearances_over(decoded.take, np.concatenate([train, asked]), decoded.size)
    of_train, of_asked = looks[: len(train)], looks[len(train) :]
    ways = []
    for half in (0, 1):
        grey = appearances_over(without_colour(decoded.take), train[half::2][::GREY_ONES], decoded.size)
        ways.append(fit_appearance(np.concatenate([of_train[half::2], grey]), of_train[1 - half :: 2]))
    was_learnt_from = np.isin(asked, train[::2])
    added = np.where(was_learnt_from, ways[1].added(of_asked), ways[0].added(of_asked))
    return ways[0], np.asarray(added, np.float32)


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    """Call a value otherwise wherever a node makes or uses it."""
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


def _with_answers(
    trained: onnx.ModelProto,
    target: Target,
    temperature: float,
    scales: Scales | None,
    strangeness: Strangeness,
) -> onnx.ModelProto:
    """The graph with the target's link and distance behind it, and nothing of the machine that made it."""
    import onnx
    from onnx import TensorProto, helper

    graph = onnx.GraphProto()
    graph.CopyFrom(trained.graph)
    drop_knowledge(graph)
    graph.name = "whatsit"

    behind = Graph("answer.")
    if scales is not None:
        _rename(graph, "logits", UNSCALED)
        behind.add("Add", behind.add("Mul", UNSCALED, scales[0]), scales[1], output="logits")
    LINKS[target.name](behind, behind.add("Div", "logits", temperature), "probabilities")
    strangeness.append_to(behind)
    behind.append_to(graph)

    kept = [output for output in graph.output if output.name == "activation"]
    classes = next(o for o in graph.output if o.name == "logits").type.tensor_type.shape.dim[1].dim_value
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]))
    graph.output.append(helper.make_tensor_value_info("distance", TensorProto.FLOAT, ["batch"]))
    graph.output.extend(kept)
    return model_of(graph)
