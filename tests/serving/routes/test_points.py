"""A model with an operating point on the page, in the API, its metrics and the browser's table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from axe import violations
from browser import chromium
from pointed import find_answer, train_point
from serving import Site, form, running
from whatsit.model.run import Run

IMAGE = {"content-type": "image/png"}
PLAIN = {0x2068: None, 0x2069: None}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train_point(tmp_path_factory.mktemp("points"), "precision=0.9")


@pytest.fixture(scope="module")
def photos(run: Run) -> dict[bool, Path]:
    """A photo of which it is sure, and one of which it is not."""
    return {sure: find_answer(run, Path(run.info.source), sure) for sure in (True, False)}


@pytest.fixture(scope="module")
def site(run: Run) -> Iterator[Site]:
    with running(run.folder) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running_browser:
        yield running_browser


def test_the_api_says_whether_it_is_sure_and_the_metrics_count_it(site: Site, photos: dict[bool, Path]) -> None:
    for sure, photo in photos.items():
        found = site.ask("POST", "/api/predict", photo.read_bytes(), IMAGE).json
        assert found["sure"] is sure
    assert 'known="unsure"} 1\n' in site.get("/metrics").body.decode()
    assert site.get("/api/models").json["models"][0]["point"]["wish"] == "precision=0.9"
    sent = site.get("/api/openapi.json").json["components"]["schemas"]["Answer"]
    assert sent["properties"]["sure"]["type"] == "boolean"
    assert "sure" not in sent["required"]


def test_hugging_faces_clients_get_the_scores_as_ever(site: Site, photos: dict[bool, Path]) -> None:
    scores = site.ask("POST", "/api/hf", photos[False].read_bytes(), IMAGE).json
    assert {one["label"] for one in scores} == {"blue", "green", "red"}


def test_the_page_says_not_sure_and_what_it_most_likely_is(
    site: Site, browser: Any, run: Run, photos: dict[bool, Path]
) -> None:
    answer = run.model().predict(photos[False])
    tab = browser.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(site.address)
    tab.set_input_files("#photo", str(photos[False]))
    tab.wait_for_selector("article.unsure .bars tbody tr")
    assert tab.text_content("[data-part=label]") == "Not sure"
    assert tab.text_content("[data-part=share]") == ""
    aside = tab.text_content("[data-part=aside]").translate(PLAIN)
    assert aside.startswith(f"Most likely it is {answer.label}, ")
    assert aside.endswith(", which is not sure enough to say so.")
    assert tab.text_content("tr.best bdi") == answer.label
    assert violations(tab) == []
    tab.set_input_files("#photo", str(photos[True]))
    tab.wait_for_function("document.querySelectorAll('#strip .answer').length == 2")
    tab.wait_for_selector("article:not(.unsure) .bars tbody tr")
    assert tab.text_content("[data-part=label]") == run.model().predict(photos[True]).label
    with tab.expect_download() as download:
        tab.click("#save")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(Path(download.value.path()).read_text()))}
    assert {rows[photo.name]["sure"] for sure, photo in photos.items() if sure} == {"yes"}
    assert rows[photos[False].name]["sure"] == "no"
    card = tab.text_content("#card")
    assert "at least 90 % of its answers are right, with 95 % confidence, on photos like these" in card
    assert "it says “not sure” of them" in card
    assert faults == []


def test_without_scripts_it_says_the_same(site: Site, photos: dict[bool, Path]) -> None:
    body, kind = form(("photo", "a.png", photos[False].read_bytes()))
    page = site.post("/predict", body, kind).body.decode()
    assert "Not sure" in page
    assert "which is not sure enough to say so" in page
    assert 'class="result unsure"' in page
