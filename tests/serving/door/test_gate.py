"""The gate: names, foreign pages, the token, how often."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import Tiny
from serving import Site, photo, running
from whatsit.errors import UserError
from whatsit.serving.door.gate import LOOKS, token_for
from whatsit.serving.door.limits import Rate
from whatsit.serving.options import ServeOptions
from whatsit.web.token import cookie_name

TOKEN = "correct-horse-battery"
BROWSER = {"accept": "text/html,*/*"}


@pytest.fixture(scope="module")
def guarded(tiny: Tiny) -> Iterator[Site]:
    with running(tiny.run.folder, token=TOKEN, allow_origin=("https://friend.example",)) as site:
        yield site


def test_a_page_of_another_name_for_this_machine_is_not_answered(site: Site) -> None:
    reply = site.ask("GET", "/", headers={"host": "evil.example"})
    assert reply.status == 421
    assert "evil" not in reply.body.decode()


def test_behind_a_proxy_any_name_is_ours_and_the_client_is_the_one_it_names(tiny: Tiny) -> None:
    with running(tiny.run.folder, behind_proxy=True, rate=0.01, burst=2) as site:
        forwarded = {"host": "photos.example", "x-forwarded-for": "203.0.113.9"}
        statuses = [site.post("/api/predict", photo(), **forwarded).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        other = site.post("/api/predict", photo(), **{**forwarded, "x-forwarded-for": "203.0.113.10"})
        assert other.status == 200


def test_without_a_proxy_nobody_chooses_the_address_he_counts_for(tiny: Tiny) -> None:
    with running(tiny.run.folder, rate=0.01, burst=1) as site:
        for _ in range(3):  # this machine itself is not limited, whatever it says of itself
            assert site.post("/api/predict", photo(), **{"x-forwarded-for": "203.0.113.9"}).status == 200


def test_a_foreign_page_may_not_post(site: Site) -> None:
    assert site.post("/api/predict", photo(), **{"sec-fetch-site": "cross-site"}).status == 403
    assert site.post("/api/predict", photo(), origin="https://evil.example").status == 403
    assert site.post("/api/predict", photo(), origin=site.address).status == 200
    assert site.post("/api/predict", photo(), **{"sec-fetch-site": "same-origin"}).status == 200


def test_no_other_site_may_read_an_answer_unless_it_is_named(site: Site, guarded: Site) -> None:
    assert "access-control-allow-origin" not in site.get("/api/models", origin="https://friend.example").headers
    headers = {"origin": "https://friend.example", "authorization": f"Bearer {TOKEN}"}
    reply = guarded.post("/api/predict", photo(), **headers, **{"sec-fetch-site": "cross-site"})
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "https://friend.example"
    stranger = guarded.post("/api/predict", photo(), **{**headers, "origin": "https://evil.example"})
    assert stranger.status == 403
    asked_first = {"origin": "https://friend.example", "access-control-request-method": "POST"}
    assert guarded.ask("OPTIONS", "/api/predict", headers=asked_first).status == 200


def test_without_the_token_there_is_nothing_but_health_and_the_way_in(guarded: Site) -> None:
    for path in ("/", "/api", "/api/models", "/api/openapi.json", "/metrics", "/samples/x.jpg", "/nothing"):
        assert guarded.get(path).status == 401, path
    assert guarded.post("/api/predict", photo()).status == 401
    assert guarded.get("/healthz").status == 200
    assert guarded.get("/readyz").status == 200


def test_the_token_is_taken_as_a_bearer_token(guarded: Site) -> None:
    assert guarded.post("/api/predict", photo(), authorization=f"Bearer {TOKEN}").status == 200
    wrong = guarded.post("/api/predict", photo(), authorization=f"Bearer {TOKEN}x")
    assert wrong.status == 401
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert wrong.json["error"] == "This is not the server's token."
    assert guarded.post("/api/predict", photo()).json["error"] == "This needs the server's token."


def test_a_browser_gets_in_by_the_address_with_the_token(guarded: Site) -> None:
    entered = guarded.get(f"/enter?token={TOKEN}", **BROWSER)
    assert (entered.status, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert guarded.get("/", cookie=cookie.partition(";")[0]).status == 200


def test_a_browser_without_the_token_is_asked_for_it(guarded: Site) -> None:
    page = guarded.get("/", **BROWSER)
    assert page.status == 401
    assert b'<form class="enter" method="post" action="/enter">' in page.body
    form = {"content-type": "application/x-www-form-urlencoded", **BROWSER}
    wrong = guarded.ask("POST", "/enter", b"token=wrong-token-wrong", form)
    assert (wrong.status, b"This is not the token of this page" in wrong.body) == (401, True)
    assert b'<form class="enter"' in wrong.body
    assert b"This is not the token" not in guarded.get("/enter", **BROWSER).body
    assert guarded.ask("POST", "/enter", f"token={TOKEN}".encode(), form).status == 303


@pytest.mark.parametrize("cookie", ["whatsit-x=", "=;;=", "whatsit\x80=1", 'a="', "whatsit-0=" + "x" * 3000])
def test_nonsense_in_the_cookies_is_no_token(guarded: Site, cookie: str) -> None:
    assert guarded.get("/api/models", cookie=cookie).status == 401


def test_a_token_is_asked_for_where_other_machines_can_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHATSIT_TOKEN", raising=False)
    assert token_for(ServeOptions(), is_local=True) is None
    made = token_for(ServeOptions(), is_local=False)
    assert made is not None
    assert len(made) >= 20
    assert token_for(ServeOptions(public=True), is_local=False) is None
    monkeypatch.setenv("WHATSIT_TOKEN", TOKEN)
    assert token_for(ServeOptions(), is_local=True) == TOKEN


def test_a_token_that_can_be_guessed_or_contradicts_itself_is_refused() -> None:
    with pytest.raises(UserError, match="too short: 6 characters can be guessed"):
        token_for(ServeOptions(token="secret"), is_local=False)
    with pytest.raises(UserError, match="characters that cannot be sent"):
        token_for(ServeOptions(token="fünfzehn Zeichen und mehr"), is_local=False)
    with pytest.raises(UserError, match="A public page has no token"):
        token_for(ServeOptions(token=TOKEN, public=True), is_local=False)


def test_where_there_is_no_room_a_photo_is_refused_before_it_is_sent(tiny: Tiny) -> None:
    with running(tiny.run.folder, lanes=1, queue=0) as site:
        site.service.lanes.taken = 1
        with socket.create_connection((site.host, site.port), 20) as line:
            line.sendall(b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n")
            answer = line.recv(65536)  # of the body nothing was sent
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 1" in answer
        assert b"Too many photos are waiting." in answer
        assert site.get("/healthz").status == 200
        site.service.lanes.taken = 0
        assert site.post("/api/predict", photo()).status == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/api/openapi.json", "/nothing", "/static/x/y.css"])
def test_nobody_asks_without_end_whatever_is_asked_for(tiny: Tiny, path: str) -> None:
    with running(tiny.run.folder, behind_proxy=True, public=True, rate=0.01, burst=1) as site:
        statuses = [site.get(path, **{"x-forwarded-for": "203.0.113.9"}).status for _ in range(LOOKS + 1)]
        assert 429 not in statuses[:-1]
        assert statuses[-1] == 429
        assert site.get(path, **{"x-forwarded-for": "203.0.113.10"}).status != 429
        preflight = {"origin": "https://friend.example", "access-control-request-method": "POST"}
        assert site.ask("OPTIONS", path, headers={**preflight, "x-forwarded-for": "203.0.113.9"}).status == 429


def test_wrong_tokens_are_counted_wherever_they_are_tried(tiny: Tiny) -> None:
    wrong = [
        ("GET", "/api/models", None, {"authorization": "Bearer wrong"}),
        ("GET", "/enter?token=wrong", None, {}),
        ("POST", "/enter", b"token=wrong", {"content-type": "application/x-www-form-urlencoded"}),
        ("GET", "/", None, {"cookie": f"{cookie_name(TOKEN)}=wrong"}),
        ("GET", "/", None, {"authorization": "Basic d3Jvbmc="}),
    ]
    guesses = Rate(0.001, len(wrong), counts_this_machine=True)
    with running(tiny.run.folder, token=TOKEN, parts={"guesses": guesses}) as site:
        for _ in range(20):
            assert site.get("/").status == 401  # who brings none has not guessed
            assert (
                site.get("/", cookie="whatsit-0123456789ab=another").status == 401
            )  # nor who has another's cookie
        assert [site.ask(*one).status for one in wrong] == [401] * len(wrong)
        assert [site.ask(*one).status for one in wrong] == [429] * len(wrong)
        right = site.get("/api/models", authorization=f"Bearer {TOKEN}")
        assert (right.status, right.json["error"]) == (429, "These were too many wrong tokens.")
        assert site.get("/healthz").status == 200


def test_the_right_token_is_no_guess(tiny: Tiny) -> None:
    guesses = Rate(0.001, 1, counts_this_machine=True)
    with running(tiny.run.folder, token=TOKEN, parts={"guesses": guesses}) as site:
        for _ in range(3):
            assert site.get("/api/models", authorization=f"Bearer {TOKEN}").status == 200


def test_a_token_in_a_file_is_read_where_nobody_else_reads_it(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("WHATSIT_TOKEN", raising=False)
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o644)
    with pytest.raises(UserError, match="Others on this machine may read"):
        token_for(ServeOptions(token_file=file), is_local=True)
    file.chmod(0o600)
    assert token_for(ServeOptions(token_file=file), is_local=True) == TOKEN
    with pytest.raises(UserError, match="There are two tokens"):
        token_for(ServeOptions(token_file=file, token=TOKEN), is_local=True)
    file.write_bytes(b"\xff")
    with pytest.raises(UserError, match="cannot be read as a token"):
        token_for(ServeOptions(token_file=file), is_local=True)
    file.write_text("")
    with pytest.raises(UserError, match="too short"):
        token_for(ServeOptions(token_file=file), is_local=True)
    with pytest.raises(UserError, match="There is no file"):
        token_for(ServeOptions(token_file=tmp_path / "none"), is_local=True)


def test_no_new_token_is_told_to_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHATSIT_TOKEN", raising=False)
    facts = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{facts.st_dev}:{facts.st_ino}")
    with pytest.raises(UserError, match="would stand in the system's journal"):
        token_for(ServeOptions(), is_local=False)
    assert token_for(ServeOptions(token=TOKEN), is_local=False) == TOKEN
    assert token_for(ServeOptions(), is_local=True) is None
