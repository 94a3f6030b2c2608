"""Look-ups of names, guarded and remembered, and sockets for public addresses only."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from whatsit.fetch.errors import FetchError
from whatsit.fetch.net import Closed, Names, NetAccess, guard_dial, own_addresses

PUBLIC = "93.184.216.34"
SIXTH = "2606:2800:220:1::1"


def names(
    *answers: list[str] | Exception, remember_s: float = 60.0, timeout_s: float = 5.0
) -> tuple[Names, list[str]]:
    """Names whose look-ups give `answers` in turn, and the names that were looked up."""
    asked: list[str] = []
    left = list(answers)

    def look_up(name: str) -> list[str]:
        asked.append(name)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Names(
        NetAccess(look_up=look_up, own_addresses=lambda: frozenset({"198.51.100.7"})), timeout_s, remember_s
    ), asked


def resolved(some: Names, *hosts: str) -> list[list[str] | str]:
    """The numbers of each host, or the kind of error, asked for one after the other."""

    async def ask() -> list[list[str] | str]:
        found: list[list[str] | str] = []
        for host in hosts:
            try:
                found.append([one["host"] for one in await some.resolve(host, 443)])
            except FetchError as error:
                found.append(error.kind)
        await some.close()
        return found

    return asyncio.run(ask())


def test_the_first_two_addresses_of_a_name_are_tried() -> None:
    some, _ = names([SIXTH, PUBLIC, "93.184.216.35"])  # of the fourth version first
    assert resolved(some, "a.example") == [[PUBLIC, "93.184.216.35"]]


def test_a_family_that_is_asked_for_is_kept_to() -> None:
    some, _ = names([PUBLIC, SIXTH])
    found = asyncio.run(some.resolve("a.example", 80, socket.AF_INET6))
    assert [(one["host"], one["family"], one["port"]) for one in found] == [(SIXTH, socket.AF_INET6, 80)]


def test_a_name_is_looked_up_once_while_it_is_remembered() -> None:
    some, asked = names([PUBLIC])
    assert resolved(some, "a.example", "a.example", "b.example") == [[PUBLIC]] * 3
    assert asked == ["a.example", "b.example"]


def test_nothing_is_remembered_where_that_is_not_wanted() -> None:
    some, asked = names([PUBLIC], remember_s=0)
    resolved(some, "a.example", "a.example")
    assert asked == ["a.example", "a.example"]


def test_one_private_address_among_public_ones_refuses_the_name_and_is_remembered() -> None:
    some, asked = names([PUBLIC, "10.0.0.1"])
    first, second = resolved(some, "a.example", "a.example")
    assert isinstance(first, str)
    assert first == second
    assert asked == ["a.example"]


def test_no_such_name_is_remembered_and_a_name_server_that_fails_is_not() -> None:
    absent, asked = names(socket.gaierror(socket.EAI_NONAME, "unknown"), [PUBLIC])
    assert resolved(absent, "a.example", "a.example") == ["dns", "dns"]
    assert asked == ["a.example"]
    failing, asked = names(socket.gaierror(socket.EAI_AGAIN, "try again"), [PUBLIC])
    assert resolved(failing, "a.example", "a.example") == ["dns-later", [PUBLIC]]


def test_a_look_up_that_takes_too_long_is_given_up() -> None:
    wait = threading.Event()

    def look_up(_name: str) -> list[str]:
        wait.wait(30)
        return [PUBLIC]

    some = Names(NetAccess(look_up=look_up), timeout_s=0.1, remember_s=60)
    try:
        assert resolved(some, "a.example") == ["dns-later"]
    finally:
        wait.set()


def test_those_who_ask_at_once_share_one_look_up() -> None:
    some, asked = names([PUBLIC])

    async def ask() -> int:
        found = await asyncio.gather(*(some.resolve("a.example", 443) for _ in range(5)))
        await some.close()
        return len(found)

    assert asyncio.run(ask()) == 5
    assert asked == ["a.example"]


@pytest.mark.parametrize(
    "number", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "198.51.100.7", "93.184.216.99"]
)
def test_no_socket_is_made_for_an_address_that_is_not_public_or_our_own(number: str) -> None:
    dialled = []
    make = guard_dial(
        NetAccess(dial=lambda info: dialled.append(info), own_addresses=lambda: frozenset({"93.184.216.99"}))
    )  # type: ignore[arg-type, return-value, func-returns-value]
    with pytest.raises(Closed, match="it leads to"):
        make((socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)))
    assert dialled == []


def test_a_socket_is_made_for_a_public_address() -> None:
    with guard_dial(NetAccess())((socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 443))) as made:
        assert made.family == socket.AF_INET


def test_our_own_addresses_are_numbers() -> None:
    for number in own_addresses():
        socket.inet_pton(socket.AF_INET6 if ":" in number else socket.AF_INET, number)
