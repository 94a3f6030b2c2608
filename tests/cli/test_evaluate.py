"""`whatsit evaluate` and `whatsit compare`, as they are typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from drawing import class_folders
from evaluating import measured, photo_folder
from models import Tiny
from whatsit.cli.evaluate import LISTED, choose_listed
from whatsit.data.readers import read
from whatsit.evaluating.figures import add_confusions, compute_confusions
from whatsit.evaluating.measured import measure


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    place = tmp_path_factory.mktemp("cli")
    return measured(place / "runs" / "tiny", read(photo_folder(place / "colours")))


def typed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "whatsit", *words], capture_output=True, text=True, check=False)


def test_a_run_is_measured_and_the_figures_are_printed(tiny: Tiny) -> None:
    whole = typed("evaluate", str(tiny.run.folder), "--json")
    assert json.loads(whole.stdout) == add_confusions(
        tiny.run.info.figures, compute_confusions(measure(tiny.model, tiny.ready))
    )
    shown = typed("evaluate", str(tiny.run.folder))
    figures = tiny.run.info.figures
    assert shown.stdout.startswith(f"{100 * figures.accuracy:.1f} % of {figures.n} photos right (95 % interval")
    assert f"Report: {tiny.run.report}" in shown.stderr
    assert (whole.returncode, shown.returncode) == (0, 0)


def test_outliers_are_measured(tiny: Tiny, tmp_path: Path) -> None:
    shown = typed("evaluate", str(tiny.run.folder), "--outliers", str(class_folders(tmp_path / "odd", "a", "b")))
    assert "Of 6 photos of none of the classes" in shown.stdout
    assert "energy" in shown.stdout


def test_what_is_no_run_is_refused_in_a_sentence(tmp_path: Path) -> None:
    refused = typed("evaluate", str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"There is no run in {str(tmp_path)!r}.\n")
    assert "Traceback" not in refused.stderr


def test_runs_are_compared(tiny: Tiny, tmp_path: Path) -> None:
    other = measured(tmp_path / "other", tiny.dataset)
    whole = typed("compare", str(tiny.run.folder), str(other.run.folder), "--json")
    found = json.loads(whole.stdout)
    assert [run["name"] for run in found["runs"]] == ["tiny", "other"]
    assert found["differences"][0]["better"] is None
    page = tmp_path / "page.html"
    shown = typed("compare", str(tiny.run.folder), str(other.run.folder), "--html", str(page))
    assert "tiny and other cannot be told apart" in shown.stdout
    assert page.exists()


def test_measuring_needs_no_training_framework_and_no_plotting_library(tiny: Tiny) -> None:
    program = (
        "import sys; from whatsit.cli import app; "
        "app()(['evaluate', sys.argv[1], '--json'], exit_on_error=False, result_action='return_value'); "
        "print(sorted({'torch', 'matplotlib', 'sklearn', 'transformers'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tiny.run.folder)], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_one_run_is_not_enough(tiny: Tiny) -> None:
    refused = typed("compare", str(tiny.run.folder))
    assert refused.returncode == 1
    assert refused.stderr.startswith("It takes two different runs to compare.\n")


@pytest.mark.parametrize("classes", [1, LISTED, LISTED + 20])
def test_of_very_many_classes_those_with_the_lowest_f1_are_printed(classes: int) -> None:
    f1 = [None if place % 3 == 0 else place / 100 for place in range(classes)]
    listed = choose_listed(SimpleNamespace(per_class=[SimpleNamespace(f1=one) for one in f1]))  # type: ignore[arg-type]
    assert listed == sorted(listed)
    assert len(listed) == min(classes, LISTED)
    known = [place for place in range(classes) if f1[place] is not None]
    assert set(known[:LISTED]) <= set(listed)
