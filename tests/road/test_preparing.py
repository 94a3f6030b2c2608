"""What a recipe is given: the parts that it needs, and a validation part out of the training photos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models import colours
from whatsit.road.preparing import deal_val, prepare, shares_in, shares_of
from whatsit.training.options import ClassicalOptions, TrainOptions

CLASSICAL = TrainOptions(recipe="classical", size=16, classical=ClassicalOptions(features="colour"))


def test_a_recipe_that_asks_every_photo_gets_no_validation_part_unless_it_is_asked_for() -> None:
    data = colours(60, side=16)
    assert shares_in(data, CLASSICAL).val == 0
    assert shares_in(data, replace(CLASSICAL, val=0.2)).val == 0.2
    assert shares_in(data, replace(CLASSICAL, recipe="cnn")).val == 0.15
    assert shares_in(data, replace(CLASSICAL, folds=3)).test == 0


def test_of_many_photos_no_more_are_held_out_than_are_of_use() -> None:
    assert shares_of(TrainOptions(), 1_000_000).val == 0.0025
    assert shares_of(TrainOptions(), 1_000_000).test == 0.01


def test_a_validation_part_is_dealt_from_the_training_photos_alone_and_keeps_groups_whole() -> None:
    data = replace(colours(60, side=16), groups=np.repeat(np.arange(20), 3))
    ready = prepare(data, CLASSICAL)
    parts = deal_val(ready, ready.split.parts, 0.2, 0)
    assert ((parts == "test") == (ready.split.parts == "test")).all()
    val = parts == "val"
    assert 6 <= val.sum() <= 15
    assert not set(data.groups[val]) & set(data.groups[parts == "train"])
    again = deal_val(ready, ready.split.parts, 0.2, 0)
    assert (parts == again).all()
