"""Collecting by several processes: the same account, each host asked by one of them, whatever hosts do."""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from many_page import page_commands, run_as_written
from web.child import there
from web.collection import QUICK, environment, left, options
from web.faults import FAULTS, photo_of
from web.server import Reply, Request, Web, in_turn, redirect, status, whole
from web.services import Shelf, commons, hang, jpeg, openverse
from whatsit.collecting.account.yields import Yield
from whatsit.collecting.collecting import collect, parse_class
from whatsit.collecting.many.leases import owner_of
from whatsit.collecting.options import World
from whatsit.errors import UserError
from whatsit.fetch.manners import domain_of
from whatsit.files import hold_lock


@pytest.fixture(autouse=True)
def paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the workers find these tests."""
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])


@contextlib.contextmanager
def webs(certificates: Path, count: int) -> Iterator[list[Web]]:
    """Webs of their own, as hosts may answer otherwise the second time."""
    with contextlib.ExitStack() as open_:
        yield [open_.enter_context(Web(certificates)) for _ in range(count)]


def collected(web: Web, data: Path, workers: int, *classes: str, manners=QUICK, **how: object) -> Yield:
    place = web.place(data.with_suffix(".json"))
    wanted = options(workers=workers, **how)
    return collect(data, list(map(parse_class, classes)), wanted, world=World(there(place), manners=manners))


def hang_everything(web: Web, tmp_path: Path) -> str:
    """Every fault on a host of its own, redirects between hosts, twins, and rules; a list of the addresses."""
    addresses = []
    for number, name in enumerate(FAULTS):
        web.serves(f"host{number}.example", "/a.jpg", FAULTS[name](photo_of(name)).answer)
        addresses.append(f"http://host{number}.example/a.jpg")
    web.names("inside.example.net", ["10.0.0.7"])
    for number in range(12):  # a chain over four hosts; some of its photos are twins
        path = f"/{number}.jpg"
        for hop in range(3):
            web.serves(f"chain{hop}.example", path, redirect(f"http://chain{hop + 1}.example{path}"))
        web.serves("chain3.example", path, whole(jpeg(5000 + number // 3)))
        addresses.append(f"http://chain0.example{path}")
        addresses.append(f"http://chain3.example{path}?again")
    web.serves("chain0.example", "/long.jpg", redirect("http://long0.example/"))
    for hop in range(8):
        web.serves(f"long{hop}.example", "/", redirect(f"http://long{hop + 1}.example/"))
    web.serves("chain0.example", "/busy.jpg", redirect("http://busy.example/a.jpg"))
    web.serves("busy.example", "/a.jpg", in_turn(status(503, Retry_After="1"), whole(jpeg(6000))))
    web.serves("closed.example", "/robots.txt", whole(b"User-agent: *\nDisallow: /private/", "text/plain"))
    web.serves_all("closed.example", whole(jpeg(6001)))
    web.serves("moved.example", "/robots.txt", redirect("http://rules.example/robots.txt"))
    web.serves("rules.example", "/robots.txt", whole(b"User-agent: *\nDisallow: /no/", "text/plain"))
    web.serves_all("moved.example", whole(jpeg(6002)))
    web.serves("later.example", "/robots.txt", status(503)).serves_all("later.example", whole(jpeg(6003)))
    more = (
        "chain0.example/long.jpg",
        "chain0.example/busy.jpg",
        "closed.example/a.jpg",
        "closed.example/private/a.jpg",
    )
    more += ("moved.example/no/a.jpg", "moved.example/a.jpg", "later.example/a.jpg", "10.0.0.1/a.jpg")
    (tmp_path / "list.txt").write_text("\n".join([*addresses, *(f"http://{one}" for one in more)]))
    return f"urls:{tmp_path / 'list.txt'}"


def test_the_account_is_that_of_one_process_whatever_hosts_do(certificates: Path, tmp_path: Path) -> None:
    with webs(certificates, 2) as (alone, shared):
        for web, workers, data in ((alone, 0, tmp_path / "alone"), (shared, 3, tmp_path / "shared")):
            source = hang_everything(web, tmp_path)
            done = collected(web, data, workers, "cat", source=(source,), per_class=None)
        assert left(tmp_path / "shared") == left(tmp_path / "alone")
        assert done.classes[0].states["kept"] >= 15
        assert {"private", "redirect", "robots", "opt-out", "robots-later", "status"} <= set(done.classes[0].kinds)
        for name in ("addresses.csv",):
            one, other = (tmp_path / data / ".whatsit" / name for data in ("alone", "shared"))
            assert one.read_bytes() == other.read_bytes()
        assert list((tmp_path / "shared" / ".whatsit" / "incoming").iterdir()) == []
        assert asked(shared) == asked(alone)


def asked(web: Web) -> Counter[tuple[str, str]]:
    """How often what was asked for, of whom."""
    return Counter((request.host, request.path) for request in web.requests)


def test_searches_and_photos_of_several_classes_come_out_alike(certificates: Path, tmp_path: Path) -> None:
    with webs(certificates, 2) as found:
        for web, workers in zip(found, (0, 2), strict=True):
            shelf = Shelf()
            openverse(web, shelf)
            commons(web, shelf)
            shelf.items["kite"] = hang(web, "kite", 60)
            shelf.items["hawk"] = [*shelf.items["kite"][2:5], *hang(web, "hawk", 60)]
            done = collected(web, tmp_path / str(workers), workers, "kite", "hawk", per_class=30)
            assert [one.photos for one in done.classes] == [30, 30]
        assert left(tmp_path / "0") == left(tmp_path / "2")
        assert asked(found[0]) == asked(found[1])
        assert Counter(request.host for request in found[1].requests)["photos0.example.org"] > 10


def test_each_domain_is_asked_by_the_worker_that_it_belongs_to(certificates: Path, tmp_path: Path) -> None:
    hosts = [f"{name}.site{number}.example" for number in range(12) for name in ("a", "b")]
    with Web(certificates) as web:
        agents: dict[str, set[int]] = {}

        async def answer(request: Request, reply: Reply) -> None:
            port = reply.writer.get_extra_info("peername")[1]
            agents.setdefault(domain_of(request.host), set()).add(port)
            await whole(jpeg(len(agents) * 100 + hosts.index(request.host)))(request, reply)

        for host in hosts:
            web.serves_all(host, answer).serves(host, "/robots.txt", status(404))
        (tmp_path / "list.txt").write_text("\n".join(f"http://{host}/{n}.jpg" for host in hosts for n in range(3)))
        collected(web, tmp_path / "data", 2, "cat", source=(f"urls:{tmp_path / 'list.txt'}",), per_class=None)
    # a connection is of one process: no port that served one worker's domains served another's
    sides = [owner_of(domain, [0, 1]) for domain in agents]
    ports = [
        set().union(*(agents[domain] for domain, side in zip(agents, sides, strict=True) if side == one))
        for one in (0, 1)
    ]
    assert ports[0]
    assert ports[1]
    assert not ports[0] & ports[1]


def test_pace_and_connections_of_a_domain_hold_for_all_workers_together(
    certificates: Path, tmp_path: Path
) -> None:
    manners = replace(QUICK, usual=replace(QUICK.usual, connections=2, starts_per_s=20.0))
    with Web(certificates) as web:
        for host in ("a.site.example", "b.site.example"):
            web.serves_all(host, whole(jpeg(ord(host[0])))).serves(host, "/robots.txt", status(404))
        lines = [f"http://{host}.site.example/{number}.jpg" for number in range(10) for host in "ab"]
        (tmp_path / "list.txt").write_text("\n".join(lines))
        source = (f"urls:{tmp_path / 'list.txt'}",)
        collected(web, tmp_path / "data", 3, "cat", manners=manners, source=source, per_class=None)
        times = sorted(request.time for request in web.requests)
    assert len(times) == 22
    assert times[-1] - times[0] >= 21 / 20 - 0.1


def test_a_host_that_asks_to_be_left_alone_is_left_alone_by_all(certificates: Path, tmp_path: Path) -> None:
    with Web(certificates) as web:
        web.serves_all("a.example", status(429, Retry_After="86400")).serves(
            "a.example", "/robots.txt", status(404)
        )
        (tmp_path / "list.txt").write_text("\n".join(f"http://a.example/{number}.jpg" for number in range(30)))
        done = collected(
            web, tmp_path / "data", 2, "cat", source=(f"urls:{tmp_path / 'list.txt'}",), per_class=None
        )
        assert len(web.requests) <= 1 + QUICK.usual.connections
    assert done.parked == {"a.example": "a.example asks for a pause of 86400 s"}
    assert done.classes[0].states == {"later": 30}


def test_the_command_of_the_page_runs_as_written(web: Web, tmp_path: Path) -> None:
    [here, on_a_cluster] = page_commands()
    assert "--engine" not in here
    assert "--engine" in on_a_cluster  # test_ray.py runs it
    run_as_written(web, tmp_path, here)


# What can be wrong


@pytest.mark.parametrize("count", [-1, 257, 10**9])
def test_so_many_workers_cannot_be_had(data: Path, count: int) -> None:
    with pytest.raises(UserError, match="workers cannot be had"):
        collect(data, [parse_class("cat")], options(workers=count))
    assert not data.exists()


def test_one_collection_leads_at_a_time(certificates: Path, data: Path) -> None:
    (data / ".whatsit").mkdir(parents=True)
    with (
        Web(certificates) as web,
        hold_lock(data / ".whatsit" / "collect.lock", ""),
        pytest.raises(UserError, match="Another whatsit is collecting into"),
    ):
        collected(web, data, 2, "cat")


def test_a_worker_that_cannot_write_ends_the_run_with_a_sentence_and_it_can_be_repeated(
    certificates: Path, data: Path, tmp_path: Path
) -> None:
    incoming = data / ".whatsit" / "incoming"
    with Web(certificates) as web:

        async def take_away(request: Request, reply: Reply) -> None:
            if not (tmp_path / "taken").exists():
                (tmp_path / "taken").touch()
                shutil.rmtree(incoming)
            await whole(jpeg(1))(request, reply)

        web.serves("a.example", "/1.jpg", take_away).serves("b.example", "/2.jpg", whole(jpeg(2)))
        (tmp_path / "list.txt").write_text("http://a.example/1.jpg\nhttp://b.example/2.jpg")
        source = (f"urls:{tmp_path / 'list.txt'}",)
        with pytest.raises(UserError, match="could not be written: No such file or directory"):
            collected(web, data, 2, "cat", source=source, per_class=None)
        [one] = collected(web, data, 2, "cat", source=source, per_class=None).classes
    assert one.states == {"kept": 2}


def test_a_world_that_cannot_travel_is_refused_with_a_sentence(certificates: Path, data: Path) -> None:
    with Web(certificates) as web, pytest.raises(UserError, match="cannot travel"):
        collect(data, [parse_class("cat")], options(workers=2), world=World(web.net(), manners=QUICK))
    assert not any(data.rglob("*.part"))
