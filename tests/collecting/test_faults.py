"""A web of faults: every photo that can be had is had, nothing else is on disk, every address has its reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from web.collection import QUICK, names, options
from web.faults import FAULTS, OK, SLOW_FAULTS, Fault, photo_of
from web.server import Web, raw, whole
from whatsit.collecting.collecting import collect, parse_class
from whatsit.collecting.options import World
from whatsit.data import catalog
from whatsit.fetch import client
from whatsit.fetch.errors import FetchError
from whatsit.fetch.guard import why_forbidden
from whatsit.fetch.polite import PHOTO_LIMITS


def _hang(web: Web, shelf: dict[str, Fault]) -> dict[str, str]:
    """Put each fault on a host of its own; its address by its name."""
    addresses = {}
    for number, name in enumerate(shelf):
        host = f"host{number}.example"
        web.serves(host, "/a.jpg", shelf[name].answer)
        addresses[name] = f"http://{host}/a.jpg"
    return addresses


@pytest.fixture
def inside(web: Web) -> Web:
    """A web with something private that must never be asked."""
    return web.names("inside.example.net", ["10.0.0.7"]).serves_all("127.0.0.1", whole(b"secret"))


def test_every_fault_comes_to_its_end_and_nothing_else_is_kept(data: Path, inside: Web, tmp_path: Path) -> None:
    shelf = {name: fault(photo_of(name)) for name, fault in FAULTS.items()}
    addresses = _hang(inside, shelf)
    (tmp_path / "list.txt").write_text("\n".join(addresses.values()))

    wanted = options(source=(f"urls:{tmp_path / 'list.txt'}",), per_class=None)
    collect(data, [parse_class("cat")], wanted, world=World(inside.net(), manners=QUICK))

    with catalog.open_catalog(data) as known:
        query = "SELECT address, state, kind, reason FROM candidates"
        became = {address: (state, kind, reason) for address, state, kind, reason in known.rows(query)}
    wrong = {
        name: became[addresses[name]]
        for name, fault in shelf.items()
        if became[addresses[name]][0] != fault.state
        or became[addresses[name]][1] not in (fault.kinds.split() or [""])
    }
    assert wrong == {}
    assert all(reason for state, _kind, reason in became.values() if state != "kept")
    good = [name for name, fault in shelf.items() if fault.state == "kept"]
    assert len(names(data)) == len(good)
    assert {(data / name).read_bytes() for name in names(data)} == {photo_of(name) for name in good}
    assert list((data / ".whatsit" / "incoming").iterdir()) == []
    assert not any(why_forbidden(number) for number, _port in inside.dialled)


@pytest.mark.parametrize("name", SLOW_FAULTS)
def test_what_drips_or_hangs_is_cut(name: str, data: Path, web: Web, tmp_path: Path) -> None:
    _hang(web, {name: SLOW_FAULTS[name](photo_of(name))})
    (tmp_path / "list.txt").write_text("http://host0.example/a.jpg")
    world = World(web.net(), manners=replace(QUICK, tries=1), limits=replace(PHOTO_LIMITS, deadline_s=0.5))

    wanted = options(source=(f"urls:{tmp_path / 'list.txt'}",), per_class=None)
    done = collect(data, [parse_class("cat")], wanted, world=world)

    assert done.classes[0].states == {"later": 1}
    assert done.classes[0].kinds == {"timeout": 1}
    assert names(data) == []


def test_a_host_that_is_slower_than_the_least_speed_is_cut(web: Web) -> None:

    web.serves("slow.example", "/a.jpg", raw(OK + b"\r\n" + b"x" * 100_000, 0.02, 100))

    async def slow() -> None:
        async with client.Client(replace(PHOTO_LIMITS, least_bytes_s=50_000, grace_s=0.2), web.net()) as one:
            await one.get("http://slow.example/a.jpg")

    with pytest.raises(FetchError, match="slower than 50 kB/s"):
        asyncio.run(slow())
