"""Heat maps beside the mistakes."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import numpy as np

from evaluating import asked
from models import colours, tiny_run
from whatsit.evaluating.report.heat import count_affordable, heat_maps
from whatsit.image import decode
from whatsit.model.facts.file import Card


def test_the_part_that_spoke_for_the_answer_is_warm(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run", colours(side=32), size=32)
    photos = np.full_like(tiny.decoded.pixels, 90)
    photos[:, :, :16] = (200, 60, 60)  # the left half of every photo is red, the right says nothing
    halves = replace(tiny.decoded, pixels=photos)
    (row,) = np.flatnonzero(tiny.dataset.labels == 2)[:1]
    test = replace(asked(tiny, "test"), rows=np.array([row]), probabilities=np.array([[0, 0, 1]], np.float32))
    (found,) = heat_maps(tiny.model, test, [0], halves, 128)
    pixels = decode(base64.b64decode(found.src.split(",")[1])).astype(int)
    warmth = pixels[..., 0] - pixels[..., 2]
    assert warmth[:, :14].min() > 50
    assert np.abs(warmth[:, 18:]).max() < 5


def test_a_model_with_activations_affords_every_map_and_a_large_one_without_none(tmp_path: Path) -> None:
    model = tiny_run(tmp_path / "run").model
    assert count_affordable(model, 24) == 24
    model._session.outputs = ("probabilities", "distance")
    assert 0 < count_affordable(model, 24) < 24  # its card does not say what a pass costs
    for multiply_adds, maps in ((3e8, 24), (1.5e10, 0)):
        model.facts = replace(model.facts, card=Card(multiply_adds=multiply_adds))
        assert count_affordable(model, 24) == maps
