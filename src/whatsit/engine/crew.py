"""Pieces of work handed out to processes of a Ray cluster, one a core, by the one process that leads.

A process is an actor of Ray. It is hired when there is work for it, says which versions it has before it gets any,
and may end at any moment, with its machine or alone: what it had not given back is then handed to another. Pieces
travel in shards that are sized by what the shards before them took. Results come back to the leader, in order, and
only the leader writes.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from whatsit.engine.shard import Done, explain_difference, list_versions, pickle_to_travel
from whatsit.errors import UserError
from whatsit.events import note
from whatsit.version import __version__

SHARD_S = 0.3  # a shard is to take: a thousandth of it is what handing it out costs
SHARD_BYTES = 4 << 20  # at most what a shard gives back, as far as it can be told from the one before
MOST_PIECES = 1024  # a shard
AT_ONCE = 2  # shards a process has: it begins the second while the first travels
AHEAD = 3  # shards a process that are taken ahead of what was yielded
MOST_LOSSES = 3  # of one shard: whatever ends a process so often will do so again
LISTEN_S = 0.5  # how long the cluster is waited for before Ctrl-C is looked for
TELL_S, PATIENCE_S = 10, 600  # without any core: when it is told, and when it is given up


@dataclass(frozen=True)
class Job:
    """The function of a call, pickled: a digest of its bytes, and where in the cluster they lie."""

    digest: bytes
    place: Any


@dataclass(eq=False)
class Shard:
    """Pieces of a job that travel together; what came of them, once it has."""

    job: Job
    pieces: bytes
    count: int
    done: Done | None = None
    losses: int = 0
    is_wanted: bool = True


@dataclass(eq=False)
class Member:
    """A process of the crew: its actor, whether it has said its versions, and how many shards it has."""

    actor: Any
    is_ready: bool = False
    shards: int = 0


class Crew:
    """The processes, and what each is doing; one for all calls of a verb, as a process takes seconds to begin."""

    def __init__(self, ray: Any, count: int) -> None:
        """
        ray:   the library, connected to a cluster
        count: processes at most
        """
        self.count = count
        self.ray = ray
        self._class = _make_class(ray)
        self.lost = (
            ray.exceptions.RayActorError,
            ray.exceptions.ObjectLostError,
            ray.exceptions.WorkerCrashedError,
            ray.exceptions.NodeDiedError,
            ray.exceptions.OutOfMemoryError,
        )
        self._full = (ray.exceptions.ObjectStoreFullError, ray.exceptions.OutOfDiskError)
        self._members: list[Member] = []
        self._waiting: deque[Shard] = deque()
        self._running: dict[Any, tuple[Member, Shard | None]] = {}  # by what Ray will have the result under
        self._never_began = 0
        self._one_at_a_time = threading.RLock()

    def each(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield `work(item)` for each item, in order; see `whatsit.engine.each`."""
        job, source, size = self._put(work), iter(items), 1
        window: deque[Shard] = deque()
        try:
            while True:
                while len(window) < AHEAD * self.count and (pieces := list(itertools.islice(source, size))):
                    window.append(Shard(job, pickle_to_travel(pieces, "A piece of this work"), len(pieces)))
                    with self._one_at_a_time:
                        self._waiting.append(window[-1])
                        self._hand_out()
                if not window:
                    return
                if (done := window[0].done) is None:
                    self._settle()
                    continue
                size = _choose_size(window.popleft().count, done)
                results, error = done.open()
                yield from results
                if error is not None:
                    raise error
        finally:
            for shard in window:
                shard.is_wanted = False

    def dismiss(self) -> None:
        """End all processes; the next call hires others."""
        with self._one_at_a_time:
            for member in self._members:
                self.ray.kill(member.actor)
            self._members.clear()
            self._waiting.clear()
            self._running.clear()

    def _put(self, work: Callable[[Any], Any]) -> Job:
        content = pickle_to_travel(work, "This work")
        try:
            place = self.ray.put(np.frombuffer(content, np.uint8))  # an array is read there without a copy
        except self._full as error:
            raise _no_room(error) from None
        return Job(hashlib.blake2b(content, digest_size=16).digest(), place)

    def _hand_out(self) -> None:
        """Give waiting shards to who has fewest; hire where all have enough to do."""
        while self._waiting:
            if not self._waiting[0].is_wanted:
                self._waiting.popleft()
                continue
            ready = [member for member in self._members if member.is_ready and member.shards < AT_ONCE]
            if not ready:
                break
            member, shard = min(ready, key=lambda one: one.shards), self._waiting.popleft()
            member.shards += 1
            reply = member.actor.do.remote(shard.job.digest, shard.job.place, shard.pieces)
            self._running[reply] = member, shard
        for _ in range(min(len(self._waiting), self.count - len(self._members))):
            member = Member(self._class.remote())
            self._members.append(member)
            self._running[member.actor.meet.remote(__version__)] = member, None

    def _settle(self) -> None:
        """Wait until something has come back, and hand out what can be done now."""
        began, is_told = time.monotonic(), False
        while True:
            with self._one_at_a_time:
                self._hand_out()
                replies = list(self._running)
            if not replies:  # another thread has received it
                return
            ended, _ = self.ray.wait(replies, timeout=LISTEN_S)
            with self._one_at_a_time:
                for reply in ended:
                    if reply in self._running:
                        self._receive(reply)
                self._hand_out()
                if ended or any(member.is_ready for member in self._members):
                    return
            waited_s = time.monotonic() - began
            if waited_s > TELL_S and not is_told:
                note("Waiting for a free core of the cluster.")
                is_told = True
            if waited_s > PATIENCE_S:
                raise UserError(
                    f"No core of the cluster was free for {PATIENCE_S // 60} minutes.",
                    hint="`ray status` says what its cores are doing.",
                )

    def _receive(self, reply: Any) -> None:
        member, shard = self._running.pop(reply)
        try:
            value = self.ray.get(reply)
        except self._full as error:
            raise _no_room(error) from None
        except self.lost as error:
            self._lose(member, shard, error)
            return
        if shard is None:
            machine, versions = value
            if (problem := explain_difference(list_versions(), versions, machine)) is not None:
                raise problem
            member.is_ready, self._never_began = True, 0
        else:
            member.shards -= 1
            shard.done = value

    def _lose(self, member: Member, shard: Shard | None, error: Exception) -> None:
        """Do without a process that has ended, or cannot be reached; what it was doing waits for another."""
        if member in self._members:
            self._members.remove(member)
            self.ray.kill(member.actor)  # one that could not be reached may be there again
        if shard is not None:
            shard.losses += 1
            self._waiting.appendleft(shard)
        else:
            self._never_began += 1
        if (shard is not None and shard.losses > MOST_LOSSES) or self._never_began > MOST_LOSSES + self.count:
            reason = str(error).strip().split("\n")[0].rstrip(".")
            what = "at the same photos" if shard is not None else "as they began"
            raise UserError(
                f"Processes of the cluster were ended {MOST_LOSSES + 1} times {what} ({reason}).",
                hint="Their memory may have run out: give a machine fewer cores (`ray start --num-cpus`).",
            ) from error


