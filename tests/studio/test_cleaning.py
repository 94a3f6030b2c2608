"""Cleaning within the studio: a job, what it found as queues, and the review page on which one decides."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studios import Running, running, wait_for
from tabs import opened, said

from axe import violations
from browser import chromium
from drawing import class_folders


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Photos of cats and dogs, of which one lies in both classes and one is broken."""
    photos = class_folders(tmp_path / "all" / "pets" / "photos", "cat", "dog", photos=6)
    shutil.copy(photos / "cat/0.png", photos / "dog/twin.png")
    shutil.copy(photos / "cat/1.png", photos / "cat/copy.png")
    (photos / "cat/broken.png").write_bytes((photos / "cat/2.png").read_bytes()[:200])
    return photos


@pytest.fixture
def studio(pets: Path) -> Iterator[Running]:
    with running(pets.parents[1]) as opened_studio:
        yield opened_studio


def cleaned(studio: Running, deep: bool = False) -> dict[str, Any]:
    """What was found once a cleaning is done."""
    studio.do("pets", "clean", deep=deep)
    wait_for(lambda: studio.look("pets")["jobs"][0]["state"] == "done")
    found: dict[str, Any] = studio.ask("/api/pets/findings")[2]
    return found


def entered(studio: Running, queue: str = "all") -> str:
    """The address of the review page."""
    status, headers, _ = studio.ask(f"/review/pets?queue={queue}")
    assert (status, headers["location"].endswith(f"#{queue}")) == (303, True)
    return headers["location"].split("#")[0]


def row_of(studio: Running, page: str, name: str) -> int:
    count = len(studio.ask(f"{page}api/queue/all")[2]["photos"])
    facts = studio.ask(f"{page}api/facts?rows={','.join(map(str, range(count)))}")[2]["photos"]
    (row,) = [one["row"] for one in facts if one["name"] == name]
    return int(row)


def test_what_waits_is_first_and_what_is_certain_is_left_out(studio: Running) -> None:
    assert studio.ask("/api/pets/findings")[2]["queues"] == []
    found = cleaned(studio)
    queues = {one["name"]: one for one in found["queues"]}
    assert found["queues"][0]["name"] == "class-conflict"
    assert queues["class-conflict"]["waiting"] == 2
    assert set(queues["class-conflict"]["pictures"]) == {"cat/0.png", "dog/twin.png"}
    assert queues["exact-duplicate"]["waiting"] == 0
    assert found["left_out"] == 2  # the copy, and the broken one
    assert studio.look("pets")["jobs"][0]["command"] == "whatsit clean photos"
    assert "whatsit clean photos" in studio.look("pets")["recipe"]
    assert studio.do("pets", "undo-clean") == {"decisions": 2, "out": 1}
    assert studio.ask("/api/pets/findings")[2]["left_out"] == 1  # what cannot be read


def test_a_decision_on_its_page_follows_the_photo_to_another_class(studio: Running) -> None:
    cleaned(studio)
    page = entered(studio, "class-conflict")
    assert studio.ask(page)[0] == 200
    row = row_of(studio, page, "dog/twin.png")
    assert studio.ask(f"{page}photo/{row}")[1]["content-type"] == "image/jpeg"
    assert studio.ask(f"{page}api/decide", {"photos": [row], "decision": "leave-out"})[0] == 200
    found = studio.ask("/api/pets/findings")[2]
    assert found["left_out"] == 3
    studio.do("pets", "move", photos=["dog/twin.png"], **{"class": "cat"})
    status, _, answer = studio.ask(f"{page}api/decide", {"photos": [row], "decision": "keep"})
    assert (status, "have changed" in answer["error"]) == (400, True)  # its numbers are of other photos
    status, headers, _ = studio.ask(page)
    assert (status, headers["location"]) == (303, "/review/pets")
    assert studio.ask("/api/pets/findings")[2]["left_out"] == 3


def test_only_the_page_itself_decides(studio: Running) -> None:
    page = entered(studio)
    body = {"photos": [0], "decision": "leave-out"}
    assert studio.ask(f"{page}api/decide", body, Cookie="")[0] == 403
    assert studio.ask(f"{page}api/decide", body, origin="https://evil.example")[0] == 403
    assert studio.ask(f"{page}photo/0", Cookie="")[0] == 403


def test_a_project_without_photos_has_nothing_to_clean(studio: Running) -> None:
    studio.ask("/api/projects", {"name": "empty"})
    status, _, answer = studio.ask("/api/empty/clean", {})
    assert (status, answer["error"]) == (400, "There are no photos to look at.")
    assert studio.ask("/review/empty")[1]["location"] == "/#/empty/clean"
    assert studio.ask("/api/empty/findings")[2]["queues"] == []


@pytest.mark.slow
def test_a_cleaning_that_is_killed_goes_on_when_it_is_wanted(studio: Running, pets: Path) -> None:
    studio.do("pets", "clean")
    job = pets / ".whatsit/studio/jobs/1"
    wait_for(lambda: (job / "begun").exists() and (job / "begun").read_text().strip())
    os.kill(int((job / "begun").read_text()), signal.SIGKILL)
    state = wait_for(lambda: studio.look("pets")["jobs"][0]["state"] in ("killed", "done"))
    assert state
    if studio.look("pets")["jobs"][0]["state"] == "killed":
        studio.do("pets", "go-on", number=1)
    wait_for(lambda: studio.look("pets")["jobs"][0]["state"] == "done")
    assert studio.ask("/api/pets/findings")[2]["left_out"] == 2


def test_findings_are_looked_at_and_decided_in_a_browser(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio, "pets/clean", bypass_csp=True, reduced_motion="reduce")
    tab.click('button:has-text("Find bad photos and copies")')
    said(tab, "It looks at every photo")
    tab.wait_for_selector('.queues a:has-text("class conflict"):has-text("2 to decide") img')
    assert violations(tab) == []
    tab.evaluate("location.hash = '#/pets/train'")
    tab.click("text=2 findings of cleaning wait for you")
    tab.wait_for_selector('h2:has-text("2 findings to decide about")')
    tab.click('.queues a:has-text("class conflict")')
    tab.wait_for_selector("#queues [aria-current=true]:has-text('class conflict')")
    tab.wait_for_selector(".cell img")
    assert violations(tab) == []
    tab.keyboard.press("x")
    tab.wait_for_selector('#news:has-text("left out")', state="attached")
    tab.click("text=Back to pets")
    tab.wait_for_selector('.queues a:has-text("class conflict"):has-text("all decided")')  # its twin may stay
    tab.wait_for_selector("text=3 photos left out of trainings")
    tab.wait_for_selector('h2:has-text("Nothing waits for you")')
    tab.evaluate("location.hash = '#/pets/train'")
    tab.wait_for_selector('.lead:has-text("; 3 more are left out")')
    tab.wait_for_selector("text=of cleaning", state="detached")
