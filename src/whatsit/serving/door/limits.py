"""What one client, and all together, may ask for at a time."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from whatsit.serving.door.refusals import BUSY, TOO_OFTEN, Refusal, Refused, retry_after

# Clients: an address and two numbers each, 230 bytes by tracemalloc, so 2.3 MB, which any server can spare.
# Beyond it the one unseen longest is forgotten, and may burst again.
REMEMBERED = 10_000
SMALL_BODY = 1 << 20  # bytes: photos for the web are smaller, those of phones larger


class Rate:
    """`per_s` requests a second from one client in the long run, `burst` at once. 0 a second: no limit.

    counts_this_machine: whether clients on this machine have the limit too
    """

    def __init__(self, per_s: float, burst: int, counts_this_machine: bool = False) -> None:
        self._per_s = per_s
        self._burst = burst
        self._counts_this_machine = counts_this_machine
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()  # → tokens left, at

    def check(self, address: str, now: float | None = None, refusal: Refusal = TOO_OFTEN) -> None:
        """Count a request from `address`. Raises Refused with the seconds to wait where it is one too many."""
        self._take(address, 1, now, refusal)

    def peek(self, address: str, now: float | None = None, refusal: Refusal = TOO_OFTEN) -> None:
        """What `check` would say, without counting."""
        self._take(address, 0, now, refusal)

    def _take(self, address: str, count: int, now: float | None, refusal: Refusal) -> None:
        if not self._per_s or (is_loopback(address) and not self._counts_this_machine):
            return
        now = time.monotonic() if now is None else now
        client = network_of(address)
        left, at = self._clients.pop(client, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._per_s)
        self._clients[client] = (left - count if left >= 1 else left, now)
        if len(self._clients) > REMEMBERED:
            self._clients.popitem(last=False)
        if left < 1:
            raise Refused(retry_after(refusal, math.ceil((1 - left) / self._per_s)))


def network_of(address: str) -> str:
    """Whom an address counts for: an IPv6 customer has a whole /64 of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket, or a proxy's "unknown"
        return ""
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def is_loopback(address: str) -> bool:
    """Whether an address is this machine itself; a word that only looks like one is none."""
    if address in ("127.0.0.1", "::1"):
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


class Budget:
    """The bytes of all bodies that are in memory together.

    A body that has grown beyond SMALL_BODY has all of its bytes counted at once, those to come too: else dozens of
    large ones would grow side by side until none of them fits. The large ones never take all there is.

    most:  of all bodies
    large: of the large ones among them, half of all by default
    """

    def __init__(self, most: int, large: int | None = None) -> None:
        self._most = most
        self._most_large = most // 2 if large is None else large
        self.held = 0
        self.held_large = 0

    @contextmanager
    def share(self) -> Iterator[BudgetShare]:
        """A share that grows as a body arrives, and is given back when the block ends."""
        share = BudgetShare(self)
        try:
            yield share
        finally:
            self.held -= share.held
            self.held_large -= share.held if share.is_large else 0

    def take(self, share: BudgetShare, more: int, is_large: bool) -> None:
        """Count more bytes of a share. Raises Refused where it would be too many."""
        large = (more if share.is_large else share.held + more) if is_large else 0
        if self.held + more > self._most or self.held_large + large > self._most_large:
            raise Refused(BUSY)
        self.held += more
        self.held_large += large


class BudgetShare:
    """The bytes that one request holds of a budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._arrived = 0
        self.held = 0
        self.is_large = False

    def arrive(self, count: int, declared: int = 0) -> None:
        """Count more bytes of this request that came; `declared` is how many it says it has. Raises Refused."""
        self._arrived += count
        is_large = self.is_large or self._arrived > SMALL_BODY
        needed = max(self._arrived, declared if is_large else 0)
        if needed > self.held:
            self._budget.take(self, needed - self.held, is_large)
            self.held = needed
        self.is_large = is_large
