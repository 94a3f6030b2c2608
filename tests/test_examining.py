"""What this machine has is said with what is kept of photos, and room is made where it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from stores import filled
from whatsit.errors import UserError
from whatsit.examining import examine, make_room
from whatsit.store import list_stores, parse_bytes


def whatsit(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "whatsit", *words], capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("text", "count"), [("5GB", 5e9), ("500 MB", 5e8), ("1.5gb", 1.5e9), ("0", 0), ("20kB", 2e4)]
)
def test_sizes_are_written_as_disks_are_sold(text, count):
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "much", "-1GB", "5 GiB", "5 5"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(UserError, match="is no size"):
        make_room(text)


def test_the_examination_names_them_all():
    filled("cats", 3)
    (store,) = examine().as_dict()["stores"]
    assert store["of"] == "photos of cats"
    assert store["used"] == np.datetime64(int(time.time() - 3 * 86_400), "s").astype("datetime64[D]").astype(str)
    json.dumps(examine().as_dict())


def test_the_command_shows_them_and_makes_room():
    filled("cats", 3)
    filled("dogs", 1)
    shown = whatsit("doctor")
    assert "photos of cats" in shown.stdout
    pruned = whatsit("doctor", "--prune", "150kB")
    assert pruned.returncode == 0, pruned.stderr
    assert "Removed 1 store, " in pruned.stderr
    assert [one.title for one in list_stores()] == ["photos of dogs"]
    assert whatsit("doctor", "--prune", "all").returncode == 1
