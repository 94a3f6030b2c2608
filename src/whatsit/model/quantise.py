"""A model in 8-bit arithmetic, for processors that are faster so: made, checked and kept only if it is worth it.

The network up to its features is quantised (static, weights for each channel, activations by what a few hundred
validation photos bring); calibration, distance and maps stay as they are. Both checks are measured on this
machine: what it loses on the validation photos, and how much faster a photo is answered.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.target import find_target
from whatsit.image import Pixels
from whatsit.model.calibrate import conformal_threshold, tail_threshold
from whatsit.model.container import read_facts, seal
from whatsit.model.facts.file import ModelFacts
from whatsit.model.finish import COVERAGE, REJECT_SHARE
from whatsit.model.golden import decode_golden, make_golden_pictures
from whatsit.model.graph.features import ReadPixels
from whatsit.model.graph.inner import open_inner_session
from whatsit.model.graph.session import Session, run_over
from whatsit.model.graph.write import FEATURES

if TYPE_CHECKING:
    import onnx

MOST_LOST = 0.005  # of the validation photos that may be answered rightly no more
LEAST_FASTER = 1.3
CALIBRATED_ON = 200  # photos: more changes nothing that can be measured
LEAST_DISTANCE = 1e-6  # photos that are all the same are no farther in any arithmetic
TIMED = 40  # photos a model, in turn
# Convolutions at the beginning that stay in 32 bits: none, or, where that loses too much, the two that see the
# photo itself. On a MobileNetV2 of cats and dogs, half as many photos are then answered otherwise.
STEMS = (0, 2)
ANSWERS = ("probabilities", "distance")


@dataclass(frozen=True)
class Quantised:
    """An 8-bit model file, and what it costs and brings.

    lost:   the share of validation photos answered rightly before and not after, less the other way round
    faster: how many times as fast a photo is answered, on this machine
    """

    content: bytes
    lost: float
    faster: float
    photos: int

    @property
    def is_worth_it(self) -> bool:
        """Whether it loses little enough and gains enough."""
        return self.lost <= MOST_LOST and self.faster >= LEAST_FASTER


def quantise_model(
    content: bytes,
    take: ReadPixels,
    rows: NDArray[np.int64],
    labels: NDArray[np.int64],
    were_learnt_from: bool = False,
) -> Quantised:
    """The model file `content` in 8-bit arithmetic, compared with itself.

    take:   (k,) rows → pixels at the model's size
    rows:   (n,) of the validation photos, and their `labels`
    were_learnt_from: there are none, and these are training photos: they show what the arithmetic changes, but set
                      no limits. Those of the model stay, that of strangeness moved as the photos' distances are
    """
    facts = read_facts(content)
    target = find_target(facts.target)
    some = np.random.default_rng(0).permutation(rows)[:CALIBRATED_ON]
    before = Session(content)
    old, _ = run_over(before, take, rows, ANSWERS)
    for stem in STEMS:
        graph = _eight_bit(content, (take(some[start : start + 1]) for start in range(len(some))), stem)
        after = Session(graph)
        new, distances = run_over(after, take, rows, ANSWERS)
        was, now = (target.hits(target.decide(found, facts.thresholds.rule), labels) for found in (old, new))
        lost = float(was.mean() - now.mean())
        if lost <= MOST_LOST:
            break
    faster = _times_faster(before, after, take(rows[:1]))
    limits = facts.thresholds
    if were_learnt_from:
        apart = [_distance_to_others(one, take, rows) for one in (content, graph)]
        thresholds = replace(limits, distance=limits.distance * apart[1] / max(apart[0], LEAST_DISTANCE))
    else:
        thresholds = replace(
            limits,
            distance=tail_threshold(distances, REJECT_SHARE),
            probability=conformal_threshold(new, labels, COVERAGE, target),
            measured_on=len(rows),
        )
    part = "training" if were_learnt_from else "validation"
    arithmetic = f"8-bit: {100 * lost:+.1f} points lost on {words.count(len(rows), f'{part} photo')}"
    card = replace(facts.card, arithmetic=arithmetic)
    return Quantised(_seal(graph, replace(facts, thresholds=thresholds, card=card)), lost, faster, len(rows))


def _distance_to_others(content: bytes, take: ReadPixels, rows: NDArray[np.int64]) -> float:
    """The mean distance of training photos to their nearest but the first, which is the photo itself."""
    (cosines,) = run_over(open_inner_session(content, ("novelty.nearest",)), take, rows, ("novelty.nearest",))
    return float(1 - np.sort(cosines, axis=1)[:, :-1].mean()) if cosines.shape[1] > 1 else LEAST_DISTANCE


def _seal(graph: bytes, facts: ModelFacts) -> bytes:
    """The file with golden answers of its own."""
    pixels = decode_golden(facts.size, facts.resize, facts.laid_on)
    probabilities, distances = Session(graph).run(pixels, ANSWERS)
    golden = make_golden_pictures(pixels, probabilities, distances, facts.laid_on)
    return seal(graph, replace(facts, golden=golden))


def _times_faster(before: Session, after: Session, photo: Pixels) -> float:
    """The ratio of their median times, asked in turn, so that a busy machine slows both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(TIMED):
        for session, taken in zip((before, after), times, strict=True):
            began = time.perf_counter()
            session.run(photo, ANSWERS)
            taken.append(time.perf_counter() - began)
    return statistics.median(times[0]) / statistics.median(times[1])


def _eight_bit(content: bytes, photos: Iterator[Pixels], stem: int) -> bytes:
    """The graph with its nodes up to the features quantised, as plain ONNX (QuantizeLinear, DequantizeLinear).

    stem: so many convolutions at the beginning are left as they are
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    whole = onnx.load_model_from_string(content)
    del whole.metadata_props[:]
    for number, node in enumerate(whole.graph.node):
        node.name = f"node{number}"  # the quantiser leaves out nodes by name
    features = onnx.helper.make_tensor_value_info(FEATURES, onnx.TensorProto.FLOAT, None)
    whole.graph.output.append(features)  # so that this value keeps its name while the graph is tidied
    with tempfile.TemporaryDirectory() as folder:
        plain, tidy, done = (Path(folder, name) for name in ("plain", "tidy", "done"))
        onnx.save(whole, plain)
        quant_pre_process(plain, tidy, skip_symbolic_shape=True)
        nodes = onnx.load(tidy)
        convolutions = [node.name for node in nodes.graph.node if node.op_type == "Conv"]
        quantize_static(
            tidy,
            done,
            _Photos(photos),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_behind_features(nodes) + convolutions[:stem],
        )
        made = onnx.load(done)
    kept = [output for output in made.graph.output if output.name != FEATURES]
    del made.graph.output[:], made.metadata_props[:]
    made.graph.output.extend(kept)
    made.producer_name, made.producer_version = "whatsit", ""
    out: bytes = made.SerializeToString(deterministic=True)
    return out


def _behind_features(whole: onnx.ModelProto) -> list[str]:
    """The names of the nodes that the features do not need: calibration, distance, maps."""
    needed = {FEATURES}
    behind = []
    for node in reversed(whole.graph.node):  # a node stands behind all that it reads
        if needed.intersection(node.output):
            needed.update(node.input)
        else:
            behind.append(node.name)
    return behind


class _Photos:
    """Photos as the quantiser asks for them."""

    def __init__(self, photos: Iterator[Pixels]) -> None:
        self._photos = photos

    def get_next(self) -> dict[str, Any] | None:
        photo = next(self._photos, None)
        return None if photo is None else {"pixels": photo}
