"""The commands of docs/writeup-2.md, run as they stand there on the real photos."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PHOTOS = Path(os.environ.get("WHATSIT_DATA", "nowhere")) / "sports-celebrities"


def commands() -> list[str]:
    """The lines of the page's block of commands."""
    page = (ROOT / "docs" / "writeup-2.md").read_text(encoding="utf-8")
    block = re.search(r"```sh\n(.*?)```", page, re.DOTALL)
    assert block
    return block[1].strip().splitlines()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="$WHATSIT_DATA/sports-celebrities is not here")
def test_the_commands_of_write_up_2_do_what_the_page_says(tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="faces need the extra 'clean'")
    shutil.copytree(PHOTOS, tmp_path / "sports-celebrities")
    shutil.copy(next((PHOTOS / "roger_federer").iterdir()), tmp_path / "photo.jpg")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    said = {}
    for line in commands():
        if line.startswith("whatsit serve"):
            continue  # the serving tests start servers
        ended = subprocess.run(
            [sys.executable, "-m", *line.split()],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{line}\n{ended.stderr}"
        said[line.split()[1]] = ended.stdout + ended.stderr
    assert "no clear face with two eyes" in said["clean"]
    assert "svm-rbf" in said["train"]
    assert "better" in said["compare"]
    history = (tmp_path / "runs" / "wavelets" / "history.csv").read_text(encoding="utf-8")
    assert {"logistic", "svm-linear", "svm-rbf", "forest"} <= set(re.findall(r"raw\+wavelet,([\w-]+),", history))
    report = (tmp_path / "runs" / "better" / "report.html").read_text(encoding="utf-8")
    assert "Candidates of the search" in report
