"""Limits: how often one client may ask, and how much may be in memory."""

from __future__ import annotations

import pytest

from whatsit.serving.door.limits import REMEMBERED, SMALL_BODY, Budget, Rate, network_of
from whatsit.serving.door.refusals import Refused


def refused_after(rate: Rate, address: str, now: float) -> Refused | None:
    try:
        rate.check(address, now)
    except Refused as refused:
        return refused
    return None


def test_a_client_may_send_a_burst_and_is_then_told_when_to_come_back() -> None:
    rate = Rate(per_s=0.5, burst=3)
    assert [refused_after(rate, "192.0.2.7", 0.0) for _ in range(3)] == [None] * 3
    refused = refused_after(rate, "192.0.2.7", 0.0)
    assert refused is not None
    assert refused.refusal.status == 429
    assert dict(refused.refusal.headers)["retry-after"] == "2"
    assert refused_after(rate, "192.0.2.8", 0.0) is None
    assert refused_after(rate, "192.0.2.7", 2.0) is None


def test_a_whole_ipv6_network_counts_as_one_client() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2")
    assert network_of("2001:db8::1") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.7") == "192.0.2.7"


def test_this_machine_is_not_limited_and_no_rate_is_no_limit() -> None:
    rate = Rate(per_s=0.001, burst=1)
    assert [refused_after(rate, "127.0.0.1", 0.0) for _ in range(5)] == [None] * 5
    endless = Rate(per_s=0, burst=1)
    assert [refused_after(endless, "192.0.2.7", 0.0) for _ in range(5)] == [None] * 5


def test_clients_beyond_what_is_remembered_cost_no_memory() -> None:
    rate = Rate(per_s=1, burst=1)
    for number in range(REMEMBERED + 50):
        rate.check(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 0.0)
    assert len(rate._clients) == REMEMBERED


def test_bytes_are_given_back_when_a_request_ends() -> None:
    budget = Budget(100)
    with budget.share() as first, budget.share() as second:
        first.arrive(60)
        with pytest.raises(Refused):
            second.arrive(41)
        assert second.held == 0
    with budget.share() as third:
        third.arrive(100)
    assert budget.held == 0


def test_a_large_body_has_all_of_its_bytes_counted_before_they_come() -> None:
    budget = Budget(8 * SMALL_BODY)
    with budget.share() as first, budget.share() as second:
        first.arrive(SMALL_BODY, declared=3 * SMALL_BODY)
        assert budget.held == SMALL_BODY  # who has said much and sent little takes little
        first.arrive(1, declared=3 * SMALL_BODY)
        assert (budget.held, budget.held_large) == (3 * SMALL_BODY, 3 * SMALL_BODY)
        second.arrive(SMALL_BODY, declared=2 * SMALL_BODY)
        with pytest.raises(Refused):  # of the large ones, no more than half of all
            second.arrive(1, declared=2 * SMALL_BODY)
    assert (budget.held, budget.held_large) == (0, 0)


def test_large_bodies_leave_room_for_small_ones() -> None:
    budget = Budget(4 * SMALL_BODY)
    with budget.share() as large, budget.share() as small:
        large.arrive(2 * SMALL_BODY)
        small.arrive(SMALL_BODY)
        with pytest.raises(Refused):
            large.arrive(1)
        assert budget.held == 3 * SMALL_BODY


def test_a_body_of_unknown_length_is_counted_as_it_comes() -> None:
    budget = Budget(4 * SMALL_BODY)
    with budget.share() as share:
        for _ in range(2):
            share.arrive(SMALL_BODY)
        assert (budget.held, budget.held_large) == (2 * SMALL_BODY, 2 * SMALL_BODY)
