"""Fuzzing by what inputs reach: `python tests/fuzzing/fuzz.py --minutes 60`, or of some targets only.

With atheris (libFuzzer), which keeps the inputs that reach new lines and alters them; where there is none for this
Python or system, inputs are drawn by chance. Each target runs in a process of its own; the input of a complaint is
written to `tests/fuzzing/found/TARGET/`, where the tests try it from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import random
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
FOUND = HERE / "found"
SIZES = (20, 100, 400)  # bytes of choices
LONGEST = 2_000
# The code whose lines count: what reads strangers' bytes.
CODE = (
    *("whatsit.image", "whatsit.serving.door", "whatsit.fetch", "whatsit.model.container", "whatsit.model.graph"),
    *("whatsit.model.facts", "whatsit.records", "PIL"),
)
sys.path[:0] = [str(HERE), str(HERE.parent)]


def main() -> int:
    """Fuzz the targets one after the other; the exit status is 1 where there was a complaint."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("targets", nargs="*", help="which; all where none is named")
    parser.add_argument("--minutes", type=float, default=1.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", help=argparse.SUPPRESS)  # one target, in this process
    given = parser.parse_args()
    if given.only:
        return _fuzz_here(given.only, given.minutes * 60, given.seed)
    names = given.targets or _names()
    total, status = 0, 0
    for name in names:
        words = [sys.executable, __file__, "--only", name, "--minutes", f"{given.minutes / len(names)}"]
        done = subprocess.run(
            [*words, "--seed", str(given.seed)], capture_output=True, text=True, errors="replace"
        )
        lines = done.stdout + done.stderr
        runs = max([0, *map(int, re.findall(r"(?:executed_units:|inputs:) *(\d+)", lines))])
        reached = (re.findall(r"cov: (\d+)", lines) or ["-"])[-1]
        total += runs
        status |= done.returncode != 0
        verdict = "complaint" if done.returncode else "fine"
        print(f"{name:8} {runs:>9,} inputs, {reached:>5} places reached: {verdict}")
        if done.returncode:
            print("\n".join(lines.splitlines()[-30:]))
        sys.stdout.flush()
    print(f"{total:,} inputs")
    return int(status)


def _names() -> list[str]:
    from targets import TARGETS

    return list(TARGETS)


def _fuzz_here(name: str, seconds: float, seed: int) -> int:
    has_atheris = importlib.util.find_spec("atheris") is not None
    return _fuzz_by_reach(name, seconds, seed) if has_atheris else _fuzz_by_chance(name, seconds, seed)


def _fuzz_by_reach(name: str, seconds: float, seed: int) -> int:
    import atheris

    with atheris.instrument_imports(include=list(CODE), enable_loader_override=False):
        from targets import TARGETS
    from judge import try_input

    def one(data: bytes) -> None:
        try_input(TARGETS[name], data)

    (FOUND / name).mkdir(parents=True, exist_ok=True)
    options = [f"-artifact_prefix={FOUND / name}/"]  # where it writes the input of a complaint
    options += [f"-max_total_time={max(1, int(seconds))}", f"-max_len={LONGEST}", f"-seed={seed % 2**31 or 1}"]
    options += ["-len_control=0", "-print_final_stats=1", "-rss_limit_mb=0", "-timeout=60"]
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()  # ends the process
    return 0


def _fuzz_by_chance(name: str, seconds: float, seed: int) -> int:
    from judge import Complaint, try_input
    from targets import TARGETS

    chance, inputs, until = random.Random(seed), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        data = chance.randbytes(chance.choice(SIZES))
        inputs += 1
        try:
            try_input(TARGETS[name], data)
        except Complaint as complaint:
            _keep(name, data)
            print(f"inputs: {inputs}\n{complaint}")
            return 1
    print(f"inputs: {inputs}")
    return 0


def _keep(name: str, data: bytes) -> None:
    file = FOUND / name / hashlib.sha256(data).hexdigest()[:16]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    print(f"kept as {file}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
