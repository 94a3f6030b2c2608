"""The page: what it says, and what it may load."""

from __future__ import annotations

import re

from serving import Site, form, photo


def test_the_page_says_what_the_model_tells_apart(site: Site) -> None:
    reply = site.get("/")
    assert reply.status == 200
    assert b"Tells blue, green and red apart" in reply.body


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
    assert b'<span data-part="label">red</span>' in reply.body
    assert b'src="data:image/jpeg;base64,' in reply.body
