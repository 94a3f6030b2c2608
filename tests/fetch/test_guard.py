"""The guard by itself: texts and numbers."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.fetch.errors import FetchError
from whatsit.fetch.guard import Address, check_address, check_public, join_redirect, why_forbidden
from whatsit.fetch.net import Closed, NetAccess, guard_dial, own_addresses

PIECES = [
    *("http://", "https://", "HTTP://", "a.com", "127.0.0.1", "[::1]", "@", ":80", ":22", "/", "\\", "?", "#"),
    *("%00", ".", "xn--", "localhost", "0x7f", "\u200d", "\uff11", " ", "\t", "\ud800", "é", "::ffff:", "[", "]"),
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=8).map("".join)))
def test_any_text_is_refused_or_read_the_same_twice(text: str) -> None:
    try:
        address = check_address(text)
    except FetchError:
        return
    assert check_address(str(address)) == address
    assert str(address).isascii()
    assert not set(str(address)) & set("\\ \t\r\n@#\x00") - set("@")  # an @ may stand in a path only
    assert "@" not in address.origin


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_that_python_calls_private_is_forbidden(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    if address.is_private or address.is_multicast or address.is_reserved or not address.is_global:
        assert why_forbidden(str(address))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["::ffff:0:0", "::", "64:ff9b:1::", "2002::", "::ffff:0:0:0"]))
def test_no_wrapping_of_an_ipv4_address_is_let_through(number: int, prefix: str) -> None:
    assert why_forbidden(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | number)))


@given(st.integers(0, 2**32 - 1))
def test_nat64_is_judged_by_what_it_stands_for(number: int) -> None:
    inside = str(ipaddress.IPv4Address(number))
    assert why_forbidden(f"64:ff9b::{inside}") == why_forbidden(inside)


@pytest.mark.parametrize("number", ["", "example.com", "1.2.3", "fe80::1%eth0", "2606:4700::1%2", "::1"])
def test_what_is_not_plainly_a_public_number_is_forbidden(number: str) -> None:
    assert why_forbidden(number)


@pytest.mark.parametrize("number", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"])
def test_no_socket_is_made_for_a_private_number(number: str) -> None:
    made: list[object] = []
    family = socket.AF_INET6 if ":" in number else socket.AF_INET
    with pytest.raises(Closed, match="private"):
        guard_dial(NetAccess(dial=made.append))((family, socket.SOCK_STREAM, 6, "", (number, 80)))
    assert made == []


def test_no_socket_is_made_for_an_address_of_this_machine() -> None:
    net = NetAccess(own_addresses=lambda: frozenset({"93.184.215.14"}))
    with pytest.raises(Closed, match="own"):
        guard_dial(net)((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80)))


def test_this_machine_knows_numbers_for_addresses_of_its_own() -> None:
    assert all(ipaddress.ip_address(number) for number in own_addresses())


def test_answers_come_with_ipv4_first() -> None:
    assert check_public("a.com", ["2606:4700::1", "93.184.215.14"]) == ["93.184.215.14", "2606:4700::1"]


@pytest.mark.parametrize(
    ("location", "whole"),
    [
        ("/b.jpg", "https://a.com/b.jpg"),
        ("b.jpg?c", "https://a.com/x/b.jpg?c"),
        ("?c=1", "https://a.com/x/y?c=1"),
        ("//b.com/z", "https://b.com/z"),
        ("http://b.com/", "http://b.com/"),
        ("javascript:1", "javascript:1"),
    ],
)
def test_a_redirect_is_joined_to_its_base(location: str, whole: str) -> None:
    assert join_redirect(Address("https", "a.com", 443, "/x/y?q=/p"), location) == whole


def test_a_path_is_quoted_but_never_unquoted() -> None:
    assert check_address("https://a.com/a%2Fb c".replace(" ", "%20")).target == "/a%2Fb%20c"
    assert check_address("https://a.com/ä|b?x=%41%2C,{é}").target == "/%C3%A4%7Cb?x=%41%2C,%7B%C3%A9%7D"


def test_hosts_with_underscores_are_names_like_others() -> None:
    assert check_address("https://my_bucket.example.com/a.jpg").host == "my_bucket.example.com"


@pytest.mark.parametrize(
    ("location", "wanted"),
    [
        ("/my photo.jpg", "https://a.example/my%20photo.jpg"),
        ("  b c.jpg ", "https://a.example/dir/b%20c.jpg"),
        ("../up.jpg", "https://a.example/up.jpg"),
        ("./here/./x.jpg", "https://a.example/dir/here/x.jpg"),
        ("../../../top.jpg?q=../x", "https://a.example/top.jpg?q=../x"),
        ("https://b.example/a/%2E%2e/c.jpg", "https://b.example/c.jpg"),
        ("//b.example?q=1", "https://b.example/?q=1"),
        ("", "https://a.example/dir/page"),
    ],
)
def test_a_redirect_is_followed_as_browsers_do(location: str, wanted: str) -> None:
    base = check_address("https://a.example/dir/page")
    assert str(check_address(join_redirect(base, location))) == wanted


def test_a_query_may_follow_the_host_at_once_but_no_second_host() -> None:
    assert str(check_address("http://a.example?q=1#x")) == "http://a.example/?q=1"
    for text in ("http://a.example?@127.0.0.1/", "http://a.example?q#@127.0.0.1/"):
        with pytest.raises(FetchError):
            check_address(text)
