"""Pieces of work come back in order, on threads and on processes, with a bounded number in flight."""

from __future__ import annotations

import contextvars
import functools
import itertools
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from whatsit.engine import AHEAD_PER_WORKER, ALL_CORES, Workers, chosen, each, working_on
from whatsit.errors import UserError

THREADS, PROCESSES = Workers(2), Workers(2, processes=True)


def scaled(factor: int, rows: np.ndarray) -> np.ndarray:
    return rows * factor


def own_process(_item: int) -> int:
    return os.getpid()


def fails_at(place: int, item: int) -> int:
    if item == place:
        raise ValueError(f"at {item}")
    return item


def ends_itself(item: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return item


@pytest.mark.parametrize("workers", [THREADS, PROCESSES])
def test_results_come_in_the_order_of_the_items(workers):
    shards = np.array_split(np.arange(100), 20)
    found = np.concatenate(list(each(functools.partial(scaled, 3), shards, workers)))
    assert np.array_equal(found, 3 * np.arange(100))


def test_processes_are_others_and_threads_are_not():
    assert set(each(own_process, range(8), THREADS)) == {os.getpid()}
    others = set(each(own_process, range(8), PROCESSES))
    assert os.getpid() not in others
    assert len(others) <= 2


@pytest.mark.parametrize("workers", [THREADS, PROCESSES])
def test_an_exception_is_raised_at_its_items_turn(workers):
    results = each(functools.partial(fails_at, 5), range(10), workers)
    assert list(itertools.islice(results, 5)) == list(range(5))
    with pytest.raises(ValueError, match="at 5"):
        next(results)


@pytest.mark.parametrize("workers", [THREADS, PROCESSES])
def test_of_endless_items_only_a_few_are_taken_ahead(workers):
    taken = []
    items = (taken.append(number) or number for number in itertools.count())
    results = each(functools.partial(fails_at, -1), items, workers)
    assert list(itertools.islice(results, 30)) == list(range(30))
    results.close()
    assert len(taken) <= 30 + workers.count * AHEAD_PER_WORKER


def test_what_the_caller_listens_with_is_heard_from_on_threads():
    listener = contextvars.ContextVar("listener", default="nobody")
    listener.set("the caller")
    assert set(each(lambda _item: listener.get(), range(4), THREADS)) == {"the caller"}


def test_threads_end_with_the_caller_that_stops_asking():
    results = each(functools.partial(scaled, 2), map(np.arange, itertools.count()), THREADS)
    next(results)
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("whatsit")]


def test_a_process_that_the_system_ends_is_a_sentence():
    with pytest.raises(UserError, match="A worker process was ended"):
        list(each(ends_itself, range(3), PROCESSES))


def test_work_that_cannot_travel_is_refused_before_it_begins():
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        list(each(lambda item: item, range(3), PROCESSES))


def test_who_was_chosen_around_a_call_does_the_work():
    with working_on(PROCESSES):
        assert chosen() is PROCESSES
    assert chosen() is ALL_CORES


@pytest.mark.parametrize("name", ["rays", "threads=2", "", "dask"])
def test_an_engine_that_there_is_not_is_a_sentence(name):
    with pytest.raises(UserError, match="There is no engine"), working_on(name):
        pass


WITHOUT_RAY = """
import sys
sys.modules["ray"] = None
from whatsit.engine import working_on
with working_on("ray=127.0.0.1:1"):
    pass
"""


def test_a_cluster_without_ray_names_the_extra():
    done = subprocess.run([sys.executable, "-c", WITHOUT_RAY], stderr=subprocess.PIPE, text=True)
    assert "pip install 'whatsit[ray]'" in done.stderr
