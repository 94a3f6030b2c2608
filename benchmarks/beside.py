"""This version's commands beside another checkout's, in turns: what changes cost in time.

    python benchmarks/beside.py OTHER [ROW …]      OTHER is the root of another checkout

A command runs as a process of its own with this machine's libraries, first here, then there, so that what else the
machine does meets both; caches are new for each.
WHATSIT_DATA holds mnist/, cats-vs-dogs/, weights/ and so on, on the disk of the temporary files.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from record import record

HERE = Path(__file__).parent.parent
NETWORK = ["--recipe", "cnn", "--net", "simple", "--epochs", "1"]
PICTURES = Path(os.environ.get("WHATSIT_DATA", "data")) / "cats-vs-dogs"

# row → (the commands, of which the last is timed; turns). {place} is a folder that is theirs alone, and
# {place}/pictures a copy of the pictures, so that neither version meets a catalog that the other wrote.
ROWS: dict[str, tuple[list[list[str]], int]] = {
    "help": ([["--help"]], 9),
    "demo": ([["demo", "--runs", "{place}/runs"]], 3),
    "info": ([["info", "{place}/pictures"]], 3),
    "info-again": ([["info", "{place}/pictures"], ["info", "{place}/pictures"]], 3),
    "clean": ([["clean", "{place}/pictures"]], 3),
    "transfer": (
        [
            [
                "train",
                "{place}/pictures",
                "--recipe",
                "transfer",
                "--backbone",
                "mobilenetv2",
                "--runs",
                "{place}/runs",
            ]
        ],
        3,
    ),
    "mnist": ([["train", "mnist", *NETWORK, "--runs", "{place}/runs"]], 3),
    "cifar": ([["train", "cifar10", *NETWORK, "--runs", "{place}/runs"]], 3),
}


def main(other: str, *rows: str) -> None:
    """Time rows, all of them where none is named, and record the ratios."""
    found = {}
    for row in rows or ROWS:
        commands, turns = ROWS[row]
        taken: dict[str, list[tuple[float, float]]] = {"now": [], "before": []}
        for turn in range(turns):
            roots = {"now": HERE, "before": Path(other)}
            for name in roots if turn % 2 else reversed(roots):
                taken[name].append(_time(roots[name], commands))
        seconds, used = (
            {name: statistics.median(one[at] for one in all_) for name, all_ in taken.items()} for at in (0, 1)
        )
        found[row] = {
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
            "now over before": round(seconds["now"] / seconds["before"], 3),
            "processor time, now over before": round(used["now"] / used["before"], 3),
        }
        print(row, found[row], flush=True)
    record("beside", "commands", found, "torch", "onnxruntime", "numpy", "pillow")


def _time(root: Path, commands: list[list[str]]) -> tuple[float, float]:
    """Seconds by the clock and of the processors that the last of the commands takes."""
    with tempfile.TemporaryDirectory() as place:
        if any("{place}/pictures" in command for command in commands):
            shutil.copytree(PICTURES, f"{place}/pictures", copy_function=os.link)
        environment = os.environ | {"PYTHONPATH": f"{root}/src", "WHATSIT_CACHE": f"{place}/cache"}
        for command in commands:
            began, used = time.perf_counter(), _used()
            words = [word.format(place=place) for word in command]
            done = subprocess.run(
                [sys.executable, "-m", "whatsit", *words], env=environment, capture_output=True, text=True
            )
            if done.returncode:
                raise SystemExit(f"{root}: {' '.join(words)}\n{done.stderr}")
        return time.perf_counter() - began, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
