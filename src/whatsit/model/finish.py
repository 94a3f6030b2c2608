"""From a trained graph to the one model file: calibration, novelty, thresholds, golden pictures, seal."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.pixels import Decoded
from whatsit.data.split import Split
from whatsit.model.calibrate import conformal_threshold, enough_for, fit_temperature, softmax
from whatsit.model.container import Facts, Thresholds, sealed
from whatsit.model.golden import golden_entries, golden_pixels
from whatsit.model.graphs import FEATURES, whole_of
from whatsit.model.graphs import IR_VERSION as IR_VERSION  # both are part of what a recipe must keep to
from whatsit.model.graphs import OPSET as OPSET
from whatsit.model.novelty import Novelty, bank_rows, fit_novelty
from whatsit.model.session import Session
from whatsit.model.stages import outputs_over

if TYPE_CHECKING:
    import onnx

REJECT_SHARE = 0.01  # of known photos that may be told "not one of these"
COVERAGE = 0.95  # of `could_be`


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
    card:    facts for the model card: recipe, net, parameters, multiply_adds, licences
    weights: safetensors to go on from, where the recipe can
    is_frozen: the graph up to `features` is a pretrained network left as it was: a photo's features are kept
    held_out: what was said of training photos by models that had not seen them, where the recipe has that
    """

    graph: onnx.ModelProto
    history: list[dict[str, Any]]
    summary: str
    card: dict[str, Any] = field(default_factory=dict)
    weights: bytes = b""
    is_frozen: bool = False
    held_out: HeldOut | None = None


@dataclass(frozen=True)
class Finished:
    """A model that lacks only figures in its card: graph (ONNX bytes), facts, and warnings from its making."""

    graph: bytes
    facts: Facts
    warnings: tuple[str, ...]

    def file(self, card: dict[str, Any] | None = None) -> bytes:
        """The bytes of model.onnx, with `card` added to what its card says already."""
        return sealed(self.graph, replace(self.facts, card=self.facts.card | (card or {})))


def finish(
    trained: Trained,
    decoded: Decoded,
    labels: NDArray[np.int64],
    parts: Split,
    classes: tuple[str, ...],
    crop: str = "",
    seed: int = 0,
    detector: bytes = b"",
) -> Finished:
    """Calibrate on the validation part, measure strangeness against the training part, and write the file.

    crop, detector: how the photos were cut, and the file by which; both as in `Dataset`
    """
    content = trained.graph.SerializeToString()
    val = parts.rows("val")
    kept = trained.is_frozen
    logits, val_features = outputs_over(content, decoded.take, val, ("logits", FEATURES), kept)
    bank = bank_rows(parts.rows("train"), labels, seed)
    (bank_features,) = outputs_over(content, decoded.take, bank, (FEATURES,), kept)

    temperature = fit_temperature(logits, labels[val])
    novelty = fit_novelty(bank_features)
    probabilities = softmax(logits / temperature)
    thresholds = Thresholds(
        distance=upper_quantile(novelty.distance(val_features), REJECT_SHARE),
        reject_share=REJECT_SHARE,
        probability=conformal_threshold(probabilities, labels[val], COVERAGE),
        coverage=COVERAGE,
        measured_on=len(val),
    )
    whole = _with_answers(trained.graph, temperature, novelty)
    facts = Facts(
        classes=classes,
        size=decoded.size,
        resize=decoded.resize,
        thresholds=thresholds,
        temperature=temperature,
        crop=crop,
        card=trained.card | ({"is_frozen": True} if kept else {}),
        detector=base64.b64encode(detector).decode(),
    )
    content = whole.SerializeToString(deterministic=True)
    facts = replace(facts, golden=_golden(content, facts))
    return Finished(content, facts, _warnings(len(val)))


def upper_quantile(distances: NDArray[np.float32], share: float) -> float:
    """A threshold that about `share` of these distances exceed; above all of them where they are too few."""
    ordered = np.sort(distances.astype(np.float64))
    exceeding = int(share * (len(ordered) + 1))
    if exceeding == 0:
        return float(ordered[-1] + 0.25 * (ordered[-1] - ordered[0]))
    return float(ordered[-exceeding - 1] + ordered[-exceeding]) / 2


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


def _golden(content: bytes, facts: Facts) -> tuple[dict[str, Any], ...]:
    pixels = golden_pixels(facts.size, facts.resize)
    answers, distances = Session(content).run(pixels, ("probabilities", "distance"))
    return golden_entries(facts.size, facts.resize, answers, distances)


def _with_answers(trained: onnx.ModelProto, temperature: float, novelty: Novelty) -> onnx.ModelProto:
    """The graph with softmax and distance behind it, and nothing of the machine that made it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = onnx.GraphProto()
    graph.CopyFrom(trained.graph)
    graph.name = "whatsit"

    def constant(name: str, value: NDArray[Any]) -> str:
        graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def add(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        graph.node.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    cold = add("Div", ["logits", constant("temperature", np.array(temperature, np.float32))], "cooled")
    add("Softmax", [cold], "probabilities", axis=1)
    direction = add("LpNormalization", ["features"], "novelty.unit", axis=1, p=2)
    projected = add("MatMul", [direction, constant("novelty.projection", novelty.projection)], "novelty.projected")
    bank = constant("novelty.bank", np.ascontiguousarray(novelty.bank.T))
    cosines = add("MatMul", [projected, bank], "novelty.cosines")
    count = constant("novelty.neighbours", np.array([novelty.neighbours], np.int64))
    graph.node.append(helper.make_node("TopK", [cosines, count], ["novelty.nearest", "novelty.rows"], axis=1))
    axes = constant("novelty.axes", np.array([1], np.int64))
    near = add("ReduceMean", ["novelty.nearest", axes], "novelty.mean_cosine", keepdims=0)
    add("Sub", [constant("novelty.one", np.array(1, np.float32)), near], "distance")

    kept = [output for output in graph.output if output.name == "activation"]
    classes = next(o for o in graph.output if o.name == "logits").type.tensor_type.shape.dim[1].dim_value
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]))
    graph.output.append(helper.make_tensor_value_info("distance", TensorProto.FLOAT, ["batch"]))
    graph.output.extend(kept)
    return whole_of(graph)
