"""What has no room is said before it is fetched or loaded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whatsit.errors import UserError
from whatsit.model.backbones import memory
from whatsit.model.backbones.memory import check_room, measure_free_memory


def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, meminfo: str, *limits: str) -> None:
    """A system that says this of its memory."""
    (tmp_path / "meminfo").write_text(meminfo)
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    files = [tmp_path / f"limit-{number}" for number, _text in enumerate(limits)]
    for file, text in zip(files, limits, strict=True):
        file.write_text(text)
    monkeypatch.setattr(memory, "GROUP_LIMITS", tuple(files))


def test_free_is_what_others_leave_within_the_limit_of_this_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = "MemTotal:  9000 kB\nMemAvailable:  1000 kB\n"
    system(monkeypatch, tmp_path, said, "max\n")
    assert measure_free_memory() == 1_024_000
    system(monkeypatch, tmp_path, said, "512000\n")
    assert measure_free_memory() == 512_000
    system(monkeypatch, tmp_path, "nothing of use\n")
    assert measure_free_memory() == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_what_is_too_large_for_this_memory_or_for_a_model_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    system(monkeypatch, tmp_path, "MemAvailable:  1000000 kB\n")
    check_room("some/net", 250_000_000)
    with pytest.raises(UserError, match=r"too large for this machine: .* 300 MB .* 1\.2 GB .* 1\.0 GB"):
        check_room("some/net", 300_000_000)
    system(monkeypatch, tmp_path, "MemAvailable:  100000000 kB\n")
    with pytest.raises(UserError, match=r"its weights are 2\.1 GB, and a model file holds at most 2\.0 GB"):
        check_room("some/net", 2_100_000_000)
