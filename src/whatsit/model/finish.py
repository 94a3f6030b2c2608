"""From a trained graph to the one model file: calibration, novelty, thresholds, golden pictures, seal."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.pixels import Decoded
from whatsit.data.ready import ReadyData
from whatsit.data.target import Target, state_name
from whatsit.image import Size
from whatsit.model.calibrate import conformal_threshold, enough_for, fit_temperature, upper_quantile
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
from whatsit.model.strangeness.novelty import Novelty, choose_bank_rows, fit_novelty

if TYPE_CHECKING:
    import onnx

REJECT_SHARE = 0.01  # of known photos that may be told "not one of these"
COVERAGE = 0.95  # of `could_be`
SEEN = 4_000  # training photos whose look is taken
GREY_ONES = 40  # one of so many is taken without its colours too

Rows = NDArray[np.int64]


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
    held_out: what was said of training photos by models that had not seen them, where the recipe has that
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
class Finished:
    """A model that lacks only figures in its card: graph (ONNX bytes), facts, and warnings from its making."""

    graph: bytes
    facts: ModelFacts
    warnings: tuple[str, ...]

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


def finish(trained: Trained, ready: ReadyData, seed: int = 0) -> Finished:
    """Calibrate on the validation part, measure strangeness against the training part, and write the file."""
    content = trained.graph.SerializeToString()
    decoded, strata, target = ready.decoded, ready.dataset.strata, ready.dataset.target
    val, kept = ready.rows("val"), trained.is_frozen
    labels = ready.dataset.labels[val]
    logits, val_features = compute_outputs(content, decoded.take, val, ("logits", FEATURES), kept)
    bank = choose_bank_rows(ready.rows("train"), strata, seed)
    (bank_features,) = compute_outputs(content, decoded.take, bank, (FEATURES,), kept)

    temperature = fit_temperature(logits, labels, target)
    novelty = fit_novelty(bank_features)
    distances = novelty.distance(val_features)
    appearance = None
    if trained.from_nothing:
        appearance, added = _appearance(decoded, choose_bank_rows(ready.rows("train"), strata, seed, SEEN), val)
        distances = distances + added
    probabilities = target.link(logits / temperature)
    thresholds = Thresholds(
        distance=upper_quantile(distances, REJECT_SHARE),
        reject_share=REJECT_SHARE,
        probability=conformal_threshold(probabilities, labels, COVERAGE, target),
        coverage=COVERAGE,
        measured_on=len(val),
        labels=target.fit_thresholds(probabilities, labels),
    )
    whole = _with_answers(trained.graph, target, temperature, Strangeness(novelty, appearance, decoded.size))
    facts = ModelFacts(
        classes=ready.dataset.classes,
        size=decoded.size,
        resize=decoded.resize,
        thresholds=thresholds,
        temperature=temperature,
        crop=ready.dataset.crop,
        card=replace(trained.card, is_frozen=True) if kept else trained.card,
        golden=(),
        format=choose_format(ready.dataset.crop, decoded.ground),
        ground=None if decoded.ground == "white" else decoded.ground,
        detector=base64.b64encode(ready.dataset.detector).decode() or None,
        target=state_name(target),
    )
    content = whole.SerializeToString(deterministic=True)
    facts = replace(facts, golden=_make_golden(content, facts))
    return Finished(content, facts, _warnings(len(val)))


def _warnings(validated: int) -> tuple[str, ...]:
    warnings = []
    if validated < enough_for(1 - COVERAGE):
        warnings.append(
            f"{validated} validation photos are too few to rule out any class with {COVERAGE:.0%} certainty: "
            f"`could_be` names all classes ({enough_for(1 - COVERAGE)} are needed)."
        )
    if validated < enough_for(REJECT_SHARE):
        warnings.append(
            f"{validated} validation photos are too few to set 'not one of these' to reject {REJECT_SHARE:.0%} "
            f"of known photos ({enough_for(REJECT_SHARE)} are needed); it is set a quarter beyond the strangest."
        )
    return tuple(warnings)


def _make_golden(content: bytes, facts: ModelFacts) -> tuple[Golden, ...]:
    pixels = decode_golden(facts.size, facts.resize, facts.laid_on)
    answers, distances = Session(content).run(pixels, ("probabilities", "distance"))
    return make_golden_pictures(pixels, answers, distances, facts.laid_on)


def _appearance(decoded: Decoded, train: Rows, val: Rows) -> tuple[Appearance, NDArray[np.float32]]:
    """The look of training photos, and what it adds to the validation photos' distances.

    Half of the training photos say where the others begin to be odd: the look learns nothing else from them. Some
    are shown without their colours too, since a grey photo of something known is no stranger.
    """
    fitted = train[::2]
    ordinary = appearances_over(decoded.take, np.concatenate([fitted, train[1::2], val]), decoded.size)
    grey = appearances_over(without_colour(decoded.take), fitted[::GREY_ONES], decoded.size)
    appearance = fit_appearance(np.concatenate([ordinary[: len(fitted)], grey]), ordinary[len(fitted) :])
    return appearance, appearance.added(ordinary[len(train) :])


def _with_answers(
    trained: onnx.ModelProto, target: Target, temperature: float, strangeness: Strangeness
) -> onnx.ModelProto:
    """The graph with the target's link and distance behind it, and nothing of the machine that made it."""
    import onnx
    from onnx import TensorProto, helper

    graph = onnx.GraphProto()
    graph.CopyFrom(trained.graph)
    graph.name = "whatsit"

    behind = Graph("answer.")
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
