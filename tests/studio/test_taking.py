"""Taking a model along: kits as archives, and its page on a phone, which ends with the page that asked for it."""

from __future__ import annotations

import http.client
import io
import socket
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from studios import Running, running, wait_for
from tabs import opened

from axe import violations
from browser import chromium
from drawing import class_folders, drawn
from models import tiny_run
from whatsit.image import encode_jpeg
from whatsit.studio import sharing
from whatsit.studio.sharing import Sharing
from whatsit.web import listening


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "all" / "pets"
    class_folders(folder / "photos", "cat", "dog")
    tiny_run(folder / "runs" / "one")
    return folder


@pytest.fixture
def studio(home: Path) -> Iterator[Running]:
    with running(home.parent) as opened_studio:
        yield opened_studio


def done(studio: Running, number: int) -> dict[str, Any]:
    """A job once it has ended."""
    ended = ("done", "failed")
    return wait_for(
        lambda: next(
            (one for one in studio.look("pets")["jobs"] if one["number"] == number and one["state"] in ended), None
        ),
        120,
    )


def answers(address: str) -> int:
    """The status of asking a shared page, without its token; 0 where nobody listens."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("kind", ["docker", "ec2"])
def test_a_kit_is_packed_and_kept(studio: Running, kind: str) -> None:
    number = studio.do("pets", "make-kit", run="one", to=kind)
    job = done(studio, number)
    assert job["command"] == f"whatsit deploy runs/one --to {kind} --into kit-{kind}"
    assert job["state"] == "done", job
    status, headers, content = studio.ask(f"/kit/pets/{number}")
    assert (status, f"one-{kind}.zip" in headers["content-disposition"]) == (200, True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"README.md", "kit.json"} <= set(archive.namelist())
    studio.do("pets", "forget", number=number)
    assert studio.ask(f"/kit/pets/{number}")[0] == 400
    assert {run["name"] for run in studio.look("pets")["runs"]} == {"one"}


def test_what_a_kit_lacks_is_not_fetched_unasked(home: Path, tmp_path: Path) -> None:
    with running(home.parent, WHATSIT_CACHE=str(tmp_path / "cache")) as studio:
        job = done(studio, studio.do("pets", "make-kit", run="one", to="browser"))
        assert (job["state"], "not on this machine" in job["sentence"]) == ("failed", True)


def test_a_kit_waits_for_no_training_and_no_training_for_it(studio: Running, home: Path) -> None:
    studio.do("pets", "make-kit", run="one", to="docker")
    studio.do("pets", "make-kit", run="one", to="docker")
    queue = home.parent / ".whatsit/queue"
    assert not list(queue.glob("*.lock"))
    assert [done(studio, number)["state"] for number in (1, 2)] == ["done", "done"]


@pytest.mark.parametrize("body", [{"run": "one", "to": "moon"}, {"run": "../photos", "to": "ec2"}, {"run": "one"}])
def test_a_kit_that_cannot_be_is_said(studio: Running, body: dict[str, str]) -> None:
    status, _, answer = studio.ask("/api/pets/make-kit", body)
    assert (status, answer["error"][-1]) == (400, ".")


def test_a_phone_asks_the_model_with_the_token_and_nothing_else(studio: Running) -> None:
    assert studio.look("pets")["shared"] is None
    shared = studio.do("pets", "share", run="one")
    place = urlsplit(shared["address"])
    assert place.hostname not in ("127.0.0.1", "localhost")
    assert shared["picture"].startswith("data:image/svg+xml")
    assert answers(shared["address"]) == 401  # it wants the token
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    token = place.query.removeprefix("token=")
    headers = {"authorization": f"Bearer {token}", "content-type": "application/octet-stream"}
    connection.request("POST", "/api/predict", encode_jpeg(drawn(seed=1)), headers)
    answer = connection.getresponse()
    assert (answer.status, b"blue" in answer.read()) == (200, True)
    connection.request("GET", "/api/projects", headers=headers)
    assert connection.getresponse().status == 404  # the studio is not there
    connection.close()
    studio.do("pets", "stop-sharing")
    assert studio.look("pets")["shared"] is None
    assert answers(shared["address"]) == 0


def test_it_ends_with_the_studio_however_that_ends(studio: Running) -> None:
    address = studio.do("pets", "share", run="one")["address"]
    assert answers(address)
    studio.kill()
    assert answers(address) == 0


def test_it_ends_when_the_page_no_longer_says_that_it_is_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "LEASE_S", 3.0)
    one = Sharing()
    one.open(home / "runs/one", "pets")
    address = (one.describe() or {})["address"]
    assert one.renew()
    wait_for(lambda: one.describe() is None, 60)
    assert answers(address) == 0
    assert not one.renew()


def test_a_machine_in_no_network_shares_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Alone(socket.socket):
        def connect(self, _address: object) -> None:
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(listening.socket, "socket", Alone)
    with pytest.raises(Exception, match="in no network"):
        listening.find_own_address()


def test_the_code_is_shown_on_the_page_and_gone_when_it_is_left(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio, "pets/results", bypass_csp=True, reduced_motion="reduce")
    tab.click('button:has-text("Show the code for a phone")')
    tab.wait_for_selector(".sharing img")
    tab.click("summary:has-text('Take it along')")
    tab.wait_for_selector(".kits")
    assert violations(tab) == []
    address = studio.look("pets")["shared"]["address"]
    assert answers(address) == 401
    tab.click('nav >> text="Photos"')
    tab.wait_for_selector(".class-card")
    wait_for(lambda: studio.look("pets")["shared"] is None)
    tab.go_back()
    tab.click('button:has-text("Show the code for a phone")')
    tab.wait_for_selector(".sharing img")
    address = studio.look("pets")["shared"]["address"]
    tab.close()
    until = time.monotonic() + 60
    while answers(address) and time.monotonic() < until:
        time.sleep(0.2)
    assert answers(address) == 0
