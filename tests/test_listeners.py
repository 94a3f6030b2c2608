from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from whatsit import events
from whatsit.listeners import JsonLines, bar_line, epoch_line


def test_a_job_is_told_of_as_lines_of_json() -> None:
    file = io.StringIO()
    with events.listening(JsonLines(file)):
        events.note("Straße")
        with events.progress("Counting", 2, "sheep") as advance:
            advance(2)
    lines = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["note", "begin", "step", "end"]
    assert lines[0]["text"] == "Straße"
    assert lines[1]["work"] == lines[2]["work"] == lines[3]["work"]


def test_an_epoch_is_a_line() -> None:
    row = {"epoch": 2, "loss": 0.5, "accuracy": 0.75, "val_accuracy": 0.7, "seconds": 4.0}
    assert epoch_line(row, 10, 1000) == (
        "epoch    2/10  loss 0.500  right  75.0 %  validation  70.0 %  250 photos/s  32 s left"
    )


def test_an_epoch_is_one_line_of_a_narrow_terminal() -> None:
    row = {"epoch": 100, "loss": 0.5, "accuracy": 1.0, "val_accuracy": 1.0, "seconds": 7.5}
    line = epoch_line(row, 200, 1000, width=80)
    assert line == "epoch  100/200  loss 0.500  right 100.0 %  validation 100.0 %  12 min 30 s left"
    assert len(line) <= 80
    assert "133 photos/s" in epoch_line(row, 200, 1000, width=140)


@pytest.mark.parametrize(
    ("total", "done", "line"),
    [
        (4800, 1200, "Training [######------------------] 1,200 of 4,800 photos"),
        (4800, 9600, "Training [########################] 9,600 of 4,800 photos"),
        (None, 1200, "Training: 1,200 photos"),
        (0, 0, "Training: 0 photos"),
    ],
)
def test_running_work_is_a_bar(total: int | None, done: int, line: str) -> None:
    assert bar_line(events.Begin(1, "Training", total, "photos"), done) == line


CELL = """
import sys, time
sys.path.insert(0, {src!r})
import whatsit
from whatsit import events
whatsit.info  # a verb is touched: from here on the cell shows what is told
with events.progress("Counting", 4, "sheep") as advance:
    for _ in range(4):
        time.sleep(0.12)
        advance(1)
events.note("Done")
"""


@pytest.mark.filterwarnings("ignore")  # of the notebook's own libraries
def test_a_cell_of_a_notebook_shows_notes_and_a_bar_that_goes(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="runs a real notebook")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    src = str(Path(events.__file__).parents[1])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.format(src=src))])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    texts = [output["data"]["text/plain"] for output in notebook.cells[0].outputs]
    assert texts == ["", "Done"]  # the bar is the one output that was updated, and is empty in the end
