"""What tests of training share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pretrained import random_weights

from whatsit import events
from whatsit.training.options import TrainOptions, TransferOptions


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file of MobileNet V2, random."""
    pytest.importorskip("torch")
    return random_weights(tmp_path_factory.getbasetemp() / "weights")


@pytest.fixture
def options(weights: Path) -> TrainOptions:
    """Recipe transfer on that file, small."""
    return TrainOptions(
        recipe="transfer", size=32, transfer=TransferOptions(backbone="mobilenetv2", weights=str(weights))
    )


@pytest.fixture
def told() -> Iterator[list[str]]:
    """The notes and warnings that were told so far."""
    texts: list[str] = []

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Note | events.Warn):
            texts.append(event.text)

    with events.listening(listen):
        yield texts
