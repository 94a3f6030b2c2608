"""Charts of the report and its matrix are saved by a button, as files that need no page around them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from evaluating import measured
from models import Tiny, colours
from whatsit.data.inspecting.svg import draw_png
from whatsit.image import decode

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return measured(tmp_path_factory.mktemp("runs") / "colours", colours(900))


@pytest.fixture
def page(tiny: Tiny, browser: Any) -> Any:
    """The report, opened as a file; the test fails of whatever it complains of."""
    page = browser.new_page(accept_downloads=True)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(tiny.run.report.as_uri())
    yield page
    assert trouble == []


def saved(page: Any, button: str, folder: Path) -> Path:
    """The file that a button saves."""
    with page.expect_download() as found:
        page.get_by_role("button", name=button, exact=True).click()
    file = folder / found.value.suggested_filename
    found.value.save_as(file)
    return file


def pixels(content: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(decode(content))


def test_every_chart_can_be_saved(page: Any) -> None:
    figures = page.locator("figure:has(> svg.chart)").count()
    assert figures >= 3
    assert page.locator(".save").count() == figures + 1


def test_the_matrix_as_svg_has_its_numbers_and_names(tiny: Tiny, page: Any, tmp_path: Path) -> None:
    file = saved(page, "Save as SVG: Confusion matrix", tmp_path)
    assert file.name == "colours-confusion-matrix.svg"
    text = file.read_text(encoding="utf-8")
    said = ["".join(one.itertext()) for one in ElementTree.fromstring(text).iter(f"{SVG}text")]
    shown = page.locator(".matrix .counts").all_inner_texts()
    assert [one for one in said if one.isdigit()] == shown
    assert [one for one in said if one in tiny.model.classes] == [*tiny.model.classes] * 2
    drawn = pixels(draw_png(text, 2))
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 10


def test_shares_are_saved_where_those_are_shown(page: Any, tmp_path: Path) -> None:
    page.get_by_label("shares of the row").check()
    text = saved(page, "Save as SVG: Confusion matrix", tmp_path).read_text(encoding="utf-8")
    said = ["".join(one.itertext()) for one in ElementTree.fromstring(text).iter(f"{SVG}text")]
    assert [one for one in said if one.isdigit()] == page.locator(".matrix .shares").all_inner_texts()


def test_a_chart_as_svg_needs_no_style_of_the_page(page: Any, tmp_path: Path) -> None:
    name = page.locator("#trust figure > svg").first.get_attribute("aria-label")
    text = saved(page, f"Save as SVG: {name}", tmp_path).read_text(encoding="utf-8")
    assert "var(" not in text
    assert "class=" not in text
    assert set(re.findall(r'fill="([^"]*)"', text)) - {"none"}
    drawn = pixels(draw_png(text, 2))
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 10


def test_a_png_has_three_pixels_a_unit(page: Any, tmp_path: Path) -> None:
    chart = page.locator("#trust figure > svg").first
    width = chart.evaluate("chart => chart.viewBox.baseVal.width")
    file = saved(page, f"Save as PNG: {chart.get_attribute('aria-label')}", tmp_path)
    drawn = pixels(file.read_bytes())
    assert drawn.shape[1] == 3 * width
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 10


def test_what_is_printed_has_no_buttons_of_it(page: Any) -> None:
    page.emulate_media(media="print")
    assert page.locator(".save").first.is_hidden()
