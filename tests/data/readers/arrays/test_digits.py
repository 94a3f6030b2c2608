from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from whatsit.data.readers.arrays import digits


def test_the_digits_are_those_of_scikit_learn_in_their_order() -> None:
    data = digits.read(Path())
    theirs = load_digits()
    assert data.classes == tuple("0123456789")
    assert [data.classes[label] for label in data.labels] == [str(label) for label in theirs.target]
    assert Counter(data.parts.tolist()) == {"": 1797}
    assert data.photos.names[7] == "digits/7"
    photo = data.photos.read(7)
    assert photo.dtype == np.uint8
    assert photo.max() == 255
    assert np.array_equal(np.rint(photo.reshape(8, 8) * (16 / 255)), theirs.images[7])
