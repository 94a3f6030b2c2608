"""A model in two stages: the network up to its `features` (or `stages`), and what answers from them.

The front of every model with the same pretrained network is the same graph to the byte, so photos that went
through it once need not do so again (see features.py), whatever head stands behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.mapped import scratch
from whatsit.model.graph.cut import cut_from_features, cut_to_features, find_front
from whatsit.model.graph.features import ReadPixels, features_of
from whatsit.model.graph.inner import open_inner_session
from whatsit.model.graph.session import Session, run_over

_TAIL_BATCH = 512  # the head of a photo is a few small products: long batches cost no memory


def compute_outputs(
    content: bytes, take: ReadPixels, rows: NDArray[np.int64], outputs: Sequence[str], is_frozen: bool
) -> list[NDArray[Any]]:
    """Named values of a model (outputs or inner ones) for many photos, in the order of `rows`.

    is_frozen: its features are those of a pretrained network left as it was, and worth keeping: they come from
               the cache as far as it has them, and are put there.
    """
    if not is_frozen:
        return run_over(_session_with(content, outputs), take, rows, outputs)
    front = find_front(content)
    features = compute_front(content, take, rows)
    behind = [name for name in outputs if name != front]
    found: dict[str, NDArray[Any]] = {front: features}
    if behind:
        session = Session(cut_from_features(content, behind, front))
        for start in range(0, len(features), _TAIL_BATCH):
            part = session.run_on({front: features[start : start + _TAIL_BATCH]}, behind)
            for name, values in zip(behind, part, strict=True):
                if name not in found:
                    found[name] = scratch((len(features), *values.shape[1:]), values.dtype)
                found[name][start : start + len(values)] = values
    return [found[name] for name in outputs]


def compute_front(content: bytes, take: ReadPixels, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """What all answers of a frozen model are computed from, (n, d): its stages or features, from the cache."""
    front = find_front(content)
    return features_of(cut_to_features(content, front), take, rows, front)


def _session_with(content: bytes, outputs: Sequence[str]) -> Session:
    session = Session(content)
    inner = [name for name in outputs if name not in session.outputs]
    return open_inner_session(content, inner) if inner else session
