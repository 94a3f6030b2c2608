"""The commands of docs/scale.md about stores run as they are written."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from photos import scene
from s3 import Store
from whatsit.image import encode_jpeg

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def commands() -> list[list[str]]:
    """Those of the section, without `whatsit`."""
    section = PAGE.read_text(encoding="utf-8").partition("## Photos in a store")[2].partition("\n## ")[0]
    lines = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL)).splitlines()
    assert all(line.startswith("whatsit ") for line in lines)
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.slow
def test_the_commands_about_stores_run_as_written(store: Store, folder: Path, tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        for number in range(6, 26):
            seed = 300 + number + 50 * (label == "dog")
            (folder / label / f"{number}.jpg").write_bytes(encode_jpeg(scene(seed=seed)))
    store.put_folder("s3://bucket/photos", folder)
    store.put_folder("s3://bucket/new", folder / "cat")
    wanted = commands()
    assert [one[0] for one in wanted] == ["info", "clean", "pack", "train", "predict"]
    for command in wanted:
        done = subprocess.run(
            [sys.executable, "-m", "whatsit", *command], cwd=tmp_path, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == 0, (command, done.stderr)
    assert (tmp_path / "answers.csv").read_text().count("s3://bucket/new/") == 26
    assert "train-00000.tar" in store.list("s3://bucket/packed")
