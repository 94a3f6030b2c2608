"""The report's sections about several labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import whatsit
from axe import violations
from browser import chromium
from labelled import write_labelled
from screens import find_faults
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
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 390, "height": 844})
        tab.goto(run.report.as_uri())
        rows = tab.locator("#labels tbody tr:visible")
        assert rows.count() == 120
        tab.get_by_label("Find a label").fill("LABEL 01")
        assert sorted(rows.locator("th").all_inner_texts()) == names[10:20]
        assert tab.inner_text(".find [role=status]") == "10 of 120"
        assert find_faults(tab) == []
        assert violations(tab) == []
        tab.get_by_label("Find a label").fill("")
        assert rows.count() == 120


def test_of_a_photo_with_few_labels_all_are_shown(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "set", photos=60)
    run = whatsit.train(table, recipe="transfer", size=32, runs=tmp_path)
    assert " more</span>" not in run.report.read_text(encoding="utf-8")
