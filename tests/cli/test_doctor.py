from __future__ import annotations

import json
import subprocess
import sys


def typed(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "whatsit", "doctor", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_machine_is_described_in_tables() -> None:
    out = typed()
    for heading in ("This machine", "Extra", "Cache", "deleting them loses only time"):
        assert heading in out


def test_a_program_gets_it_as_json() -> None:
    found = json.loads(typed("--json"))
    assert found["cores"] >= 1
    assert set(found["extras"]) >= {"train", "hub", "clean"}
