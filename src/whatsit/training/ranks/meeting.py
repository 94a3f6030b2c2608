"""Where ranks wait for one another, and what is said when one fails, ends or hangs.

They leave words in a store that `torchrun` keeps. Waiting there has no limit, as reading ten million photos has
none: a rank that has ended is noticed by torchrun, which ends the others. While they train they exchange sums
instead (`sharing`), where one that does not answer is given up after `WHATSIT_PATIENCE` seconds.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import math
import os
import platform
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from whatsit import events
from whatsit.errors import UserError, missing_extra
from whatsit.records import decode_json
from whatsit.training.ranks import who
from whatsit.training.ranks.ending import Ended, EndSignal
from whatsit.training.ranks.rounds import find_round, look_again

PATIENCE, USUAL_PATIENCE_S = "WHATSIT_PATIENCE", 600
GRACE_S = 5.0  # how long a rank that lost others waits to hear who lost them too
TELLING_S = 1.0  # how long rank 0 is left to print: torchrun ends it when another rank has ended
Given = ParamSpec("Given")
Result = TypeVar("Result")
AGAIN = "The same command goes on after the last epoch that was whole."
_FAILED, _TOLD = "failed", "told"
_LOST = re.compile(r"gloo|nccl|dist\w*error|connection|timed? ?out|socket|broken pipe", re.IGNORECASE)


class Meeting:
    """The store as a rank uses it."""

    def __init__(self, store: Any) -> None:
        """store: torch's, that all ranks see"""
        self._store = store
        self._numbers = itertools.count()
        self._gone: list[int] = []
        self.put(f"host/{who.rank()}", platform.node())

    def put(self, key: str, value: Any) -> None:
        """Leave a value, anything that JSON holds, under a key."""
        self._store.set(key, json.dumps(value))

    def wait_for(self, key: str) -> Any:
        """What another rank leaves under a key. Raises UserError where meanwhile one says that it failed."""
        for _ in look_again(math.inf):
            if self._store.check([key]):
                break
            if self._store.check([_FAILED]):
                raise self._failure()
            events.honour_stop()
        return decode_json(self._store.get(key))

    def gather(self, value: Any) -> list[Any]:
        """What each rank has for this, in their order."""
        number = next(self._numbers)
        self.put(f"{number}/{who.rank()}", value)
        return [self.wait_for(f"{number}/{rank}") for rank in range(who.world())]

    @contextlib.contextmanager
    def in_order(self) -> Iterator[None]:
        """Let rank 0 do the block first; all leave it together."""
        number = next(self._numbers)
        if not who.leads():
            self.wait_for(f"{number}/led")
        yield
        if who.leads():
            self.put(f"{number}/led", True)
        self.gather(True)

    def tell_once(self, error: UserError, is_own: bool) -> UserError:
        """The error as it is to be told: by rank 0, or where that is gone by another; the rest end in silence.

        is_own: whether it is this rank that failed
        """
        if is_own and not who.leads() and not self._store.check([_FAILED]):
            self.put(_FAILED, {"rank": who.rank(), "sentence": error.sentence, "hint": error.hint})
        if not who.leads() and 0 not in self._gone:
            self._comes(_TOLD, 2 * GRACE_S)
        if self._store.add(_TOLD, 1) == 1:
            return error if who.leads() or not is_own else self._failure()
        time.sleep(TELLING_S)
        raise SystemExit(1)

    def say_lost(self) -> None:
        """Let the others know that this rank is not the one that is gone."""
        self.put(f"lost/{who.rank()}", True)

    def explain_loss(self, reason: str) -> UserError:
        """What is said where others no longer answer: which of them, by who has not noticed the same.

        reason: what was noticed, in torch's words; "" where torchrun ends this rank
        """
        self.say_lost()
        began = time.monotonic()
        others = [rank for rank in range(who.world()) if rank != who.rank()]
        gone = [one for one in others if not self._comes(f"lost/{one}", began + GRACE_S - time.monotonic())]
        self._gone = gone
        if self._store.check([_FAILED]):
            return self._failure()
        if not gone:
            noticed = f"The ranks have lost one another ({reason})." if reason else "torchrun ended the training."
            return UserError(noticed, hint=AGAIN)
        waited = re.search(r"timed? ?out", reason, re.IGNORECASE) is not None
        what = f"did not answer for {patience_s():g} seconds" if waited else "ended"
        return UserError(f"{self.name(*gone)} {what}, and the training with it.", hint=AGAIN)

    def name(self, *ranks: int) -> str:
        """Ranks as a sentence begins with them, each with its machine."""
        named = [f"{rank} (on {decode_json(self._store.get(f'host/{rank}'))})" for rank in ranks]
        return f"Rank {named[0]}" if len(named) == 1 else f"Ranks {', '.join(named[:-1])} and {named[-1]}"

    def _comes(self, key: str, limit_s: float) -> bool:
        """Whether something is left under a key in time."""
        return any(self._store.check([key]) for _ in look_again(limit_s))

    def _failure(self) -> UserError:
        """What the rank said that failed first."""
        said = decode_json(self._store.get(_FAILED))
        return UserError(f"{self.name(said['rank'])}: {said['sentence']}", hint=said["hint"])


