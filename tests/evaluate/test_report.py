"""The report of a run."""

from __future__ import annotations

import json
from pathlib import Path

from models import Tiny, tiny_run
from whatsit.evaluate.predictions import Predictions, predicted
from whatsit.evaluate.report import write_report


def asked(tiny: Tiny, part: str) -> Predictions:
    return predicted(tiny.model, tiny.dataset, tiny.decoded, tiny.split.rows(part))


def test_a_report_is_written_and_its_figures_are_plain_json(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    test, val = asked(tiny, "test"), asked(tiny, "val")
    figures = write_report(tiny.run, tiny.model, tiny.dataset, tiny.decoded, tiny.split, test, val)
    assert json.loads(json.dumps(figures)) == figures
    assert figures["n"] == len(test)
    assert figures["right"] == int(test.hits.sum())
    assert "<h1>run</h1>" in tiny.run.report.read_text()
