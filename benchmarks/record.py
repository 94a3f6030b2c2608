"""What every benchmark shares: the machine, anonymous memory, and a dated JSON a run in `benchmarks/results/`.

Machines differ and are noisy: quote ratios to the peers of the same run, and medians.
"""

from __future__ import annotations

import json
import os
import platform
import threading
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")


def machine() -> dict[str, Any]:
    """The processor, its instruction sets and the load at the start, without the machine's name."""
    info = Path("/proc/cpuinfo")
    words = set(info.read_text().split()) if info.exists() else set()
    return {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "instruction_sets": [name for name in SETS if name in words],
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def versions(*packages: str) -> dict[str, str]:
    """The installed versions of these packages."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def record(benchmark: str, row: str, figures: dict[str, Any], *packages: str) -> Path:
    """Print a row's figures and write them, dated, to `results/BENCHMARK-ROW-DATE.json`."""
    now = datetime.now(UTC)
    content = {
        "benchmark": benchmark,
        "row": row,
        "time": now.isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(*packages),
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{benchmark}-{row}-{now:%Y-%m-%d-%H%M}.json"
    file.write_text(json.dumps(content, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return file


class Highest:
    """While the block runs: the most anonymous memory above that at its start, in megabytes, as a list of one."""

    def __enter__(self) -> list[float]:
        self.found, self.base, self.ended = [0.0], anonymous(), threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self.found

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.ended.wait(0.02):
            self.found[0] = max(self.found[0], round(anonymous() - self.base, 1))


def anonymous() -> float:
    """The anonymous memory of this process in megabytes (RssAnon: what is not mapped from files)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("RssAnon"))
