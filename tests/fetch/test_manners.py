"""How often one host is asked, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from whatsit.fetch.errors import FetchError
from whatsit.fetch.manners import Clock, Hosts, Manners, Pace, backoff_s, domain_of, retry_after_s


class Time:
    """A clock that stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clock = Clock(lambda: self.now, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def on_hosts(manners: Manners, story: Callable[[Hosts, Time], Awaitable[None]]) -> None:
    async def run() -> None:
        time = Time()
        await story(Hosts(manners, time.clock), time)

    asyncio.run(run())


def test_starts_on_one_domain_are_a_pace_apart() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        starts = []
        for host in ("a.example.org", "b.example.org", "a.example.org"):
            async with hosts.turn(host):
                starts.append(time.now)
        assert starts == [0, 1, 2]

    on_hosts(Manners(), story)


def test_two_domains_do_not_wait_for_each_other() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        for number in range(5):
            async with hosts.turn(f"host{number}.example"):
                assert time.now == 0

    on_hosts(Manners(), story)


def test_no_more_connections_to_a_domain_than_allowed() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        open_now, most = 0, 0

        async def one() -> None:
            nonlocal open_now, most
            async with hosts.turn("a.example"):
                open_now += 1
                most = max(most, open_now)
                await time.clock.sleep(5)
                open_now -= 1

        await asyncio.gather(*(one() for _ in range(10)))
        assert most == 2

    on_hosts(Manners(), story)


def test_known_houses_have_their_own_pace() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        for _ in range(3):
            async with hosts.turn("api.openverse.org"):
                pass
        assert time.now == pytest.approx(6.0)  # 20 a minute

    on_hosts(Manners(), story)


def test_a_delay_that_the_host_asks_for_is_kept() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        for _ in range(2):
            async with hosts.turn("a.example", 7.0):
                pass
        assert time.now == 7.0

    on_hosts(Manners(), story)


def test_retry_after_is_waited_for_exactly() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        hosts.went_badly("a.example", FetchError("status-later", "", 429, 37.0))
        async with hosts.turn("a.example"):
            assert time.now == 37.0

    on_hosts(Manners(), story)


def test_a_host_that_asks_for_a_day_is_parked() -> None:
    async def story(hosts: Hosts, _time: Time) -> None:
        hosts.went_badly("a.example", FetchError("status-later", "", 429, 86_400.0))
        with pytest.raises(FetchError, match="asks for a pause of 86400 s") as parked:
            async with hosts.turn("a.example"):
                pass
        assert parked.value.kind == "parked"
        assert hosts.parked() == {"a.example": "a.example asks for a pause of 86400 s"}

    on_hosts(Manners(), story)


def test_too_many_requests_halves_the_pace_and_good_answers_bring_it_back() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        hosts.went_badly("a.example", FetchError("status-later", "", 429))
        for _ in range(2):
            async with hosts.turn("a.example"):
                pass
        assert time.now == 2.0
        for _ in range(2000):
            hosts.went_well("a.example")
        before = time.now
        for _ in range(3):
            async with hosts.turn("a.example"):
                pass
        assert time.now - before == pytest.approx(4.0)  # the first wait is of the slow pace still

    on_hosts(Manners(), story)


def test_a_host_that_never_has_enough_of_a_slower_pace_is_parked() -> None:
    async def ask_in_vain(hosts: Hosts, times: int) -> None:
        for _ in range(times):
            async with hosts.turn("a.example"):
                pass
            hosts.went_badly("a.example", FetchError("status-later", "", 429, 1.0))

    async def story(hosts: Hosts, time: Time) -> None:
        with pytest.raises(FetchError, match="wants to be asked less often than every 120 s") as parked:
            await ask_in_vain(hosts, 20)
        assert parked.value.kind == "parked"
        assert time.now < 2 * 120.0

    on_hosts(Manners(), story)


def test_failures_in_a_row_rest_a_host_and_then_park_it() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        error = FetchError("connect", "nobody")
        for _ in range(5):
            hosts.went_badly("a.example", error)
        async with hosts.turn("a.example"):
            assert time.now == 15.0
        hosts.went_badly("a.example", error)
        async with hosts.turn("a.example"):
            assert time.now == 45.0
        hosts.went_badly("a.example", error)
        with pytest.raises(FetchError, match="failed 7 times in a row"):
            async with hosts.turn("a.example"):
                pass

    on_hosts(Manners(), story)


def test_a_good_answer_forgives_failures() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        for _ in range(20):
            hosts.went_badly("a.example", FetchError("timeout"))
            hosts.went_well("a.example")
        async with hosts.turn("a.example"):
            assert time.now == 0

    on_hosts(Manners(), story)


def test_a_pace_of_ones_own_holds_for_known_houses_too() -> None:
    async def story(hosts: Hosts, time: Time) -> None:
        for _ in range(11):
            async with hosts.turn("upload.wikimedia.org"):
                pass
        assert time.now == pytest.approx(0.1)

    on_hosts(Manners(usual=Pace(2, 100.0)), story)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("upload.wikimedia.org", "wikimedia.org"),
        ("thumb.wikimedia.org", "wikimedia.org"),
        ("live.staticflickr.com", "staticflickr.com"),
        ("a.b.co.uk", "b.co.uk"),
        ("www.example.com.au", "example.com.au"),
        ("example", "example"),
        ("93.184.215.14", "93.184.215.14"),
        ("2606:4700::1111", "2606:4700::1111"),
        ("bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com"),
        ("me.github.io", "me.github.io"),
    ],
)
def test_a_host_belongs_to_a_house(host: str, domain: str) -> None:
    assert domain_of(host) == domain


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("37", 37.0),
        (" 0 ", 1.0),
        ("86400", 86400.0),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", None),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_a_number_or_a_date_ahead(value: str, seconds: float | None) -> None:
    assert retry_after_s(value, 1795262400.0) == seconds


def test_backoff_doubles_and_is_spread_from_nothing() -> None:
    manners = Manners(backoff_s=4.0)
    assert [backoff_s(manners, tries, lambda low, high: low + high) for tries in (1, 2, 3)] == [4.0, 8.0, 16.0]
