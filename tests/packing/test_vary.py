"""Augmented copies: each change does what it says, the same as training's change of its name, and draws repeat."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from photos import scene
from whatsit.errors import UserError
from whatsit.image import PAD_COLOUR
from whatsit.packing.vary import (
    MOST,
    VaryOptions,
    blur_photo,
    check_options,
    list_changes,
    shear_photo,
    vary_photo,
)

NOTHING = VaryOptions(mirror=False, turn=0, shift=0, zoom=0, light=0)
STRENGTHS = {"mirror": True, "turn": 20.0, "shear": 20.0, "blur": 2.0}
CHANGES = [one.name for one in fields(VaryOptions)]


def photo(side: int = 32) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (side, side, 3), dtype=np.uint8)


def only(name: str) -> VaryOptions:
    return replace(NOTHING, **{name: STRENGTHS.get(name, 0.2)})


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_changes_photos_of_any_shape_and_the_same_seed_draws_the_same(name: str) -> None:
    for pixels in (scene(), photo(24)[:, :9], photo(1)):
        copies = [vary_photo(pixels, only(name), (seed,)) for seed in range(8)]
        assert {(copy.shape, copy.dtype) for copy in copies} == {(pixels.shape, np.dtype(np.uint8))}
        assert np.array_equal(vary_photo(pixels, only(name), (3,)), copies[3])
        assert len(pixels) == 1 or any(not np.array_equal(copy, pixels) for copy in copies)


@pytest.mark.parametrize("name", ["shear", "noise", "blur"])
def test_what_else_a_copy_is_does_not_hang_on_them(name: str) -> None:
    """Switched on with next to nothing, they leave a copy as it is without them."""
    for seed in range(4):
        plain = vary_photo(scene(), VaryOptions(), (seed,)).astype(int)
        barely = vary_photo(scene(), replace(VaryOptions(), **{name: 1e-9}), (seed,)).astype(int)
        assert np.abs(barely - plain).max() <= 1


def test_they_are_drawn_in_the_picture_of_augmentations_where_they_are_asked_for() -> None:
    assert {"shear", "noise", "blur"} & list_changes(VaryOptions()).keys() == set()
    assert {"shear", "blur"} <= list_changes(VaryOptions(shear=5, blur=1)).keys()


def test_a_slanted_photo_leans_about_its_middle_over_grey() -> None:
    line = np.zeros((21, 21, 3), np.uint8)
    line[:, 10] = 200
    leaning = shear_photo(line, 45)
    assert [int(row.argmax()) for row in leaning[5:16, 5:16, 0]] == list(range(10, -1, -1))
    white = shear_photo(np.full((21, 21, 3), 255, np.uint8), 45)
    assert (white[0, 0] == 255).all() != (white[0, -1] == 255).all()
    assert {*np.unique(np.rint(white))} == {PAD_COLOUR, 255}


def test_grain_has_the_spread_that_is_asked_for() -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    grain = vary_photo(grey, replace(NOTHING, noise=0.1), (1,)).astype(float) - 128
    assert grain.std() == pytest.approx(25.5, rel=0.05)
    assert abs(grain.mean()) < 1


def test_a_blur_keeps_the_light_and_takes_the_edges() -> None:
    blurred = blur_photo(photo(), 2.0)
    assert blurred.mean() == pytest.approx(photo().mean(), rel=0.01)
    assert blurred.std() < photo().std() / 3
    assert np.array_equal(blur_photo(photo(), 0.0), photo())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "most"), [("shear", 30.0), ("blur", 3.0)])
def test_they_are_the_changes_of_training(name: str, most: float, seed: int) -> None:
    torch = pytest.importorskip("torch", reason="training needs the extra 'train'")
    from whatsit.training.loop.augment import change_photos
    from whatsit.training.options import AugmentOptions

    def draw() -> Any:
        return torch.Generator().manual_seed(seed)

    tensor = torch.tensor(photo()).permute(2, 0, 1)[None].float()
    trained = change_photos(tensor, AugmentOptions(fill="grey", **{name: most}), draw())
    first, second = torch.rand(2, generator=draw()).tolist()  # blur draws its radius, shear a turn and its slant
    found = blur_photo(photo(), most * first) if name == "blur" else shear_photo(photo(), most * (2 * second - 1))
    assert np.allclose(found, trained[0].permute(1, 2, 0).numpy(), atol=0.1)


@pytest.mark.parametrize("value", [-1e-9, "more", float("nan"), float("inf")])
@pytest.mark.parametrize("name", MOST)
def test_more_or_less_than_a_change_can_be_is_refused(name: str, value: Any) -> None:
    value = MOST[name] * 1.01 if value == "more" else value
    with pytest.raises(UserError, match=f"--{name} .* is out of range") as refused:
        check_options(replace(NOTHING, **{name: value}))
    assert refused.value.hint == f"Give 0 to {MOST[name]:g}."
    assert check_options(replace(NOTHING, **{name: MOST[name]}))
