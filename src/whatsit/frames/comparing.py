"""A comparison as tables: a row a run, a row a pair of them, a row a test photo."""

from __future__ import annotations

from collections.abc import Callable

from whatsit.evaluating.compare import Comparison
from whatsit.frames.columns import Columns, flags, numbers, texts, wholes


def tables_of_comparison(found: Comparison) -> dict[str, Callable[[], Columns]]:
    """The runs, the differences between every two, and which photos each got right."""
    return {
        "runs": lambda: _runs(found),
        "differences": lambda: _differences(found),
        "photos": lambda: _photos(found),
    }


def _runs(found: Comparison) -> Columns:
    figures = [side.figures for side in found.sides]
    return {
        "name": texts(side.name for side in found.sides),
        "recipe": texts(side.run.info.recipe for side in found.sides),
        "accuracy": numbers(one.accuracy for one in figures),
        "low": numbers(one.interval[0] for one in figures),
        "high": numbers(one.interval[1] for one in figures),
        "photos": wholes(one.n for one in figures),
        "macro_f1": numbers(one.macro_f1 for one in figures),
        "ece": numbers(one.ece for one in figures),
        "log_loss": numbers(one.log_loss for one in figures),
        "model_bytes": wholes(side.model_bytes for side in found.sides),
    }


def _differences(found: Comparison) -> Columns:
    """The names of `Pair`; `better` is missing where the difference is not clear."""
    differences = [pair.difference for pair in found.pairs]
    return {
        "first": texts(pair.first for pair in found.pairs),
        "second": texts(pair.second for pair in found.pairs),
        "difference": numbers(one.value for one in differences),
        "low": numbers(one.low for one in differences),
        "high": numbers(one.high for one in differences),
        "only_first": wholes(one.only_first for one in differences),
        "only_second": wholes(one.only_second for one in differences),
        "photos": wholes(one.n for one in differences),
        "better": texts(pair.better or None for pair in found.pairs),
    }


def _photos(found: Comparison) -> Columns:
    """All test photos of all runs; whether a run got one right is missing where it was not asked about it."""
    photos = list(dict.fromkeys(photo for side in found.sides for photo in side.hits))
    return {
        "name": texts(name for name, _, _ in photos),
        "true": texts(true for _, _, true in photos),
        **{f"right({side.name})": flags(side.hits.get(photo) for photo in photos) for side in found.sides},
    }
