"""Where and in what arithmetic a network is trained: as asked, else as measured once and remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.files import cache_dir  # noqa: E402
from whatsit.training import machine  # noqa: E402

CPU = torch.device("cpu")


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which what was measured is remembered, in a cache of its own."""
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    file = cache_dir() / "machine" / f"{machine._machine(CPU)}.json"
    file.parent.mkdir(parents=True)
    return file


def test_the_arithmetic_that_was_asked_for_is_not_measured(measured: Path) -> None:
    here = machine.prepare_machine("fp32")
    assert (here.precision, here.gain) == ("fp32", 1.0)
    assert not measured.exists()
    assert machine.prepare_machine("bf16").precision == "bf16"


def test_what_was_measured_once_is_remembered(measured: Path) -> None:
    measured.write_text(json.dumps({"precision": "bf16", "ratio": 7.25}))
    assert machine.choose_precision(CPU) == ("bf16", 7.25)


@pytest.mark.parametrize("damaged", ["", "{", '{"precision": "bf16"}'])
def test_a_damaged_memory_is_measured_anew(measured: Path, damaged: str) -> None:
    measured.write_text(damaged)
    precision, ratio = machine.choose_precision(CPU)
    assert precision in ("fp32", "bf16")
    assert ratio >= 1.0
    assert not measured.exists() or json.loads(measured.read_text())["ratio"] == ratio


def test_a_machine_without_a_gpu_trains_on_its_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert machine.choose_device() == CPU
