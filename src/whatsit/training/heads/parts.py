"""Kinds of heads that look at the last layer's features only, and at those of the stages before it as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from whatsit.model.graph.cut import count_features, find_front
from whatsit.model.graph.write import STAGES
from whatsit.training.heads.head import OnLast, OnStages
from whatsit.training.heads.kinds import HeadKind, Learning


def look_at_parts(kinds: Sequence[HeadKind], graph: bytes) -> list[HeadKind]:
    """Kinds of heads for what the network of a graph gives: where it gives stages, each on its last layer alone,
    and the linear one on all."""
    if find_front(graph) != STAGES:
        return list(kinds)
    last = [on_last(kind, count_features(graph)) for kind in kinds]
    return [*last, *(on_stages(kind) for kind in kinds if kind.name == "linear")]


def on_last(kind: HeadKind, width: int) -> HeadKind:
    """A kind of head on the first `width` features, which are the last layer's."""

    def fit(learning: Learning, settings: Sequence[float]) -> Iterator[OnLast]:
        last = replace(learning, features=learning.features[:, :width])
        return (OnLast(head, width) for head in kind.fit(last, settings))

    return replace(kind, fit=fit)


def on_stages(kind: HeadKind) -> HeadKind:
    """A kind of head on all features, by a name of its own."""

    def fit(learning: Learning, settings: Sequence[float]) -> Iterator[OnStages]:
        return (OnStages(head) for head in kind.fit(learning, settings))

    return replace(kind, name=f"{kind.name} with stages", fit=fit)
