"""Looking names up: on threads of its own, remembered, judged."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence

from whatsit.fetch.errors import FetchError
from whatsit.fetch.net import Names, NetAccess


def resolved(
    net: NetAccess, *names: str, remember_s: float = 300.0, timeout_s: float = 1.0
) -> list[list[str] | str]:
    async def one(resolver: Names, name: str) -> list[str] | str:
        try:
            return [str(answer["host"]) for answer in await resolver.resolve(name, 80)]
        except FetchError as error:
            return error.kind

    async def run() -> list[list[str] | str]:
        resolver = Names(net, timeout_s, remember_s)
        try:
            return [await one(resolver, name) for name in names]
        finally:
            await resolver.close()

    return asyncio.run(run())


class Book:
    """A resolver that counts."""

    def __init__(self, *answers: Sequence[str] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_name_is_looked_up_once_while_it_is_remembered() -> None:
    book = Book(["93.184.215.14"])
    assert resolved(NetAccess(book), "a.example", "a.example") == [["93.184.215.14"]] * 2
    assert book.asked == ["a.example"]


def test_nothing_is_remembered_where_each_fetch_asks_anew() -> None:
    book = Book(["93.184.215.14"], ["10.0.0.1"])
    assert resolved(NetAccess(book), "a.example", "a.example", remember_s=0) == [["93.184.215.14"], "private"]


def test_no_such_name_is_final_and_remembered() -> None:
    book = Book(socket.gaierror(socket.EAI_NONAME, "unknown"))
    assert resolved(NetAccess(book), "a.example", "a.example") == ["dns", "dns"]
    assert len(book.asked) == 1


def test_a_name_server_that_is_away_may_come_back() -> None:
    book = Book(socket.gaierror(socket.EAI_AGAIN, "try again"), ["93.184.215.14"])
    assert resolved(NetAccess(book), "a.example", "a.example") == ["dns-later", ["93.184.215.14"]]


def test_a_look_up_that_takes_too_long_is_given_up() -> None:
    block = threading.Event()

    def stuck(_name: str) -> list[str]:
        block.wait(5)
        return ["93.184.215.14"]

    try:
        assert resolved(NetAccess(stuck), "a.example", timeout_s=0.05) == ["dns-later"]
    finally:
        block.set()


def test_two_that_ask_for_one_name_share_the_look_up() -> None:
    book = Book(["93.184.215.14"])

    async def run() -> None:
        resolver = Names(NetAccess(book), 1.0, 300.0)
        await asyncio.gather(*(resolver.resolve("a.example") for _ in range(10)))
        await resolver.close()

    asyncio.run(run())
    assert len(book.asked) == 1


def test_at_most_two_addresses_are_tried() -> None:
    assert resolved(NetAccess(Book([f"93.184.215.{n}" for n in range(1, 6)])), "a.example") == [
        ["93.184.215.1", "93.184.215.2"]
    ]
