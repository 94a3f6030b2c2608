"""`whatsit predict`, as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from models import tiny_run
from whatsit.image import encode_png


def test_a_photo_is_answered_on_one_line_and_whole_as_json(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "colours")
    photo = tmp_path / "photo.png"
    photo.write_bytes(encode_png(np.full((20, 30, 3), (200, 60, 60), np.uint8)))
    command = [sys.executable, "-m", "whatsit", "predict", str(tiny.run.folder), str(photo)]
    whole = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(whole.stdout) == tiny.model.predict(str(photo)).as_dict()
    short = subprocess.run(command, capture_output=True, text=True, check=True)
    assert short.stdout.startswith(f"{photo}: red, ")
