"""The path that a site lies below: said in every address, taken off every path, and nothing else let through."""

from __future__ import annotations

import contextvars

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.web.prefix import MOST, at, clean_prefix, path_of, put_below

PIECES = st.from_regex(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*", fullmatch=True)


@given(st.lists(PIECES, min_size=1, max_size=4), st.sampled_from(["", "/", "//"]))
def test_a_path_of_plain_pieces_is_a_prefix_with_or_without_its_last_slash(pieces, end):
    path = "".join(f"/{one}" for one in pieces)
    assert clean_prefix(f" {path}{end} ") == (path if len(path) <= MOST else None)


@pytest.mark.parametrize("text", ["", "/", " // "])
def test_no_prefix_is_one(text):
    assert clean_prefix(text) == ""


@pytest.mark.parametrize(
    "text",
    ["a", "//evil.org", "/a//b", "/../a", "/a/..", "/a/.", "/./a", "/a b", '/a"', "/a?b", "/a#b", "/é", "/a\nb"],
)
def test_what_leads_elsewhere_or_breaks_out_of_quotes_is_none(text):
    assert clean_prefix(text) is None


def test_names_that_only_begin_with_dots_are_prefixes():
    assert clean_prefix("/...") == "/..."
    assert clean_prefix("/.well-known/a") == "/.well-known/a"


def test_two_hundred_letters_are_the_most():
    assert clean_prefix("/" + "a" * (MOST - 1)) is not None
    assert clean_prefix("/" + "a" * MOST) is None


def below(prefix: str, path: str, raw: bytes | None = b"") -> tuple[dict[str, object], str, str]:
    """The request, its path, and an address in the page that answers it."""
    scope: dict[str, object] = {"path": path} | ({} if raw is None else {"raw_path": raw})

    def ask() -> tuple[str, str]:
        put_below(scope, prefix)
        return path_of(scope), at("/style.css")

    return scope, *contextvars.copy_context().run(ask)


@pytest.mark.parametrize("sent", ["/shop/photos/1", "/photos/1"])
def test_a_path_is_the_same_whether_a_proxy_leaves_the_prefix_on_or_takes_it_off(sent):
    scope, path, address = below("/shop", sent, sent.encode())
    assert (path, address) == ("/photos/1", "/shop/style.css")
    assert scope == {"path": "/shop/photos/1", "raw_path": b"/shop/photos/1", "root_path": "/shop"}


@pytest.mark.parametrize(
    ("sent", "path"), [("/shop", "/"), ("/shop/", "/"), ("/", "/"), ("/shopping", "/shopping"), ("", "/")]
)
def test_only_a_whole_first_piece_is_the_prefix(sent, path):
    assert below("/shop", sent, sent.encode())[1] == path


def test_without_a_prefix_a_request_stays_as_it_is():
    scope, path, address = below("", "/photos/1", b"/photos/1")
    assert (path, address) == ("/photos/1", "/style.css")
    assert "root_path" not in scope


def test_a_server_that_gives_no_raw_path_is_served_too():
    scope, path, _ = below("/shop", "/shop", None)
    assert (path, scope["raw_path"]) == ("/", b"/shop/")
