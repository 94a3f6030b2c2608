"""Features stacked side by side, as `raw+wavelet`: their names, the sizes they need, their graph."""

from __future__ import annotations

from dataclasses import dataclass

from whatsit.errors import UserError, suggest_nearest
from whatsit.image import Size
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import Graph
from whatsit.training.features import FEATURES
from whatsit.training.features.graph import Sample, photo_of


@dataclass(frozen=True)
class Stacked:
    """A graph that computes a stack of features.

    columns: the name of the value that holds them all, float32 (batch, d)
    widths:  how many of the columns each feature has, in the order of the stack
    """

    graph: Graph
    columns: str
    widths: tuple[int, ...]


def names_of(stack: str) -> tuple[str, ...]:
    """`hog+colour` → its features' names. Raises UserError for one that is not there, or is named twice."""
    names = tuple(name.strip() for name in stack.split("+"))
    for name in names:
        if name not in FEATURES:
            raise UserError(f"There is no feature {name!r}.", hint=suggest_nearest(name, FEATURES))
    if len(set(names)) < len(names):
        raise UserError(f"The features {stack!r} have one twice.", hint="Name each once, as in raw+wavelet.")
    return names


def side_for(stack: str, side: int) -> int:
    """The smallest side, from `side` pixels on, that every feature of a stack can look at."""
    features = [FEATURES[name] for name in names_of(stack)]
    wanted = max(side, *(feature.least_side for feature in features))
    step = max(feature.step for feature in features)
    return -(-wanted // step) * step


def check_size(stack: str, size: Size) -> None:
    """Raise a UserError where photos of this size are too small for a feature, or no multiple of its step."""
    for name in names_of(stack):
        feature = FEATURES[name]
        fits = all(side >= feature.least_side and side % feature.step == 0 for side in size)
        if not fits:
            of = f" and sides that are multiples of {feature.step}" if feature.step > 1 else ""
            raise UserError(
                f"The feature {name!r} needs photos of {feature.least_side} pixels or more{of}, "
                f"not {size[1]} × {size[0]}.",
                hint=f"Train with --size {side_for(stack, max(size))}, or without {name!r}.",
            )


def stack_features(stack: str, sample: Sample) -> Stacked:
    """The graph of a stack; features that learn do so from the sample."""
    graph = Graph()
    photo = photo_of(graph)
    parts = [FEATURES[name].build(graph, photo, sample) for name in names_of(stack)]
    found = Session(graph.model(sample.size, {part: [None] for part in parts}).SerializeToString()).run(
        sample.pixels[:1], parts
    )
    columns = graph.add("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]
    return Stacked(graph, columns, tuple(int(part.shape[1]) for part in found))
