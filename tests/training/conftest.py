"""What tests of training share."""

from __future__ import annotations

from pathlib import Path

import pytest
from pretrained import random_weights

from whatsit.training.options import TrainOptions, TransferOptions


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file of MobileNet V2, random."""
    pytest.importorskip("torch")
    return random_weights(tmp_path_factory.getbasetemp() / "weights")


@pytest.fixture
def options(weights: Path) -> TrainOptions:
    """Recipe transfer on that file, small."""
    return TrainOptions(recipe="transfer", size=32, transfer=TransferOptions(weights=str(weights)))
