"""How often and how hard one host may be asked, and when to leave it alone.

Manners are kept per registered domain, since its many host names are one house: a few connections, a pace
of starts, slower after a "too many requests", faster again after many good answers; closed for a while
after several failures in a row, and left alone for the rest of the run when that does not help.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from whatsit.fetch.errors import FetchError


@dataclass(frozen=True)
class Pace:
    """What one domain is asked for: connections at once, and starts a second."""

    connections: int = 2
    starts_per_s: float = 1.0


@dataclass(frozen=True)
class Manners:
    """How we behave towards hosts.

    tries:      how often a photo is asked for before it is left for the next run; `slow_tries` where its host
                is too slow, since each of these costs much time
    backoff_s:  the longest wait before the second try; it doubles with each further one
    patience_s: a host that asks for a longer pause, or is so slow to ask that one start waits longer for the next,
                is left alone for the rest of the run
    rest_s:     how long a host that failed `failures` times in a row is left alone; doubles, then parked
    """

    usual: Pace = field(default_factory=Pace)
    connections: int = 128
    tries: int = 4
    slow_tries: int = 2
    backoff_s: float = 2.0
    patience_s: float = 120.0
    failures: int = 5
    rest_s: float = 15.0
    rests: int = 2


# What these houses ask for, or what they are known to bear (docs/collect.md has the sources)
KNOWN: dict[str, Pace] = {
    "wikimedia.org": Pace(2, 2.0),
    "staticflickr.com": Pace(1, 1.0),
    "flickr.com": Pace(1, 1.0),
    "openverse.org": Pace(1, 1 / 3),
    "inaturalist.org": Pace(1, 1 / 3),
    "inaturalist-open-data.s3.amazonaws.com": Pace(1, 1 / 3),
    "gbif.org": Pace(1, 1.0),
    "bing.com": Pace(1, 0.5),
    "duckduckgo.com": Pace(1, 0.5),
}

_SLOW_DOWN = (429, 503)
_OF_THE_HOST = (
    "connect",
    "timeout",
    "dns-later",
    "status-later",
)  # an answer that breaks off is the photo's fault
_GOOD_TO_SPEED_UP = 50
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"})
# names under these belong to as many owners as there are names
_SHARED = (
    "amazonaws.com",
    "blogspot.com",
    "cloudfront.net",
    "github.io",
    "googleusercontent.com",
    "wordpress.com",
)


@dataclass(frozen=True)
class Clock:
    """Time, handed in so that tests need not wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def domain_of(host: str) -> str:
    """The house a host belongs to: `upload.wikimedia.org` → `wikimedia.org`, `a.b.co.uk` → `b.co.uk`."""
    if host in KNOWN or host.replace(".", "").isdigit() or ":" in host or host.endswith(_SHARED):
        return host
    labels = host.split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if deep else labels[-2:])


@dataclass
class _Host:
    slots: asyncio.Semaphore
    starts_per_s: float
    usual_starts_per_s: float
    next_start: float = 0.0
    closed_until: float = 0.0
    failures: int = 0
    rests: int = 0
    good: int = 0
    parked: str = ""


class Hosts:
    """The state of all hosts in one run."""

    def __init__(self, manners: Manners, clock: Clock | None = None) -> None:
        self.manners = manners
        self._clock = clock or Clock()
        self._hosts: dict[str, _Host] = {}
        self._everywhere = asyncio.Semaphore(manners.connections)

    @asynccontextmanager
    async def turn(self, host: str, delay_s: float = 0.0) -> AsyncIterator[None]:
        """Wait until the host may be asked, and hold one of its connections for the block.

        delay_s: the least time between two starts that the host itself asks for.
        Raises FetchError "parked" where it is left alone for the rest of the run.
        """
        state = self._state(host)
        async with state.slots:
            while not state.parked and (wait_s := self._wait_s(state)) > 0:
                await self._clock.sleep(wait_s)
            if state.parked:
                raise FetchError("parked", state.parked)
            state.next_start = self._clock.now() + max(1 / state.starts_per_s, delay_s)
            async with self._everywhere:
                yield

    def went_well(self, host: str) -> None:
        """The host answered as hosts should."""
        state = self._state(host)
        state.failures = 0
        state.good += 1
        if state.good % _GOOD_TO_SPEED_UP == 0:
            state.starts_per_s = min(state.starts_per_s * 1.1, state.usual_starts_per_s)

    def went_badly(self, host: str, error: FetchError) -> None:
        """The host failed in a way that may pass, or asked to be left alone."""
        state = self._state(host)
        now = self._clock.now()
        if error.status in _SLOW_DOWN:
            state.starts_per_s /= 2
            if state.starts_per_s * self.manners.patience_s < 1:  # halved without end it would be asked for years
                self._park(state, host, f"wants to be asked less often than every {self.manners.patience_s:.0f} s")
        if error.retry_after_s is not None:
            if error.retry_after_s > self.manners.patience_s:
                self._park(state, host, f"asks for a pause of {error.retry_after_s:.0f} s")
            state.closed_until = max(state.closed_until, now + error.retry_after_s)
            return
        if error.kind not in _OF_THE_HOST:
            return
        state.failures += 1
        if state.failures >= self.manners.failures and now >= state.closed_until:
            state.rests += 1
            if state.rests > self.manners.rests:
                self._park(state, host, f"failed {state.failures} times in a row")
            state.closed_until = now + self.manners.rest_s * 2 ** (state.rests - 1)

    def parked(self) -> dict[str, str]:
        """The domains that are left alone, and why."""
        return {name: state.parked for name, state in self._hosts.items() if state.parked}

    def park(self, host: str, why: str) -> None:
        """Leave a host alone for the rest of the run."""
        self._park(self._state(host), host, why)

    def _park(self, state: _Host, host: str, why: str) -> None:
        state.parked = f"{domain_of(host)} {why}"

    def _wait_s(self, state: _Host) -> float:
        return max(state.next_start, state.closed_until) - self._clock.now()

    def _state(self, host: str) -> _Host:
        name = domain_of(host)
        if name not in self._hosts:
            usual = self.manners.usual
            known = KNOWN.get(name, usual)
            pace = known.starts_per_s if usual.starts_per_s <= Pace.starts_per_s else usual.starts_per_s
            self._hosts[name] = _Host(asyncio.Semaphore(known.connections), pace, pace)
        return self._hosts[name]


def backoff_s(manners: Manners, tries: int, chance: Callable[[float, float], float] = random.uniform) -> float:
    """The wait before a photo is asked for again after `tries` failures: full jitter, doubling."""
    return chance(0.0, manners.backoff_s * 2 ** (tries - 1))


def retry_after_s(value: str, wall_time: float) -> float | None:
    """The seconds a Retry-After header asks for (a number or a date); None where it says nothing usable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return max(1.0, float(value[:9]))
    try:
        ahead = parsedate_to_datetime(value).timestamp() - wall_time
    except (ValueError, TypeError, OverflowError):
        return None
    return ahead if ahead > 0 else None
