"""The ground under transparency is the same in training, measuring and answering, and stands in the model file."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import whatsit
from whatsit.model.classifier import Classifier
from whatsit.model.facts.file import choose_format


def symbols(root: Path, colour: str) -> Path:
    """Discs and bars of one colour on a clear ground, all different."""
    random = np.random.default_rng(0)
    for name in ("disc", "bar"):
        (root / name).mkdir(parents=True)
        for number in range(24):
            picture = Image.new("RGBA", (48, 48), (255, 255, 255, 0))
            left, top = random.integers(2, 14, 2).tolist()
            pen = ImageDraw.Draw(picture)
            if name == "disc":
                pen.ellipse((left, top, left + 28, top + 28), fill=colour)
            else:
                pen.rectangle((left, top, left + 30, top + 7), fill=colour)
            picture.save(root / name / f"{number}.png")
    return root


def pixels_of(photo: Path) -> np.ndarray:
    with Image.open(photo) as opened:
        return np.asarray(opened)


def trained(data: Path, into: Path, **options: str) -> Classifier:
    run = whatsit.train(
        str(data),
        recipe="classical",
        features="raw",
        models="logistic",
        name=data.name,
        runs=into / "runs",
        **options,
    )
    return whatsit.load(run.folder)


def test_white_symbols_are_learnt_and_the_file_says_on_which_ground(tmp_path: Path) -> None:
    data = symbols(tmp_path / "white", "white")
    model = trained(data, tmp_path)
    assert (model.facts.ground, model.facts.format) == ("drawing", 2)
    assert [picture.kind for picture in model.facts.golden] == ["jpeg", "png", "turned", "light"]
    photos = [data / name / f"{number}.png" for name in ("disc", "bar") for number in range(24)]
    right = [
        answer.label == photo.parent.name for answer, photo in zip(model.predict(photos), photos, strict=True)
    ]
    assert np.mean(right) > 0.9
    for photo in photos[::24]:
        ways = [photo.read_bytes(), Image.open(io.BytesIO(photo.read_bytes())), pixels_of(photo)]
        assert len({model.predict(way).probability for way in ways}) == 1


def test_what_needs_no_other_ground_stays_of_format_1(tmp_path: Path) -> None:
    model = trained(symbols(tmp_path / "red", "red"), tmp_path)
    assert (model.facts.ground, model.facts.format) == (None, 1)
    assert model.pixels(symbols(tmp_path / "white", "white") / "disc" / "0.png").min() == 255  # as it always was


@pytest.mark.parametrize("ground", ["white", "black"])
def test_the_ground_may_be_chosen(tmp_path: Path, ground: str) -> None:
    data = symbols(tmp_path / "red", "red")
    model = trained(data, tmp_path, ground=ground)
    assert (model.facts.laid_on, model.facts.format) == (ground, 1 if ground == "white" else 2)
    assert model.pixels(data / "disc" / "0.png")[0, 0].tolist() == ([255] * 3 if ground == "white" else [0] * 3)


def test_a_file_of_format_1_cannot_have_another_ground() -> None:
    assert [choose_format("", ground) for ground in (None, "white", "black", "drawing")] == [1, 1, 2, 2]
