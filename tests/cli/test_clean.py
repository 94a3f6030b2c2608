from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from drawing import class_folders


def whatsit(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "whatsit", *words], capture_output=True, text=True, check=False)


def test_findings_are_counted_in_a_table_and_can_be_undone(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "pets", "cat", "dog")
    (data / "cat" / "copy.png").write_bytes((data / "cat" / "1.png").read_bytes())
    cleaned = whatsit("clean", str(data))
    assert cleaned.returncode == 0, cleaned.stderr
    assert "exact-duplicate" in cleaned.stdout
    assert "Decided: 1 photo left out; waiting for you: no photos." in cleaned.stderr
    assert whatsit("clean", str(data), "--undo").stdout == "1 decision taken back.\n"
    again = whatsit("clean", str(data)).stderr
    assert "Taken back before, so not left out again: 1 photo of exact-duplicate. To leave out all such: " in again
    (accept,) = re.findall("all such: whatsit (.*)", again)
    assert "Decided: 1 photo left out" in whatsit(*accept.split()).stderr


def test_json_is_a_line_a_finding(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "pets", "cat", "dog")
    (data / "cat" / "copy.png").write_bytes((data / "cat" / "1.png").read_bytes())
    lines = [json.loads(line) for line in whatsit("clean", str(data), "--json").stdout.splitlines()]
    (copy,) = [line for line in lines if line["check"] == "exact-duplicate"]
    assert (copy["photo"], copy["left_out"]) == ("cat/copy.png", True)


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    answer = whatsit("clean", str(tmp_path / "nothing"))
    assert answer.returncode == 1
    assert "There is no folder" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_folder_without_faults_is_said_to_have_none(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "pets", "cat", "dog")
    said = whatsit("clean", str(data)).stdout
    assert said.endswith("photos of 2 classes\nThe checks found nothing.\n")