def make_meeting() -> Callable[[Any, str], tuple[str, dict[str, str]]]:
    """What an actor is asked first: its machine's name and its versions. Made in a function, as its class is."""

    def meet(_actor: Any, version: str) -> tuple[str, dict[str, str]]:
        import platform

        try:
            from whatsit.version import __version__ as found
        except ImportError:
            found = "none"
        if found != version:
            return platform.node(), {"whatsit": found}
        from whatsit.engine.shard import list_versions

        return platform.node(), list_versions()

    return meet


def _make_class(ray: Any) -> Any:
    """The class of the actors. It is made in a function so that it travels as code: over there may be another
    whatsit, or none."""

    class Whatsit:
        meet = make_meeting()

        def do(self, digest: bytes, work: Any, shard: bytes) -> Any:
            from whatsit.engine.shard import do_shard

            return do_shard(digest, work, shard)

    return ray.remote(num_cpus=1, max_restarts=0)(Whatsit)


def _choose_size(size: int, done: Done) -> int:
    """How many pieces the next shard gets, by what one of so many took; it grows in steps."""
    by_time = size * SHARD_S / max(done.seconds, 1e-6)
    by_bytes = size * SHARD_BYTES / max(done.bytes, 1)
    return max(1, int(min(by_time, by_bytes, 4 * size, MOST_PIECES)))


def _no_room(error: Exception) -> UserError:
    reason = str(error).strip().split("\n")[0]
    return UserError(
        f"The object store of the cluster is full ({reason}).",
        hint="Start its machines with more: `ray start --object-store-memory=BYTES`, below the size of /dev/shm.",
    )
