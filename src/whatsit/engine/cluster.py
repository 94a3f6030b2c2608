"""The cluster that work is done on: found, joined, or begun on this machine for as long as it is needed.

The one place that imports Ray. Its head and its machines are started by whoever runs them (`ray start`); photos
and cache lie where all of them see them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whatsit.engine.cores import cores
from whatsit.engine.crew import Crew
from whatsit.errors import UserError, missing_extra
from whatsit.events import note
from whatsit.words import human_bytes

STORE_BYTES = 256 << 20  # the object store of a cluster that is begun here: it holds a few shards a core
KNOCK_S = 5.0
SETTINGS = {  # what Ray reads as it is imported
    "RAY_USAGE_STATS_ENABLED": "0",  # what a cluster that begins here would tell its makers
    "RAY_NUM_REDIS_GET_RETRIES": "3",  # each takes some 15 s where something else listens at the address
}
SHARED = Path("/dev/shm")
JOIN = "This machine has to be in it: `ray start --address=HOST:PORT`, with the same Ray, Python and token."
START = "Start one with `ray start --head`, and name the address that it prints: --engine ray=ADDRESS"


@contextlib.contextmanager
def open_crew(address: str, count: int = 0) -> Iterator[Crew]:
    """Processes of the cluster at an address, for as long as the block runs.

    address: host:port of the cluster's head; empty: the cluster that runs on this machine, or else one that is
             begun here for the block
    count:   processes at most; 0: one a core of the cluster
    Raises UserError where there is no Ray, or no cluster that can be joined.
    """
    ray = _import_ray()
    is_ours = not ray.is_initialized()  # else a program that uses Ray itself has joined already
    if is_ours:
        _join(ray, address)
    try:
        cores = int(ray.cluster_resources().get("CPU", 0))
        if not cores:
            raise UserError("The cluster has no cores.", hint="Start its machines with `ray start --num-cpus=N`.")
        crew = Crew(ray, min(count or cores, cores))
        try:
            yield crew
        finally:
            crew.dismiss()
    finally:
        if is_ours:
            ray.shutdown()


def _import_ray() -> Any:
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise missing_extra("ray", "ray", "Working on a cluster") from None
    return ray


def _join(ray: Any, address: str) -> None:
    wanted = address or os.environ.get("RAY_ADDRESS", "")
    if wanted:
        _knock(wanted)
        _init(ray, f"The cluster at {wanted!r} cannot be joined", JOIN, address=wanted)
    elif (started := _find_started()) is not None:
        _init(ray, f"The cluster at {started!r} cannot be joined", JOIN, address=started)
    else:
        begin_here(ray)


def _find_started() -> str | None:
    """The address of the cluster that `ray start` last began or joined on this machine, if it still answers.

    Ray's own "auto" would also join one that another whatsit has begun for itself, and that ends with it.
    """
    from ray._private.services import find_bootstrap_address

    address: str | None = find_bootstrap_address(None)
    with contextlib.suppress(UserError):
        if address:
            _knock(address)
            return address
    return None


def begin_here(ray: Any) -> None:
    """Begin a cluster of this machine's cores. Raises UserError where there is too little shared memory for it."""
    if SHARED.is_dir() and (free := shutil.disk_usage(SHARED).free) < STORE_BYTES:
        raise UserError(
            f"Ray needs {human_bytes(STORE_BYTES)} of shared memory, and {human_bytes(free)} are free in "
            f"{str(SHARED)!r}.",
            hint="Remove what lies there, or give a container more: docker run --shm-size=1g",
        )
    note(f"No Ray cluster runs on this machine: one of its {cores()} cores begins, for this command.")
    size = {"num_cpus": cores(), "object_store_memory": STORE_BYTES}
    _init(ray, "No Ray cluster begins on this machine", START, address="local", include_dashboard=False, **size)


def _init(ray: Any, failure: str, hint: str, **how: Any) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries that only Ray uses
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **how)
    except ConnectionError:
        raise UserError(f"{failure}: it does not answer as the head of one does.", hint) from None
    except (RuntimeError, ValueError, OSError, ray.exceptions.RayError) as error:
        reason = str(error).partition("Last connection error")[0]  # behind it is a traceback
        raise UserError(f"{failure}: {' '.join(reason.split()).rstrip('.')[:300]}.", hint) from None


def _knock(address: str) -> None:
    """Raise UserError where nothing listens at an address: Ray itself would wait for it for a minute."""
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UserError(
            f"{address!r} is no address of a cluster.",
            hint="Give host:port of its head, as `ray start --head` prints it: --engine ray=10.0.0.1:6379",
        )
    try:
        with socket.create_connection((host.strip("[]"), int(port)), KNOCK_S):
            pass
    except OSError as error:
        raise UserError(f"No cluster answers at {address!r} ({error.strerror or error}).", hint=START) from None