_meeting: Meeting | None = None


def taking_part(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """Have it done together with other ranks, if torchrun started any. What all would say, rank 0 says."""

    @functools.wraps(work)
    def done_together(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        return work(*args, **kwargs) if who.world() == 1 else _take_part(lambda: work(*args, **kwargs))

    return done_together


def _take_part(work: Callable[[], Result]) -> Result:
    global _meeting
    meeting = _meeting = _open()
    from torch import distributed

    end = EndSignal(meeting.say_lost)
    try:  # here, not in a context manager: `Ended` may be raised in leaving one, before it sees what was raised
        with contextlib.nullcontext() if who.leads() else events.unheard():
            result = work()
        end.ignore()
        distributed.destroy_process_group()
        return result
    except UserError as error:
        end.ignore()
        raise _tell(meeting, error, "") from None
    except Ended:
        raise _tell(meeting, None, "") from None
    except RuntimeError as error:
        end.ignore()
        if not _LOST.search(f"{type(error).__name__} {error}"):
            raise
        raise _tell(meeting, None, str(error).strip().split("\n")[0]) from None
    except KeyboardInterrupt:
        if who.leads():
            raise
        raise SystemExit(130) from None
    finally:
        _meeting = None
        end.stop()


def _tell(meeting: Meeting, error: UserError | None, reason: str) -> UserError:
    """What this rank says at its end: its own error, or what has become of others."""
    try:
        found = error or meeting.explain_loss(reason)
        return meeting.tell_once(found, is_own=error is not None)
    except RuntimeError:  # the store is gone, with the torchrun that kept it
        return error or UserError("The ranks have lost the torchrun that brought them together.", hint=AGAIN)


def is_meeting() -> bool:
    """Whether there are other ranks, and this one takes part with them."""
    return _meeting is not None


def in_order() -> contextlib.AbstractContextManager[None]:
    """Let rank 0 do the block first, and the others then: what it fetched or computed is in the cache by then,
    where they see the same one. All leave the block together."""
    return contextlib.nullcontext() if _meeting is None else _meeting.in_order()


def check_alike(facts: Mapping[str, str]) -> None:
    """Raise UserError where a rank has another fact than rank 0. facts: what it is, in words → its value"""
    if _meeting is None:
        return
    found = _meeting.gather(dict(facts))
    for rank, theirs in enumerate(found):
        for fact, expected in found[0].items():
            if theirs.get(fact) != expected:
                raise UserError(
                    f"{_meeting.name(rank)} has other {fact} than rank 0: {theirs.get(fact)} and not {expected}.",
                    hint="Give all ranks one command, the same versions, and one folder of photos that all see.",
                )


def hand_out(value: Any = None) -> Any:
    """What rank 0 has to say at the end, for the others, who wait for it. value: rank 0's; anything JSON holds"""
    return value if _meeting is None else _meeting.gather(value if who.leads() else None)[0]


def patience_s() -> float:
    """How long a rank waits for others in the middle of training. Raises UserError where that is no time."""
    text = os.environ.get(PATIENCE, str(USUAL_PATIENCE_S))
    try:
        if 1 <= (found := float(text)) <= 1e6:
            return found
    except ValueError:
        pass
    raise UserError(f"{PATIENCE}={text} is no time in seconds.", hint=f"As in {PATIENCE}={USUAL_PATIENCE_S}")


def _open() -> Meeting:
    """Meet the others. Raises UserError where they do not come."""
    limit_s = patience_s()
    try:
        import torch
        from torch import distributed
        from torch.distributed.distributed_c10d import PrefixStore
        from torch.distributed.rendezvous import rendezvous
    except ImportError:
        raise missing_extra("torch", "train", "Training a network") from None
    os.environ.setdefault("TORCH_NCCL_BLOCKING_WAIT", "1")  # else a lost rank ends this process without a word
    try:
        limit = timedelta(seconds=limit_s)
        whole, rank, ranks = next(rendezvous("env://", timeout=limit))
        store = PrefixStore(f"whatsit/{find_round(PrefixStore('whatsit', whole), limit_s)}", whole)
        if distributed.is_initialized():  # an earlier training of this process
            distributed.destroy_process_group()
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        distributed.init_process_group(backend, store=store, rank=rank, world_size=ranks, timeout=limit)
        return Meeting(store)
    except (RuntimeError, ValueError, OSError) as error:
        raise UserError(
            f"The ranks did not find one another ({str(error).strip().splitlines()[0]}).",
            hint="Their machines have to reach each other; GLOO_SOCKET_IFNAME names the network to use.",
        ) from None
