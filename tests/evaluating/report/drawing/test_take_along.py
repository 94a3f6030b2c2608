"""The charts as files that need no page around them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import whatsit
from labelled import write_labelled
from models import Tiny, colours
from pointed import QUICK, write_folders
from whatsit.evaluating.figures import compute_figures
from whatsit.evaluating.measured import measure
from whatsit.evaluating.report.drawing import take_along
from whatsit.evaluating.report.drawing.charts import Chart, Key
from whatsit.evaluating.report.drawing.matrix import draw_matrix
from whatsit.evaluating.report.drawing.plots import Axis, Line, line_chart
from whatsit.evaluating.report.gallery import matrix_of
from whatsit.image import decode
from whatsit.model.facts.confusion import count_cells
from whatsit.model.facts.figures import Figures

SVG = "{http://www.w3.org/2000/svg}"


def draw(tiny: Tiny, folder: Path) -> tuple[list[Path], Figures]:
    """The files of a run's charts, and its figures."""
    measured = measure(tiny.model, tiny.ready)
    figures = compute_figures(measured)
    return take_along.write_pictures(folder, tiny.run, measured, figures), figures


def read_svg(file: Path) -> ElementTree.Element:
    return ElementTree.parse(file).getroot()


def texts(drawing: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in drawing.iter(f"{SVG}text")]


def test_every_chart_of_a_run_is_a_file(tiny: Tiny, tmp_path: Path) -> None:
    found, _ = draw(tiny, tmp_path / "pictures")
    names = {file.stem for file in found}
    assert {"confusion", "calibration", "coverage", "distances", "accuracy", "loss"} == names
    assert sorted(found) == sorted((tmp_path / "pictures").iterdir())
    for file in (tmp_path / "pictures").glob("*.svg"):
        assert read_svg(file).tag == f"{SVG}svg"
        assert "var(" not in file.read_text()


def test_the_confusion_matrix_has_the_counts_of_the_figures(tiny: Tiny, tmp_path: Path) -> None:
    _, figures = draw(tiny, tmp_path / "pictures")
    written = texts(read_svg(tmp_path / "pictures/confusion.svg"))
    assert sum(int(text) for text in written if text.isdigit()) == figures.n
    assert [text for text in written if text in tiny.model.classes][::2] == list(tiny.model.classes)


def test_a_png_is_what_the_svg_shows(tiny: Tiny, tmp_path: Path) -> None:
    draw(tiny, tmp_path / "pictures")
    pixels = decode((tmp_path / "pictures/accuracy.png").read_bytes())
    box = [float(value) for value in read_svg(tmp_path / "pictures/accuracy.svg").attrib["viewBox"].split()]
    assert pixels.shape == (round(3 * box[3]), round(3 * box[2]), 3)
    assert (pixels[0, 0] == 255).all()
    colours = {tuple(colour) for colour in np.unique(pixels.reshape(-1, 3), axis=0).tolist()}
    assert {(0x0B, 0x6B, 0x4D), (0xC2, 0x57, 0x0C)} <= colours  # training and validation


def test_several_labels_have_curves_instead_of_a_matrix(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "data")
    run = whatsit.train(table, recipe="classical", models="logistic", features="raw", runs=tmp_path / "runs")
    found = whatsit.evaluate(run, pictures=tmp_path / "pictures")
    names = {file.stem for file in found.pictures}
    assert {"precision-and-recall", "calibration", "distances"} <= names
    assert "confusion" not in names


def test_a_key_stands_below_its_chart_and_names_stay_text() -> None:
    axis = Axis(0, 1, "x")
    drawing = line_chart("<b>", [Line("a & b", [(0, 0), (1, 1)])], axis, axis)
    text = take_along.stand_alone(Chart(drawing, "", (Key("a & <b>", 0), Key("c", 1))))
    root = ElementTree.fromstring(text)
    assert texts(root)[-2:] == ["a & <b>", "c"]
    heights = [float(one.attrib["y"]) for one in root.iter(f"{SVG}text")][-2:]
    assert 300 < heights[0] < heights[1] < float(root.attrib["viewBox"].split()[3])


@pytest.mark.parametrize("classes", [2, 3, 40])
def test_a_matrix_is_drawn_of_few_and_of_many_classes(classes: int) -> None:
    random = np.random.default_rng(classes)
    names = ["<i>", *(f"a class with a very long name {number}" for number in range(classes - 1))]
    labels, guesses = random.integers(classes, size=(2, 400))
    matrix = matrix_of(count_cells(labels, guesses, classes), names)
    root = ElementTree.fromstring(
        str(draw_matrix(matrix)).replace("<svg ", "<svg xmlns='http://www.w3.org/2000/svg' ")
    )
    width = float(root.attrib["viewBox"].split()[2])
    assert all(float(one.attrib["x"]) + 34 <= width for one in root.iter(f"{SVG}rect"))
    written = texts(root)
    assert ("<i>" in written) or classes > len(matrix.labels)
    assert all(len(text) <= 24 for text in written[:-1])


def test_the_command_says_where_they_are(tmp_path: Path) -> None:
    data = write_folders(tmp_path / "colours", colours(90))
    run = whatsit.train(data, runs=tmp_path / "runs", **QUICK)
    command = [sys.executable, "-m", "whatsit", "evaluate", str(run.folder), "--pictures", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/confusion.svg").is_file()
    assert f"files in {tmp_path / 'out'}" in " ".join(done.stderr.split())
