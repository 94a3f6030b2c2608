"""The report of a training within the studio, and doing what it says to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studios import Running, running, wait_for
from tabs import opened

from axe import violations
from browser import chromium
from drawing import class_folders
from evaluating import measured
from models import tiny_run
from whatsit.evaluating.report.advising.advice import Act, Advice
from whatsit.evaluating.report.advising.steps import write_steps

STEPS = [
    Advice("Show it more varied photos", "It knows these by heart.", Act("train", {"recipe": "classical"})),
    Advice("Bring more photos of dog", "It finds few.", Act(label="dog")),
    Advice("Measure on more photos", "These are few.", Act()),
    Advice("Use it", "Ask it.", Act("serve"), command="whatsit serve runs/one"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Running]:
    home = tmp_path / "all" / "pets"
    class_folders(home / "photos", "cat", "dog", photos=12)
    measured(home / "runs" / "one")
    write_steps(home / "runs" / "one", STEPS)
    with running(tmp_path / "all") as opened_studio:
        yield opened_studio


def test_it_is_read_in_place_and_has_a_button_for_every_step(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio, "pets/results", bypass_csp=True)
    tab.click("text=Open the report")
    tab.wait_for_selector(".steps li >> nth=3")
    for step in tab.query_selector_all(".steps li"):
        assert step.query_selector(".button")
    report = tab.frame_locator(".framed")
    assert report.locator("h1").text_content() == "one"
    assert tab.get_attribute('nav [aria-current="page"]', "href") == "#/pets/results"
    assert violations(tab) == []


def test_a_frame_can_do_nothing_to_the_studio(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio, "pets/report/one")
    tab.wait_for_selector(".steps")
    (frame,) = [one for one in tab.frames if one.parent_frame]
    frame.wait_for_load_state()
    assert (
        frame.evaluate("() => { try { return parent.document.title; } catch { return 'refused'; } }") == "refused"
    )


def test_a_step_is_done_by_its_button(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio, "pets/report/one")
    tab.click('.steps li:has-text("dog") .button')
    tab.wait_for_selector('.class-card[aria-pressed=true]:has-text("dog")')
    tab.go_back()
    tab.click('.steps li:has-text("Use it") .button')
    tab.wait_for_selector(".trying .drop")
    tab.go_back()
    tab.click('.steps li:has-text("varied") button')
    tab.wait_for_selector(".job")
    (job,) = studio.look("pets")["jobs"]
    assert job["command"] == "whatsit train photos --name run-1 --recipe classical"
    studio.do("pets", "stop", number=1)
    wait_for(lambda: studio.look("pets")["jobs"][0]["state"] in ("stopped", "done"))


def test_no_step_is_done_that_no_report_says(studio: Running) -> None:
    for number in (-1, 3, 4, 1):
        status, _, answer = studio.ask("/api/pets/follow", {"run": "one", "number": number})
        assert (status, answer["error"][-1]) == (400, ".")
    assert studio.look("pets")["jobs"] == []


def test_a_run_without_a_report_is_said(studio: Running, tmp_path: Path) -> None:
    tiny_run(tmp_path / "all/pets/runs/bare")
    assert studio.ask("/api/pets/steps?run=bare")[2] == {"steps": [], "has_report": False}
    status, _, answer = studio.ask("/report/pets/bare")
    assert (status, "has no report" in answer["error"]) == (400, True)
