"""Photos to learn from, as the network takes them."""

from __future__ import annotations

import numpy as np
import pytest

from models import Tiny

torch = pytest.importorskip("torch")

from whatsit.training.loop.plan import TrainingPhotos  # noqa: E402


def test_photos_are_loaded_with_their_labels_channels_first_and_values_as_they_are(tiny: Tiny):
    labels = tiny.dataset.labels
    photos = TrainingPhotos(tiny.decoded, labels, np.array([0, 1]), np.array([2]))
    rows = np.array([5, 0, 3])
    pixels, truth = photos.load(rows, torch.device("cpu"))
    assert pixels.dtype == torch.float32
    assert tuple(pixels.shape) == (3, 3, 12, 12)
    np.testing.assert_array_equal(pixels.permute(0, 2, 3, 1).numpy(), tiny.decoded.take(rows))
    assert truth.tolist() == labels[rows].tolist()
    assert pixels.is_contiguous(memory_format=torch.channels_last)
