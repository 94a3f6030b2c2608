"""Collecting by actors of a Ray cluster: the same account, whoever ends midway."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from clusters import PATHS, Cluster, running_cluster
from many_page import page_commands, run_as_written
from web.child import there
from web.collection import QUICK, left, options
from web.server import Web, in_turn, redirect, status, whole
from web.services import Shelf, commons, hang, openverse
from whatsit.collecting.collecting import collect, parse_class
from whatsit.collecting.options import World
from whatsit.engine import working_on
from whatsit.errors import UserError

pytest.importorskip("ray", reason="needs Ray: pip install 'whatsit[ray]'")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster("first", "second") as found:
        yield found


def run(web: Web, data: Path, engine: str, workers: int) -> None:
    """Collect two classes, some of whose photos are twins, moved, busy once, or not there."""
    shelf = Shelf()
    openverse(web, shelf)
    commons(web, shelf)
    shelf.items["kite"] = kites = hang(web, "kite", 80, hosts=8)
    shelf.items["hawk"] = [*kites[2:5], *hang(web, "hawk", 80, hosts=8)]
    web.serves("photos0.example.org", "/kite/0/0.jpg", redirect("http://photos5.example.org/kite/0/5.jpg"))
    web.serves("photos3.example.org", "/kite/0/3.jpg", status(404))
    busy = in_turn(status(503, Retry_After="1"), whole(b"no photo"))
    web.serves("photos6.example.org", "/hawk/0/6.jpg", busy)
    world = World(there(web.place(data.with_suffix(".json"))), manners=QUICK)
    with working_on(engine):
        collect(
            data, [parse_class("kite"), parse_class("hawk")], options(per_class=40, workers=workers), world=world
        )


def actors() -> list[int]:
    """The processes of the cluster that ask hosts."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if b"ray::Worker" in stat.read_bytes():
                found.append(int(stat.parent.name))
    return found


def meanwhile(web: Web, count: int, act: Callable[[], None]) -> Thread:
    """Do something as soon as so many requests have come."""

    def wait() -> None:
        while len(web.requests) < count:
            time.sleep(0.002)
        act()

    thread = Thread(target=wait)
    thread.start()
    return thread


def test_the_account_is_that_of_one_process_also_where_an_actor_ends(
    cluster: Cluster, certificates: Path, tmp_path: Path
) -> None:
    with Web(certificates) as alone:
        run(alone, tmp_path / "alone", "threads", 0)
    ended: list[int] = []

    def end_one() -> None:
        pid = actors()[0]
        os.kill(pid, signal.SIGKILL)
        ended.append(pid)

    with Web(certificates) as web:
        thread = meanwhile(web, 40, end_one)
        run(web, tmp_path / "shared", cluster.engine, 2)
        thread.join()
    assert len(ended) == 1
    assert left(tmp_path / "shared") == left(tmp_path / "alone")
    assert list((tmp_path / "shared" / ".whatsit" / "incoming").iterdir()) == []


@pytest.mark.slow
def test_a_machine_that_goes_changes_nothing(cluster: Cluster, certificates: Path, tmp_path: Path) -> None:
    cluster.join("third")
    with Web(certificates) as alone:
        run(alone, tmp_path / "alone", "threads", 0)
    with Web(certificates) as web:
        thread = meanwhile(web, 40, lambda: cluster.kill("third"))
        run(web, tmp_path / "shared", cluster.engine, 4)
        thread.join()
    assert left(tmp_path / "shared") == left(tmp_path / "alone")


@pytest.mark.slow
def test_the_command_of_the_page_runs_as_written(cluster: Cluster, web: Web, tmp_path: Path) -> None:
    [_here, on_a_cluster] = page_commands()
    run_as_written(web, tmp_path, on_a_cluster, RAY_ADDRESS=cluster.address)


@pytest.mark.slow
def test_a_machine_with_another_version_is_refused_by_name(certificates: Path, tmp_path: Path) -> None:
    (tmp_path / "whatsit").mkdir()
    (tmp_path / "whatsit" / "__init__.py").touch()
    (tmp_path / "whatsit" / "version.py").write_text('__version__ = "99.0"\n')
    with running_cluster() as cluster, Web(certificates) as web:
        cluster.join("other", (tmp_path, *PATHS))
        with pytest.raises(UserError, match=r"of the cluster has whatsit 99.0"):
            run(web, tmp_path / "data", cluster.engine, 3)
