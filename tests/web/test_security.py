"""The headers that keep a page to itself."""

from __future__ import annotations

from whatsit.web.security import ANSWER_POLICY, HEADERS, page_policy


def directives(policy: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in policy.split("; "))


def test_a_page_may_load_its_own_files_and_nothing_else() -> None:
    found = directives(page_policy())
    assert found["default-src"] == "'none'"
    assert found["script-src"] == found["style-src"] == found["connect-src"] == "'self'"
    assert found["frame-ancestors"] == found["base-uri"] == "'none'"
    assert "unsafe" not in page_policy()


def test_a_page_that_needs_more_gets_that_alone() -> None:
    more = directives(page_policy(img_src="data:"))
    assert more.pop("img-src") == "'self' blob: data:"
    assert more == {name: value for name, value in directives(page_policy()).items() if name != "img-src"}
    assert "data:" not in page_policy()


def test_what_is_no_page_loads_nothing_and_stands_in_no_frame() -> None:
    assert directives(ANSWER_POLICY) == {"default-src": "'none'", "frame-ancestors": "'none'"}


def test_nothing_is_sniffed_framed_or_told() -> None:
    headers = dict(HEADERS)
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"cross-origin-resource-policy"] == headers[b"cross-origin-opener-policy"] == b"same-origin"
    assert b"geolocation=()" in headers[b"permissions-policy"]
