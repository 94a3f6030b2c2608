"""Features stacked, and what they refuse."""

import numpy as np
import pytest
from columns import columns_of, drawn

from whatsit.errors import UserError
from whatsit.training.features import FEATURES
from whatsit.training.features.stack import check_size, names_of, side_for


def test_a_stack_is_its_features_side_by_side() -> None:
    photos = drawn(3, 128)
    both = columns_of("raw+wavelet", photos)
    assert both.shape == (3, 3072 + 1024)
    np.testing.assert_array_equal(both[:, :3072], columns_of("raw", photos))
    np.testing.assert_array_equal(both[:, 3072:], columns_of("wavelet", photos))


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_gives_finite_numbers_at_its_least_size_and_for_photos_longer_than_wide(name: str) -> None:
    side = side_for(name, 1)
    check_size(name, (side, side))
    assert np.isfinite(columns_of(name, drawn(4, side))).all()
    tall = np.concatenate([drawn(4, side)] * 2, axis=1)
    assert np.isfinite(columns_of(name, tall)).all()


@pytest.mark.parametrize("name", FEATURES)
def test_one_photo_gets_the_same_numbers_alone_and_among_others(name: str) -> None:
    photos = drawn(9, 128)
    alone = columns_of(name, photos[4:5], learnt_from=photos)
    np.testing.assert_allclose(columns_of(name, photos)[4:5], alone, atol=1e-6)


def test_a_feature_that_is_not_there_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(UserError, match=r"no feature 'hogg'.*'hog'"):
        names_of("raw+hogg")
    with pytest.raises(UserError, match="have one twice"):
        names_of("raw+raw")


def test_a_wavelet_picture_of_small_or_odd_photos_is_refused_with_a_size_that_works() -> None:
    with pytest.raises(UserError, match=r"128 pixels or more.*not 64 × 64.*--size 128"):
        check_size("raw+wavelet", (64, 64))
    with pytest.raises(UserError, match="--size 160"):
        check_size("raw+wavelet", (130, 130))
    check_size("raw+wavelet", (160, 160))
