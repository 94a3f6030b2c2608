"""Changes to training photos: what each does, and that draws repeat."""

from __future__ import annotations

import re

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.errors import UserError  # noqa: E402
from whatsit.training.loop.augment import CHANGES, change_photos, list_changes, parse_changes, resolve_changes  # noqa: E402
from whatsit.training.options import AugmentOptions  # noqa: E402


def photos(count: int = 4, side: int = 16) -> torch.Tensor:
    return torch.rand((count, 3, side, side), generator=torch.Generator().manual_seed(7)) * 255


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


STRENGTHS = {"rotation": 20.0, "shear": 10.0, "flip": True, "blur": 1.5}


@pytest.mark.parametrize("kind", CHANGES)
def test_every_change_changes_photos_and_keeps_shape_and_range(kind: str) -> None:
    options = AugmentOptions(**{kind: STRENGTHS.get(kind, 0.2)})
    out = change_photos(photos(), options, draw(4))
    assert out.shape == (4, 3, 16, 16)
    assert not torch.equal(out, photos())
    assert out.min() >= -1e-3
    assert out.max() <= 255 + 1e-3


@pytest.mark.parametrize("kind", CHANGES)
def test_the_same_seed_draws_the_same_changes(kind: str) -> None:
    options = AugmentOptions(**{kind: STRENGTHS.get(kind, 0.2)})
    assert torch.equal(change_photos(photos(), options, draw(5)), change_photos(photos(), options, draw(5)))


def test_no_change_gives_the_photos_back() -> None:
    assert torch.equal(change_photos(photos(), AugmentOptions(), draw()), photos())


def test_a_flip_mirrors_exactly_those_it_is_told_to() -> None:
    told = torch.tensor([True, False, True, False])
    out = change_photos(photos(), AugmentOptions(flip=True), draw(), told)
    assert torch.equal(out[0], photos()[0].flip(2))
    assert torch.equal(out[1], photos()[1])


def test_a_shift_moves_by_whole_pixels_and_at_most_its_share() -> None:
    dot = torch.zeros((64, 3, 16, 16))
    dot[:, :, 8, 8] = 255
    out = change_photos(dot, AugmentOptions(shift=0.125, fill="grey"), draw())
    places = (out[:, 0] == 255).nonzero()
    assert len(places) == 64
    assert places[:, 1:].min() >= 6
    assert places[:, 1:].max() <= 10
    assert len(places[:, 1:].unique(dim=0)) > 10


def test_a_rotation_by_a_right_angle_is_that_of_the_photo() -> None:
    one = photos(1)
    options = AugmentOptions(rotation=90)
    turned = [change_photos(one, options, draw(seed)) for seed in range(200)]
    nearest = min((out - torch.rot90(one, 1, (2, 3))).abs().mean().item() for out in turned)
    assert nearest < 12  # some draw comes within a degree or two of 90


def test_flags_add_to_a_named_set() -> None:
    chosen = resolve_changes(AugmentOptions(augment="light", rotation=5))
    assert chosen.shift == 0.0625
    assert chosen.rotation == 5


def test_changes_are_shown_one_by_one_and_all_together() -> None:
    options = AugmentOptions(shift=0.1, flip=True)
    assert list_changes(options) == {
        "shift": AugmentOptions(shift=0.1),
        "flip": AugmentOptions(flip=True),
        "all together": options,
    }
    assert list(list_changes(AugmentOptions(zoom=0.2))) == ["zoom"]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("light", {"shift": 0.0625}),
        ("--rotation=20, flip=true", {"rotation": 20, "flip": True}),
        ("photo zoom=0 flip=false", {"shift": 0.1, "rotation": 10, "brightness": 0.2}),
        ("blur=2,fill=grey", {"blur": 2, "fill": "grey"}),
    ],
)
def test_changes_are_named_in_a_text(text: str, changes: dict[str, object]) -> None:
    found = {
        name: value
        for name, value in vars(parse_changes(text)).items()
        if value != getattr(AugmentOptions(), name)
    }
    found.pop("augment", None)
    assert found == changes


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rotate=20", "'rotate=20' is no change of photos."),
        ("fill=red", "'fill=red' is no change of photos."),
        ("rotation", "'rotation' has no number."),
        ("shift=nan", "--shift nan makes no training."),
        ("shift=0.9", "--shift 0.9 makes no training."),
        ("", "'' changes nothing."),
        ("none", "'none' changes nothing."),
        ("fill=grey", "'fill=grey' changes nothing."),
    ],
)
def test_a_text_without_changes_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=re.escape(sentence)):
        parse_changes(text)


def test_each_change_is_named_once_where_one_is_not_known() -> None:
    with pytest.raises(UserError) as refused:
        parse_changes("flop")
    named = refused.value.hint.partition("There are: ")[2].rstrip(".").split(", ")
    assert "flip" in named
    assert len(named) == len(set(named))
