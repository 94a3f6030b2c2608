from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from whatsit import events
from whatsit.road.demo import walk

NEEDS_TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="training needs the extra 'train'")


def test_without_torch_the_demo_trains_what_needs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whatsit.road.demo.find_spec", lambda _name: None)
    made = walk(tmp_path, lambda _heading: None)
    assert [run.info.recipe for run in (made.first, made.second)] == ["classical", "classical"]
    assert min(run.info.figures.accuracy for run in (made.first, made.second)) > 0.9
    assert len(made.comparison.pairs) == 1


@NEEDS_TORCH
def test_the_demo_trains_twice_compares_and_is_not_trained_again(tmp_path: Path) -> None:
    chapters: list[str] = []
    made = walk(tmp_path, chapters.append)
    assert len(chapters) == 2
    assert [run.name for run in (made.first, made.second)] == ["demo-plain", "demo-augmented"]
    assert made.second.info.options["augment"]["rotation"] == 10
    assert len(made.comparison.pairs) == 1
    heard: list[events.Event] = []
    with events.listening(heard.append):
        again = walk(tmp_path, chapters.append)
    assert not any(isinstance(event, events.Epoch) for event in heard)
    assert again.first.info == made.first.info
