"""What answers, runs, data sets and comparisons show in a notebook, opened in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browser import chromium
from evaluating import measured, photo_folder
from models import Tiny
from whatsit import fragments
from whatsit.data.readers import read
from whatsit.evaluating.compare import compare

NASTY = '<img src=x onerror="document.title=1">\x1b[2J'


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    root = tmp_path_factory.mktemp("shown")
    return measured(root / "runs" / "tiny", read(photo_folder(root / "colours", 60)))


def shown(browser: Any, part: Any) -> Any:
    """A page with nothing but what a notebook would show of something."""
    page = browser.new_page()
    page.set_content(part if isinstance(part, str) else part._repr_html_())
    return page


def test_an_answer_is_its_sentence_and_bars(browser: Any, tiny: Tiny) -> None:
    photo = tiny.ready.dataset.photos.read(0)
    answer = tiny.model.predict(photo)
    page = shown(browser, answer)
    assert answer.sentence() in page.inner_text("body")
    assert page.locator("th").all_inner_texts() == list(answer.probabilities)
    widths = page.eval_on_selector_all("td div", "bars => bars.map(bar => parseFloat(bar.style.width))")
    assert widths == pytest.approx([100 * share for share in answer.probabilities.values()], abs=0.1)


def test_no_answer_is_its_reason(browser: Any, tiny: Tiny) -> None:
    answer = replace(tiny.model.predict(tiny.ready.dataset.photos.read(0)), reason="no clear face", name="a.jpg")
    page = shown(browser, answer)
    assert page.inner_text("body").split("\n") == ["a.jpg", "no clear face"]


def test_a_run_is_its_accuracy_with_the_interval_and_each_class(browser: Any, tiny: Tiny) -> None:
    text = shown(browser, tiny.run).inner_text("body")
    figures = tiny.run.info.figures
    assert f"of {figures.n} photos right (95 % interval" in text
    assert str(tiny.run.report) in text
    for row in figures.per_class:
        assert f"{row.class_}\t{row.photos}" in text


def test_a_data_set_is_its_counts_and_some_photos(browser: Any, tiny: Tiny) -> None:
    page = shown(browser, tiny.ready.dataset)
    assert "60 photos" in page.inner_text("body")
    assert "blue\t20" in page.inner_text("table")
    sizes = page.eval_on_selector_all("img", "all => all.map(one => one.naturalWidth)")
    assert len(sizes) == 6  # two of each class, and each of them decoded
    assert all(sizes)


def test_a_comparison_is_its_table_and_what_can_be_said(browser: Any, tiny: Tiny, tmp_path: Path) -> None:
    other = measured(tmp_path / "other", tiny.ready.dataset)
    found = compare([tiny.run, other.run])
    text = shown(browser, found).inner_text("body")
    assert found.pairs[0].sentence() in text
    assert "tiny\t" in text
    assert "other\t" in text


def test_names_do_nothing(browser: Any) -> None:
    page = shown(browser, fragments.write_heading(NASTY, NASTY) + fragments.write_table((NASTY,), [(NASTY,)]))
    page.wait_for_timeout(200)
    assert page.title() == ""
    assert page.locator("img").count() == 0
    assert "\x1b" not in page.inner_text("body")


def test_long_tables_and_many_bars_say_how_much_more_there_is() -> None:
    assert "and 5 more" in fragments.write_table(("class",), [(str(row),) for row in range(fragments.ROWS + 5)])
    assert "more" not in fragments.write_table(("class",), [(str(row),) for row in range(fragments.ROWS)])
    shares = {str(row): 0.1 for row in range(fragments.BARS + 2)}
    assert "and 2 more" in fragments.write_bars(shares)


def test_nothing_names_a_colour(tiny: Tiny) -> None:
    """So that a cell has the notebook's, dark or light."""
    whole = tiny.run._repr_html_() + fragments.write_bars({"a": 0.5})
    assert "color:" not in whole.replace("currentColor", "")
    assert "#" not in whole.split("base64")[0]
