"""What has to be the same on all ranks is told apart where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import Tiny
from whatsit.training.options import NetOptions, TrainOptions

pytest.importorskip("torch")

from whatsit.training.ranks.alike import DIGITS, list_facts


def differing(tiny: Tiny, **other: object) -> set[str]:
    """The facts that differ where something of what is ready does."""
    one, two = list_facts(tiny.ready, TrainOptions()), list_facts(replace(tiny.ready, **other), TrainOptions())
    return {name for name in one if one[name] != two[name]}


def test_the_same_photos_and_options_are_the_same(tiny: Tiny):
    facts = list_facts(tiny.ready, TrainOptions())
    assert facts == list_facts(tiny.ready, TrainOptions())
    assert facts["photos"].startswith(f"{len(tiny.dataset)} (")
    assert facts["options"] == ""
    assert len(facts["labels"]) == len(facts["parts"]) == DIGITS


def test_options_are_told_as_they_are_typed(tiny: Tiny):
    options = TrainOptions(recipe="cnn", net=NetOptions(epochs=3))
    assert list_facts(tiny.ready, options)["options"] == "--recipe cnn --epochs 3"


def test_another_label_another_part_and_another_photo_are_seen(tiny: Tiny):
    dataset, split = tiny.dataset, tiny.split
    labels, parts, digests = dataset.labels.copy(), split.parts.copy(), tiny.decoded.sha256.copy()
    labels[0] = (labels[0] + 1) % 3
    parts[0] = "test" if parts[0] == "train" else "train"
    digests[0, 0] ^= 1
    assert differing(tiny, dataset=replace(dataset, labels=labels)) == {"labels"}
    assert differing(tiny, dataset=replace(dataset, classes=("a", "b", "c"))) == {"labels"}
    assert differing(tiny, split=replace(split, parts=parts)) == {"parts"}
    names = replace(dataset.photos, names=["other", *list(dataset.photos.names)[1:]])
    assert differing(tiny, dataset=replace(dataset, photos=names)) == {"photos"}
    assert len(np.unique(digests != tiny.decoded.sha256)) == 2
