from __future__ import annotations

from pathlib import Path

import pytest

from whatsit import events
from whatsit.road.demo import walk

pytest.importorskip("torch", reason="training needs the extra 'train'")


def test_the_demo_trains_twice_compares_and_is_not_trained_again(tmp_path: Path) -> None:
    chapters: list[str] = []
    made = walk(tmp_path, chapters.append)
    assert len(chapters) == 2
    assert [run.name for run in (made.plain, made.augmented)] == ["demo-plain", "demo-augmented"]
    assert made.augmented.info.options["augment"]["rotation"] == 10
    assert len(made.comparison.pairs) == 1
    heard: list[events.Event] = []
    with events.listening(heard.append):
        again = walk(tmp_path, chapters.append)
    assert not any(isinstance(event, events.Epoch) for event in heard)
    assert again.plain.info == made.plain.info
