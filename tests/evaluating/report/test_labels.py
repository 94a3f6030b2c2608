"""The report's sections about several labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import whatsit
from labelled import write_labelled
from whatsit.data.photos import Arrays
from whatsit.data.readers.labels import labelled
from whatsit.evaluating.report.labels import TAGS_SHOWN


def test_of_a_photo_with_hundreds_of_labels_some_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    photos = random.integers(0, 255, (60, 16, 16, 3), dtype=np.uint8)
    names = [f"label {number:03}" for number in range(120)]
    texts = [";".join(sorted(random.choice(names, 90, replace=False).tolist())) for _ in range(60)]
    dataset = labelled("crowded", Arrays(photos, [str(row) for row in range(60)], "crowded"), texts)
    run = whatsit.train(dataset, recipe="transfer", size=32, runs=tmp_path)
    text = run.report.read_text(encoding="utf-8")
    worst = text[text.index('<section id="mistakes"') :]
    for shown in worst.split('<span class="tags">')[1:]:
        assert shown.split("</li>")[0].count('<span class="tag ') <= TAGS_SHOWN
    assert " more</span>" in worst


def test_of_a_photo_with_few_labels_all_are_shown(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "set", photos=60)
    run = whatsit.train(table, recipe="transfer", size=32, runs=tmp_path)
    assert " more</span>" not in run.report.read_text(encoding="utf-8")
