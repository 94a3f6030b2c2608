"""Random draws by a seed: a stream of numbers of its own for each purpose, the same on every machine and Python.

numpy's SeedSequence makes the streams, and promises the same ones in every version. What a stream is for is
encoded as JSON, so neither `hash()`, which a Python build may change, nor the order of draws has a say in it.
"""

from __future__ import annotations

import json

import numpy as np

LARGEST_SEED = 1 << 63  # what torch.manual_seed takes lies below it


def generator_for(seed: int, *purpose: str | int) -> np.random.Generator:
    """numpy's draws for a purpose, as in `generator_for(seed, "order", epoch)`."""
    return np.random.default_rng(_sequence(seed, purpose))


def seed_for(seed: int, *purpose: str | int) -> int:
    """The seed of torch's draws for a purpose, as in `torch.manual_seed(seed_for(seed, "weights"))`."""
    return int(_sequence(seed, purpose).generate_state(1, np.uint64)[0]) % LARGEST_SEED


def _sequence(seed: int, purpose: tuple[str | int, ...]) -> np.random.SeedSequence:
    words = json.dumps([seed, *purpose]).encode("ascii")
    return np.random.SeedSequence(np.frombuffer(words, np.uint8).tolist())
