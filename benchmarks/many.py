"""Collecting by many: how far one process that leads reaches, and what workers cost on one machine.

    python benchmarks/many.py simulated [--sizes 100000 1000000 10000000] [--workers 16]
    python benchmarks/many.py loopback  [--rounds 5]        needs nginx; in a network of its own, as collect.py

`simulated`: the whole of `collect` over a list of addresses: its ledger, leases, turns, files and account. Only
what lies outside is made up: workers answer without a network, provers without a decoder, and the clock jumps to
the next thing to be done, so that waiting for a host's turn costs nothing. Each host has a thousand addresses;
some hosts have rules, some ask for an hour, and a third of the answers are no photo (`answer_of`). Each size has a
process of its own. It prints addresses a second by the clock and by the processor, the most RssAnon above that at
the start, and exponents: log(ratio of costs) / log(ratio of sizes).
`loopback`: 3,000 photos of 250 hosts, the command itself asking against two workers, in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import math
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import collect
from multidict import CIMultiDict, CIMultiDictProxy
from quiet import clocks, foreign_cores
from record import Highest, record

from whatsit import events
from whatsit.collecting import collecting
from whatsit.collecting.many import client
from whatsit.collecting.options import CollectOptions, World
from whatsit.fetch.client import Got, Hop
from whatsit.fetch.errors import FetchError
from whatsit.fetch.manners import Clock

A_HOST = 1000  # addresses
TWINS = 8  # addresses that have the same photo
LATENCY_S = 0.2  # of the made-up answers
SHARES = {  # of a hundred addresses
    "404": range(0, 20),
    "403": range(20, 25),
    "a web page": range(25, 30),
    "cut short": range(30, 33),
    "moved": range(33, 38),  # to another host, which has the photo
}


def simulated(sizes: list[int], workers: int, work: Path | None) -> None:
    """Each size in a process of its own."""
    rows: list[dict[str, Any]] = []
    for size in sizes:
        place = ["--work", str(work)] if work else []
        command = [sys.executable, __file__, "one", "--sizes", str(size), "--workers", str(workers), *place]
        rows.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
        print(rows[-1], flush=True)
    figures = {"workers": workers, "rows": rows, "exponents": exponents(rows, "processor_s")}
    record("many", "simulated", figures, "aiohttp")


def exponents(rows: list[dict[str, Any]], cost: str) -> list[float]:
    """Of each size to the next."""
    return [
        round(math.log(more[cost] / less[cost]) / math.log(more["addresses"] / less["addresses"]), 3)
        for less, more in itertools.pairwise(rows)
    ]


def simulate(size: int, workers: int, work: Path | None) -> dict[str, Any]:
    """The figures of one size."""
    folder = Path(tempfile.mkdtemp(prefix="many-", dir=work))
    world = MadeUp(size)
    client.hire = world.hire  # type: ignore[assignment]
    collecting.Provers = world.provers  # type: ignore[assignment, misc]
    asyncio.set_event_loop_policy(JumpingPolicy())
    try:
        with (folder / "list.txt").open("w") as file:
            file.writelines(f"http://{world.host_of(number)}/{number}.jpg\n" for number in range(size))
        options = CollectOptions(
            source=(f"urls:{folder / 'list.txt'}",), contact="benchmark@example.org", workers=workers
        )
        before = clocks()
        began, began_processor = time.monotonic(), time.process_time()
        with Highest() as most, events.unheard():
            jumping = Clock(lambda: asyncio.get_running_loop().time(), asyncio.sleep)
            done = collecting.collect(
                folder / "data", [collecting.parse_class("class")], options, world=World(clock=jumping)
            )
        seconds, processor_s = time.monotonic() - began, time.process_time() - began_processor
        [one] = done.classes
        assert one.found == size
        return {
            "addresses": size,
            "hosts": world.hosts,
            "requests": world.requests,
            "states": dict(sorted(one.states.items())),
            "parked": len(done.parked),
            "seconds": round(seconds, 1),
            "processor_s": round(processor_s, 1),
            "addresses_a_second": round(size / seconds),
            "addresses_a_processor_second": round(size / processor_s),
            "rss_anon_mb": most[0],
            "simulated_h": round(world.ended_s / 3600, 1),
            "foreign_cores": foreign_cores(before),
        }
    finally:
        shutil.rmtree(folder)


class MadeUp:
    """What lies outside: hosts, the workers that ask them, and what proves files."""

    def __init__(self, size: int) -> None:
        self.hosts = max(1, size // A_HOST)
        self.requests = 0
        self.ended_s = 0.0

    def host_of(self, number: int) -> str:
        """The host of an address; as if by chance, as lists have them."""
        return f"h{(number * 2_654_435_761 % 2**32) % self.hosts}.example"

    async def hire(self, _start: object, _workers: object) -> Any:
        """A worker."""
        return self

    async def ask(self, hop: Hop) -> Got | FetchError:
        """What a worker gives back, after the time that a host takes."""
        self.requests += 1
        await asyncio.sleep(LATENCY_S)
        self.ended_s = asyncio.get_running_loop().time()
        house = int(hop.address.host[1:].partition(".")[0])
        if hop.address.target == "/robots.txt":
            rules = b"User-agent: *\nDisallow: /\n" if house % 50 == 7 else b""
            return got(hop, 200 if rules else 404, rules)
        if house % 100 == 11:
            return got(hop, 429, **{"Retry-After": "3600"})
        number = int(hop.address.target[1:].partition(".")[0])
        match answer_of(number) if "?" not in hop.address.target else "":
            case "404" | "403" as code:
                return got(hop, int(code))
            case "cut short":
                return FetchError("broken", "the answer broke off")
            case "moved":
                return got(hop, 302, Location=f"http://h{(house + 1) % self.hosts}.example/{number}.jpg?moved")
        assert isinstance(hop.sink, Path)
        hop.sink.touch()
        return got(hop, 200)

    async def ping(self) -> None:
        """It is there."""

    async def dismiss(self) -> None:
        """It ends."""

    def provers(self) -> Any:
        """What is asked whether a file is a photo."""
        return self

    async def verdict(self, path: Path, _side_px: int = 0) -> dict[str, Any]:
        """What `prove` says of the file of an address, whose candidate has the number that the file is called."""
        number = int(path.stem) - 1
        if answer_of(number) == "a web page":
            return {"kind": "not-photo", "reason": "a web page, 'Log in'"}
        digest = f"{number // TWINS * 0x9E3779B97F4A7C15 % 2**64:016x}" * 4
        facts = {"bytes": 0, "width": 640, "height": 480, "format": "JPEG"}
        return {"kind": "", "sha256": digest, "kept_sha256": digest, **facts}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


def got(hop: Hop, status: int, body: bytes = b"", **headers: str) -> Got:
    """An answer."""
    return Got(hop.address, status, CIMultiDictProxy(CIMultiDict(headers)), body, len(body))


def answer_of(number: int) -> str:
    """How an address answers; empty for a photo."""
    place = number * 2_246_822_519 % 2**32 * 100 >> 32
    return next((name for name, places in SHARES.items() if place in places), "")


class Jumping(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next thing to be done, instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self._jumped = 0.0
        select: Callable[[float | None], Any] = self._selector.select

        def jump(timeout: float | None) -> Any:
            self._jumped += timeout or 0.0
            return select(0 if timeout is not None else None)

        self._selector.select = jump

    def time(self) -> float:
        """The seconds that would have gone by."""
        return self._jumped


class JumpingPolicy(asyncio.DefaultEventLoopPolicy):
    """Has every loop jump."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """A loop that jumps."""
        return Jumping()


def loopback(rounds: int) -> None:
    """Photos a second of one process, and of one with two workers."""
    collect.enter_network()
    rates: dict[str, list[float]] = {"the command itself": [], "two workers": []}
    foreign = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        collect.make_photos(place / "photos", collect.PHOTOS, 500, 375)
        addresses = place / "list.txt"
        addresses.write_text("".join(f"http://{collect.host(n)}/{n}.jpg\n" for n in range(collect.PHOTOS)))
        with collect.nginx(place / "photos"):
            for _ in range(rounds):
                for name, workers in zip(rates, ("0", "2"), strict=True):
                    before, out = clocks(), place / "out"
                    began = time.monotonic()
                    command = collect.whatsit(out, addresses, "--workers", workers)
                    subprocess.run(command, env=collect.environment(place), check=True, capture_output=True)
                    seconds = time.monotonic() - began
                    foreign.append(foreign_cores(before))
                    assert sum(1 for _ in (out / "class").iterdir()) == collect.PHOTOS
                    rates[name].append(round(collect.PHOTOS / seconds, 1))
                    print(f"{name}: {rates[name][-1]} photos a second", file=sys.stderr, flush=True)
                    shutil.rmtree(out)
    ratios = [two / one for one, two in zip(*rates.values(), strict=True)]
    figures = {
        "photos": collect.PHOTOS,
        "hosts": collect.HOSTS,
        "photos a second": rates,
        "ratio, median of turns": round(statistics.median(ratios), 3),
        "foreign_cores": foreign,
    }
    record("many", "loopback", figures, "aiohttp", "pillow")


def main() -> None:
    """Measure a row and record it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=["simulated", "loopback", "one"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="a folder on a disk with room")
    given = parser.parse_args()
    if given.row == "one":  # a size of `simulated`, in its own process
        print(json.dumps(simulate(given.sizes[0], given.workers, given.work)))
    elif given.row == "simulated":
        simulated(given.sizes, given.workers, given.work)
    else:
        loopback(given.rounds)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
