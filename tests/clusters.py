"""A Ray cluster on this machine: a head without cores, and machines of one core each."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

STORE = 80_000_000  # bytes of each object store; Ray wants 75 MB
PATIENCE_S = 120
# Ray waits half a minute for itself, and no option changes that.
BEGUN_TOO_SLOWLY, TRIES = "timed out during startup", 3
QUICK = (
    '{"health_check_initial_delay_ms": 0, "health_check_period_ms": 1000, "health_check_timeout_ms": 10000, '
    '"health_check_failure_threshold": 3}'
)
# Ray reads these as it is imported.
os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "of the tests", "RAY_NUM_REDIS_GET_RETRIES": "2"}
TESTS = Path(__file__).parent
PATHS = (TESTS.parent / "src", TESTS)


@dataclass
class Cluster:
    """The cluster's address, and its machines by name."""

    address: str
    folder: Path
    machines: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def engine(self) -> str:
        """It as `--engine` takes it."""
        return f"ray={self.address}"

    def add(self, name: str, *how: str, paths: tuple[Path, ...] = PATHS, tries: int = TRIES) -> None:
        """Start a machine, whose processes find `name` in $MACHINE and import from `paths`.

        tries: how often it may begin too slowly, where others work beside it

        One after the other: two that begin at once may choose the same ports.
        """
        environment = {
            **os.environ,
            "MACHINE": name,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "WHATSIT_CACHE": str(self.folder / "cache"),
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *how]
        command += ["--node-ip-address=127.0.0.1", f"--object-store-memory={STORE}"]
        log = self.folder / f"{name}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, env=environment, cwd=self.folder, stdout=file, stderr=file, start_new_session=True
            )
        self.machines[name] = process
        began = time.monotonic()
        while "Ray runtime started" not in log.read_text():
            if process.poll() is not None:
                assert tries > 1, log.read_text()
                assert BEGUN_TOO_SLOWLY in log.read_text(), log.read_text()
                self.add(name, *how, paths=paths, tries=tries - 1)
                return
            assert time.monotonic() - began < PATIENCE_S, log.read_text()
            time.sleep(0.1)

    def join(self, name: str, paths: tuple[Path, ...] = PATHS) -> None:
        """Start a machine of one core that joins the head."""
        self.add(name, f"--address={self.address}", "--num-cpus=1", paths=paths)

    def kill(self, name: str) -> None:
        """End a machine and all its processes, as a power cut would."""
        process = self.machines.pop(name)
        ours = [process.pid, *descendants(process.pid)]
        for pid in ours:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def descendants(pid: int) -> list[int]:
    """The processes below one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found - {pid})


@contextlib.contextmanager
def running_cluster(*names: str) -> Iterator[Cluster]:
    """A cluster of machines of these names."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="ray-"))  # short: Ray's sockets lie in it
    cluster = Cluster(f"127.0.0.1:{port}", folder)
    try:
        how = ("--num-cpus=0", "--include-dashboard=false", f"--temp-dir={folder}", f"--system-config={QUICK}")
        cluster.add("head", "--head", f"--port={port}", *how)
        for name in names:
            cluster.join(name)
        yield cluster
    finally:
        for name in list(cluster.machines):
            cluster.kill(name)
        shutil.rmtree(folder, ignore_errors=True)


# Work for the cluster: importable there.


def name_machine(_item: int) -> str:
    """On which machine it is done, after a moment."""
    time.sleep(0.05)
    return os.environ["MACHINE"]


def end_once(marker: Path, at: int, item: int) -> int:
    """The item; its process ends at one of them, the first time."""
    if item == at and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def end_always(item: int) -> int:
    """Nothing: its process ends."""
    os.kill(os.getpid(), signal.SIGKILL)
    return item
