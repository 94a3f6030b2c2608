from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from whatsit.examining import CACHES
from whatsit.training.machine import describe_precision


def typed(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "whatsit", "doctor", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_machine_is_described_in_tables() -> None:
    out = typed()
    for heading in ("This machine", "Extra", "Cache", "deleting them loses only time"):
        assert heading in out


def test_what_lies_in_each_cache_is_said_and_whether_it_may_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    assert "nothing yet" in typed() or "which arithmetic is faster here" in typed()
    for name in CACHES:
        (tmp_path / "cache" / name).mkdir(parents=True, exist_ok=True)
    out = " ".join(typed().split())
    for name, what in CACHES.items():
        assert name in out
        assert what.split()[-1] in out
    assert "deleting them loses only time, but for catalogs, which has decisions of yours" in out


@pytest.mark.parametrize(
    ("gain", "said"), [(1.0, "bf16"), (1.02, "bf16"), (1.4, "bf16 (1.4 times as fast as fp32)")]
)
def test_what_is_faster_is_said_with_what_it_is_faster_than(gain: float, said: str) -> None:
    assert describe_precision("bf16", gain) == said


def test_a_program_gets_it_as_json() -> None:
    found = json.loads(typed("--json"))
    assert found["cores"] >= 1
    assert set(found["extras"]) >= {"train", "hub", "clean"}
