"""A model of several labels on the page, in the API and in corrections."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whatsit
from axe import violations
from browser import chromium
from labelled import write_labelled
from serving import Site, running
from whatsit.data.corrections import proposals_in, read_proposals
from whatsit.data.target import SEVERAL
from whatsit.image import encode_jpeg, encode_png
from whatsit.model.run import Run

IMAGE = {"content-type": "image/png"}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_labelled(tmp_path_factory.mktemp("set"), photos=120)


@pytest.fixture(scope="module")
def run(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return whatsit.train(table, recipe="transfer", size=64, runs=tmp_path_factory.mktemp("runs"), name="labels")


@pytest.fixture(scope="module")
def site(run: Run) -> Iterator[Site]:
    with running(run.folder, corrections=True) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running_browser:
        yield running_browser


@pytest.fixture
def both(table: Path, run: Run) -> Path:
    """A photo of which both labels are said."""
    for photo in sorted((table.parent / "photos").glob("*.png")):
        answer = run.model().predict(photo)
        if answer.known and answer.labels == ("red", "striped"):
            return photo
    raise AssertionError("no photo has both")


def test_the_api_says_its_labels_and_what_it_predicts(site: Site, both: Path, run: Run) -> None:
    found = site.ask("POST", "/api/predict", both.read_bytes(), IMAGE).json
    assert (found["labels"], found["target"]) == (["red", "striped"], "several")
    assert found["probabilities"] == pytest.approx(run.model().predict(both).probabilities, abs=1e-5)
    assert site.ask("GET", "/api/models").json["models"][0]["target"] == "several"


def test_hugging_faces_clients_may_ask_for_sigmoids_and_for_nothing_else(site: Site, both: Path) -> None:
    sent = {"inputs": base64.b64encode(both.read_bytes()).decode(), "parameters": {"function_to_apply": "sigmoid"}}
    header = {"content-type": "application/json"}
    scores = site.ask("POST", "/api/hf", json.dumps(sent).encode(), header).json
    assert {one["label"] for one in scores} == {"red", "striped"}
    sent["parameters"] = {"function_to_apply": "softmax"}
    assert site.ask("POST", "/api/hf", json.dumps(sent).encode(), header).status == 400


def test_the_page_shows_a_bar_a_label_and_where_each_begins_to_be_said(
    site: Site, browser: Any, both: Path, run: Run, tmp_path: Path
) -> None:
    tab = browser.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(site.address)
    assert "Says which of these a photo shows" in tab.text_content("main")
    tab.set_input_files("#photo", str(both))
    tab.wait_for_selector(".bars tbody tr")
    assert tab.text_content("[data-part=label]").translate({0x2068: None, 0x2069: None}) == "red, striped"
    assert tab.text_content("[data-part=share]") == ""
    limits = run.model().facts.thresholds.labels or ()
    marks = {
        row.query_selector("bdi").text_content(): float(
            row.query_selector(".limit").get_attribute("x").rstrip("%")
        )
        for row in tab.query_selector_all(".bars tbody tr")
    }
    assert marks == pytest.approx({"red": 100 * limits[0], "striped": 100 * limits[1]}, abs=0.01)
    assert len(tab.query_selector_all(".bars tr.best")) == 2
    assert violations(tab) == []
    strange = tmp_path / "noise.png"
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    strange.write_bytes(encode_png(noise))
    tab.set_input_files("#photo", str(strange))
    tab.wait_for_selector("#save")
    tab.wait_for_function("document.querySelectorAll('#strip .answer').length == 2")
    with tab.expect_download() as download:
        tab.click("#save")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text())))
    assert rows[0] == ["name", "predicted", "distance", "known", "could_be", "reason", "p(red)", "p(striped)"]
    assert [row[1] for row in rows[1:] if row[0] == both.name] == ["red;striped"]
    assert faults == []
    tab.close()


def test_without_script_the_page_says_the_same(site: Site, browser: Any, both: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(site.address)
    tab.set_input_files("#photo", str(both))
    tab.click("#drop [type=submit]")
    tab.wait_for_selector(".bars tbody tr")
    assert "red" in tab.text_content(".verdict")
    assert "striped" in tab.text_content(".verdict")
    assert len(tab.query_selector_all(".bars .limit")) == 2
    context.close()


def test_a_correction_is_a_set_of_labels_and_is_learnt_from(
    site: Site, browser: Any, both: Path, run: Run, table: Path, tmp_path: Path
) -> None:
    tab = browser.new_page()
    tab.goto(site.address)
    tab.set_input_files("#photo", str(both))
    tab.wait_for_selector(".bars tbody tr")
    tab.click("[data-part=wrong]")
    boxes = tab.query_selector_all("[data-part=several] input")
    assert [box.is_checked() for box in boxes] == [True, True]
    boxes[1].uncheck()
    assert violations(tab) == []
    tab.click("[data-part=correction] button")
    tab.wait_for_selector("text=Kept as red")
    tab.close()
    assert [file.parent.name for file in proposals_in(run.folder).glob("*/*.jpg")] == ["red"]
    blue = encode_jpeg(np.full((30, 30, 3), (10, 20, 200), np.uint8))
    for labels in ("", "striped;red"):
        shade = blue if not labels else encode_jpeg(np.full((30, 30, 3), (200, 20, 10), np.uint8))
        reply = site.ask("POST", f"/api/corrections?class={labels}", shade, {"content-type": "image/jpeg"})
        assert reply.status == 200
    proposed = read_proposals(run.folder, run.info.classes, SEVERAL)
    assert proposed.classes == ("red", "striped")
    assert sorted(proposed.written(row) for row in range(len(proposed))) == ["", "red", "red;striped"]
    assert site.ask("POST", "/api/corrections?class=green", blue, {"content-type": "image/jpeg"}).status == 422
    again = whatsit.train(
        table, recipe="transfer", size=64, from_=run.folder, all_corrections=True, runs=tmp_path, name="again"
    )
    said = {row["class"] for row in again.rows("split") if "corrections" in row["name"]}
    assert said == {"red", "", "red;striped"}
