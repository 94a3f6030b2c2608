"""Models for other runtimes: the program that goes with each answers as the model does, without whatsit."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import whatsit
from labelled import red_and_striped, write_labelled
from models import Tiny
from photos import scene
from pointed import find_answer, train_point
from whatsit.errors import UserError
from whatsit.exporting import EXPORTS, NOT_HAD, export
from whatsit.exporting.folder import FACTS_FILE, PROGRAM, README
from whatsit.exporting.proof import TOLERANCE, prove
from whatsit.image import encode_jpeg, encode_png
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.run import Run

LIBRARIES = {
    "openvino": "openvino",
    "torch": "torch",
    "keras": "keras",
    "litert": "litert_torch",
    "opencv": "cv2",
}  # of the exports whose library is an extra
SLOW = {"keras", "litert"}  # to load and to convert


@pytest.fixture(params=[pytest.param(to, marks=[pytest.mark.slow] * (to in SLOW)) for to in EXPORTS])
def to(request: pytest.FixtureRequest) -> str:
    library = LIBRARIES.get(request.param)
    if library and find_spec(library) is None:  # not by importing it, which takes some of them long
        pytest.skip(f"needs {library}")
    return str(request.param)


def ask(folder: Path, *photos: Path) -> list[dict[str, object]]:
    """What the program in a folder says, in a Python that cannot import whatsit."""
    hidden = "import sys, runpy; sys.modules['whatsit'] = None; runpy.run_path(sys.argv[0], run_name='__main__')"
    start = f"import sys; sys.argv = sys.argv[1:]; {hidden}"
    command = [sys.executable, "-c", start, str(folder / PROGRAM), *map(str, photos)]
    done = subprocess.run(command, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_program_says_what_it_wants_and_which_photo_it_cannot_read(tiny: Tiny, tmp_path: Path) -> None:
    whatsit.export(tiny.run, "onnx-ort", tmp_path / "out")
    program = [sys.executable, str(tmp_path / "out" / PROGRAM)]
    alone = subprocess.run(program, capture_output=True, text=True)
    assert (alone.returncode, alone.stderr) == (1, "Name photos: python use.py photo.jpg\n")
    (tmp_path / "page.jpg").write_bytes(b"<html>")
    (tmp_path / "good.png").write_bytes(encode_png(np.asarray(tiny.dataset.photos.read(0))))
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:60])
    bad = [tmp_path / "page.jpg", tmp_path / "gone.jpg", tmp_path / "cut.png", tmp_path]
    some = subprocess.run([*program, *map(str, [*bad, tmp_path / "good.png"])], capture_output=True, text=True)
    assert some.returncode == 1
    assert "Traceback" not in some.stderr
    assert [line.split(": ")[0] for line in some.stderr.splitlines()] == [str(one) for one in bad]
    assert json.loads(some.stdout)["photo"] == str(tmp_path / "good.png")


def agree(run: Run, folder: Path, photos: list[Path]) -> None:
    """Fail where the program says otherwise than the model of any photo."""
    model = run.model()
    for photo, said in zip(photos, ask(folder, *photos), strict=True):
        answer = model.predict(photo)
        names = list(answer.labels or ()) if answer.labels is not None else answer.label
        assert said.get("labels", said.get("label")) == ("not sure" if answer.sure is False else names)
        assert said["known"] == answer.known
        shares = said["probabilities"]
        assert isinstance(shares, dict)
        assert max(abs(shares[name] - share) for name, share in answer.probabilities.items()) < TOLERANCE


def test_each_export_answers_as_the_model_does(tiny: Tiny, tmp_path: Path, to: str) -> None:
    proof = whatsit.export(tiny.run, to, tmp_path / "out")
    assert proof.pictures == len(tiny.model.facts.golden)
    assert proof.probability < TOLERANCE
    facts = json.loads((tmp_path / "out" / FACTS_FILE).read_text(encoding="utf-8"))
    readme = (tmp_path / "out" / README).read_text(encoding="utf-8")
    assert readme.startswith(f"# A classifier of photos, exported for {to}\n")
    assert facts["classes"] == list(tiny.model.classes)
    assert facts["thresholds"]["distance"] == tiny.model.facts.thresholds.distance
    assert facts["model_sha256"] == tiny.model.digest
    photos = []
    for number in range(6):
        photos.append(tmp_path / f"{number}.png")
        photos[-1].write_bytes(encode_png(np.asarray(tiny.dataset.photos.read(number))))
    photos.append(tmp_path / "turned.jpg")
    photos[-1].write_bytes(encode_jpeg(scene(seed=3), orientation=6))
    agree(tiny.run, tmp_path / "out", photos)


@pytest.mark.parametrize("resize", ["crop", "pad", "squish"])
def test_the_program_brings_photos_to_size_as_the_model_wants(folder: Path, tmp_path: Path, resize: str) -> None:
    run = whatsit.train(
        folder, recipe="classical", models="logistic", features="raw", resize=resize, runs=tmp_path / "runs"
    )
    whatsit.export(run, "onnx-ort", tmp_path / "out")
    agree(run, tmp_path / "out", sorted(folder.glob("*/*.jpg")))


def test_several_labels_are_said_by_their_own_limits(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "data")
    run = whatsit.train(table, recipe="classical", models="logistic", features="raw", runs=tmp_path / "runs")
    whatsit.export(run, "onnx-ort", tmp_path / "out")
    agree(run, tmp_path / "out", sorted((tmp_path / "data/photos").iterdir())[:20])
    assert red_and_striped(2).classes == run.model().classes


def test_an_operating_point_travels(tmp_path: Path) -> None:
    run = train_point(tmp_path, "precision=0.9")
    whatsit.export(run, "onnx-ort", tmp_path / "out")
    asked = [find_answer(run, tmp_path / "photos", sure) for sure in (True, False)]
    agree(run, tmp_path / "out", asked)


def test_costs_travel(tmp_path: Path) -> None:
    costs = tmp_path / "costs.csv"
    costs.write_text("true,blue,green,red,not sure\nblue,0,1,9,0.3\ngreen,1,0,9,0.3\nred,1,1,0,0.3\n")
    run = train_point(tmp_path, str(costs))
    whatsit.export(run, "onnx-ort", tmp_path / "out")
    agree(run, tmp_path / "out", sorted((tmp_path / "photos").glob("*/*.png"))[:30])


def test_an_export_that_answers_otherwise_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    whatsit.export(tiny.run, "onnx-ort", tmp_path / "out")
    program = tmp_path / "out" / PROGRAM
    program.write_text(program.read_text().replace('{"pixels": pixels}', '{"pixels": 255 - pixels}'))
    with pytest.raises(UserError, match="answers otherwise than the model"):
        prove(tmp_path / "out", tiny.model.facts)
    program.write_text("raise SystemExit('no such file')")
    with pytest.raises(UserError, match=r"does not answer .*no such file"):
        prove(tmp_path / "out", tiny.model.facts)


def test_nothing_is_written_where_something_lies(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="There is something at"):
        whatsit.export(tiny.run, "onnx-ort", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_network_that_cannot_be_converted_leaves_nothing(tiny: Tiny, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    with pytest.raises(UserError, match="OpenVINO does not take this network"):
        export(tiny.model, b"no network at all", "openvino", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_runtime_is_named_with_those_there_are(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no export to 'openvin'.*Did you mean 'openvino'"):
        whatsit.export(tiny.run, "openvin", tmp_path / "out")


@pytest.mark.parametrize("to", NOT_HAD)
def test_a_runtime_that_cannot_be_had_is_refused_with_the_reason(tiny: Tiny, tmp_path: Path, to: str) -> None:
    with pytest.raises(UserError, match=f"There is no export to {to}. "):
        whatsit.export(tiny.run, to, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named_with_what_installs_it(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(UserError, match=r"needs openvino.*whatsit\[openvino\]"):
        whatsit.export(tiny.run, "openvino", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_faces_are_refused(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    model = Classifier((tiny.run.folder / MODEL_FILE).read_bytes())
    monkeypatch.setattr(model, "facts", replace(model.facts, crop="face"))
    with pytest.raises(UserError, match="looks at faces"):
        export(model, b"", "onnx-ort", tmp_path / "out")
