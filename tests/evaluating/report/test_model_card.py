"""The model card beside a model, read by the Hub's own library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from evaluating import measured, reported
from models import Tiny, colours, tiny_run
from whatsit.evaluating.remeasure import remeasure
from whatsit.evaluating.report.model_card import CARD_FILE, escape_markdown, write_model_card

NASTY = ("<script>alert(1)</script>", "no", "| a `b` | [c](http://example.com) | # d")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return measured(tmp_path_factory.mktemp("runs") / "colours", colours(300))


def card_of(tiny: Tiny) -> str:
    return write_model_card(tiny.run, tiny.model.facts, tiny.run.info.figures).read_text(encoding="utf-8")


def test_the_hub_reads_its_figures(tiny: Tiny) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="needs the extra 'hub'")
    write_model_card(tiny.run, tiny.model.facts, tiny.run.info.figures)
    data = hub.ModelCard.load(tiny.run.folder / CARD_FILE).data
    assert (data.license, data.library_name, data.pipeline_tag) == ("unknown", "onnx", "image-classification")
    assert data.model_name == tiny.run.name
    figures, told = tiny.run.info.figures, {one.metric_type: one for one in data.eval_results}
    assert told["accuracy"].metric_value == figures.accuracy
    assert f"{figures.interval[0]:.4f} to {figures.interval[1]:.4f}" in told["accuracy"].metric_name
    assert str(figures.n) in told["accuracy"].dataset_name
    assert told["f1"].metric_value == figures.macro_f1


@pytest.mark.parametrize(
    ("kind", "size"), [("PNG", None), ("JPEG", None), ("JPEG", (1003, 757)), ("PNG", (301, 99))]
)
def test_its_lines_without_whatsit_give_the_models_answers(
    tiny: Tiny, tmp_path: Path, kind: str, size: tuple[int, int] | None
) -> None:
    text = card_of(tiny)
    code = text.split("```python\n")[1].split("```")[0]
    picture = Image.fromarray(np.asarray(tiny.ready.dataset.photos.read(0)))
    (picture.resize(size) if size else picture).save(tmp_path / "photo.jpg", kind)
    code = code.replace('"photo.jpg"', repr(str(tmp_path / "photo.jpg")))
    found: dict[str, object] = {"onnxruntime": onnxruntime}
    exec(code.replace('"model.onnx"', repr(str(tiny.run.folder / "model.onnx"))), found)
    answer = tiny.model.predict(tmp_path / "photo.jpg")
    wanted = [answer.probabilities[label] for label in tiny.model.classes]
    np.testing.assert_allclose(np.asarray(found["probabilities"])[0], wanted, atol=1e-5)
    assert np.isclose(np.asarray(found["distance"])[0], answer.distance, atol=1e-4)


def test_what_is_not_on_a_package_index_is_installed_from_a_checkout(tiny: Tiny) -> None:
    assert (
        "pip install whatsit  # before it is on the package index, in a checkout of its source: pip install ."
        in (card_of(tiny))
    )


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    nasty = tiny_run(tmp_path / "runs" / "nasty", colours(300, names=NASTY))
    text = card_of(replace(nasty, run=reported(nasty)))
    assert "<script" not in text.replace("\\<script", "")
    assert "\\| a \\`b\\` \\| \\[c\\](http://example.com) \\| \\# d" in text


def test_marks_of_markdown_and_controls_do_nothing() -> None:
    assert escape_markdown("a*b_c\x1b[2J\n---") == r"a\*b\_c\\x1b\[2J ---"


def test_measuring_again_writes_it_anew(on_disk: Tiny) -> None:
    file = on_disk.run.folder / CARD_FILE
    assert not file.exists()
    remeasure(on_disk.run)
    assert file.read_text(encoding="utf-8").startswith("---\nlicense:")
