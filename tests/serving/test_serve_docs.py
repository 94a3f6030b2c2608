"""docs/serve.md: each of its curl lines does what the page says, and its figures of refusals are the code's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from models import tiny_run
from serving import photo, running
from whatsit.serving.door import refusals
from whatsit.serving.door.refusals import Refusal

PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text(encoding="utf-8")


def curl_lines() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("curl")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_every_curl_line_is_answered(tmp_path: Path) -> None:
    lines = curl_lines()
    assert len(lines) >= 10
    (tmp_path / "photo.jpg").write_bytes(photo((200, 60, 60)))
    (tmp_path / "other.png").write_bytes(photo((60, 80, 200)))
    with running(tiny_run(tmp_path / "colours").run.folder, corrections=True) as site:
        for line in lines:
            command = line.replace("http://localhost:8000", site.address).replace("curl", "curl -sS --fail", 1)
            done = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            if "/metrics" not in line:
                assert json.loads(done.stdout), line


def test_every_refusal_of_the_api_is_in_the_table() -> None:
    told = set(re.findall(r"\| (\d{3}) \|", PAGE.partition("### When the answer is no")[2].partition("\n## ")[0]))
    kinds = {value for value in vars(refusals).values() if isinstance(value, Refusal)}
    of_the_server_not_of_photos = {"not-found", "no-method", "wrong-host", "bug", "no-model"}
    assert told == {str(kind.status) for kind in kinds if kind.code not in of_the_server_not_of_photos}
