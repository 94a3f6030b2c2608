"""What to do next as a file beside the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluating import measured
from whatsit.errors import UserError
from whatsit.evaluating.report.advising.evidence import Act, Advice
from whatsit.evaluating.report.advising.steps import NEXT_FILE, read_steps, write_steps


def test_a_step_is_read_as_it_was_written(tmp_path: Path) -> None:
    acts = [Act("train", {"augment": "light"}), Act("clean", {"deep": True}), Act(label="قطة"), Act()]
    written = [Advice(f"Do {place}", "Because.", act, 1.0, "whatsit …") for place, act in enumerate(acts)]
    write_steps(tmp_path, written)
    found = read_steps(tmp_path)
    assert [(step.what, step.why, step.command) for step in found] == [
        (one.what, one.why, one.command) for one in written
    ]
    assert [Act(step.verb, step.choices, step.label) for step in found] == acts


def test_every_report_has_them_beside_it(tmp_path: Path) -> None:
    run = measured(tmp_path / "colours").run
    steps = read_steps(run.folder)
    assert steps[-1].verb == "serve"
    for step in steps:
        assert step.what in run.report.read_text(encoding="utf-8")


def test_a_run_of_an_older_version_has_none(tmp_path: Path) -> None:
    assert read_steps(tmp_path) == ()


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', '{"format": 1, "steps": [{"what": 3}]}'])
def test_a_damaged_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / NEXT_FILE).write_text(text)
    with pytest.raises(UserError, match=r"next\.json"):
        read_steps(tmp_path)
