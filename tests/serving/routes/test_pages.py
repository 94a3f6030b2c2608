"""The page: what it says, and what it may load."""

from __future__ import annotations

import re
from urllib.parse import quote

from models import Tiny
from serving import Site, form, photo, running


def test_the_page_says_what_the_model_tells_apart(site: Site) -> None:
    reply = site.get("/")
    assert reply.status == 200
    assert "Tells blue, green and red apart" in reply.body.decode().translate({0x2068: None, 0x2069: None})


def test_the_page_loads_nothing_foreign_and_runs_nothing_inline(site: Site) -> None:
    reply = site.get("/")
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert b"http://" not in reply.body
    assert b"https://" not in reply.body
    assert b"style=" not in reply.body


def test_every_file_the_page_names_is_there_and_may_be_kept(site: Site) -> None:
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', site.get("/").body.decode())
    assert addresses
    for address in addresses:
        reply = site.get(address)
        assert reply.status == 200
        assert "immutable" in reply.headers["cache-control"]


def test_without_script_a_plain_form_is_answered_with_a_page(site: Site) -> None:
    body, kind = form(("photo", "a.jpg", photo((200, 60, 60))))
    reply = site.post("/predict", body, kind)
    assert reply.status == 200
    assert b'<bdi data-part="label">red</bdi>' in reply.body
    assert b'src="data:image/jpeg;base64,' in reply.body


def test_with_the_token_a_browser_comes_to_the_page_and_with_another_it_does_not(tiny: Tiny) -> None:
    token = "correct-horse-battery"
    with running(tiny.run.folder, token=token) as site:
        for method, path, body in (
            ("GET", "/enter?token={}", None),
            ("POST", "/enter", "token={}"),
        ):
            kind = {"content-type": "application/x-www-form-urlencoded"}
            right, wrong = (
                site.ask(method, path.format(given), body and body.format(given).encode(), kind)
                for given in (token, token + "x")
            )
            assert (right.status, right.headers["location"]) == (303, "/")
            assert token in right.headers["set-cookie"]
            assert (wrong.status, "set-cookie" in wrong.headers) == (401, False)


def test_the_whole_address_that_was_printed_is_taken_for_its_token(tiny: Tiny) -> None:
    token = "correct-horse+battery"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    with running(tiny.run.folder, token=token) as site:
        for typed, status in (
            (f"{site.address}/enter?token={quote(token)}", 303),
            (f" {token} ", 303),
            (f"{site.address}/enter", 401),
            (f"{site.address}/enter?token=another-one-of-16", 401),
            ("http://[::1/enter?token=x", 401),
        ):
            reply = site.ask("POST", "/enter", f"token={quote(typed, safe='')}".encode(), kind)
            assert reply.status == status, typed


def test_who_has_no_token_reads_where_it_is_and_who_has_a_wrong_one_that_it_is_wrong(tiny: Tiny) -> None:
    with running(tiny.run.folder, token="correct-horse-battery") as site:
        needed = site.get("/", accept="text/html").body.decode()
        wrong = site.get("/enter?token=x", accept="text/html").body.decode()
    assert "This page needs its token" in needed
    assert "stands in the first lines that the server printed when it was started" in needed
    assert "This is not the token of this page" in wrong
    assert "Each start of the server may make another" in wrong
    assert 'aria-invalid="true"' in wrong


def test_where_no_token_is_asked_for_the_way_in_leads_to_the_page(site: Site) -> None:
    reply = site.get("/enter?token=whatever")
    assert (reply.status, reply.headers["location"]) == (303, "/")
    assert "set-cookie" not in reply.headers


def test_a_form_that_brings_more_than_a_token_is_not_read(tiny: Tiny) -> None:
    with running(tiny.run.folder, token="correct-horse-battery") as site:
        assert site.ask("POST", "/enter", b"token=" + b"x" * 5000).status == 413
