"""Training with a face network: the model file alone answers, and what does not go together is a sentence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from torchless import NO_TORCH
from whatsit.cleaning.cleaning import clean
from whatsit.data.readers import read
from whatsit.deploying.kit import DeployOptions
from whatsit.errors import UserError
from whatsit.image import decode, encode_jpeg
from whatsit.model.backbones.face_network import FILE, MANIFEST
from whatsit.model.classifier import load
from whatsit.model.run import Run
from whatsit.road.deploy import deploy
from whatsit.road.train import train
from whatsit.training.face_network import cut_for_network
from whatsit.training.options import RecipeName, TrainOptions, TransferOptions


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, portrait: bytes, yunet_file: Path) -> Path:
    """Six photos a class of one face before something else, natural and blue, cut to faces by YuNet."""
    data, face = tmp_path_factory.mktemp("faces") / "people", decode(portrait)[20:260, 120:360]
    for label, tint in (("blue", (3, 2, 1)), ("natural", (1, 1, 1))):
        (data / label).mkdir(parents=True)
        for number in range(6):
            photo = scene(400, 400, seed=number + len(label))
            x, y = 40 * (number % 5), 80 * (number % 3)
            photo[y : y + 240, x : x + 240] = face // tint
            (data / label / f"{number}.jpg").write_bytes(encode_jpeg(photo))
    clean(data, face_detector=str(yunet_file))
    return data


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory, face_network_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("brought")
    shutil.copy(face_network_file.with_name(MANIFEST), folder)
    return Path(shutil.copy(face_network_file, folder))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, people: Path, brought: Path) -> Run:
    """A finished run, trained where there is no torch."""
    runs = tmp_path_factory.mktemp("runs")
    without_torch = (
        f"{NO_TORCH}\nimport whatsit; "
        f"whatsit.train({str(people)!r}, face_network={str(brought)!r}, name='two', runs={str(runs)!r})"
    )
    done = subprocess.run([sys.executable, "-c", without_torch], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    from whatsit.model.run import open_run

    return open_run(runs / "two")


def test_the_model_file_alone_answers(
    run: Run, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "empty"))
    alone = load(shutil.copy(run.folder / "model.onnx", tmp_path / "alone.onnx"))
    facts = alone.facts
    assert (facts.format, facts.size, facts.crop) == (2, (150, 150), "face by yunet-2023mar as dlib's chip")
    assert (facts.card.recipe, facts.card.backbone) == ("transfer", "dlib-face")
    answers = alone.predict([people / label / "3.jpg" for label in ("blue", "natural")])
    assert [answer.label for answer in answers] == ["blue", "natural"]
    (nobody,) = alone.predict([encode_jpeg(scene(300, 300))])
    assert nobody.reason == "no clear face with two eyes"


def test_it_is_measured_again_on_photos_cut_the_same_way(run: Run, people: Path) -> None:
    from whatsit.evaluating.remeasure import remeasure

    assert remeasure(run, None, None).figures.n == run.info.figures.n
    assert remeasure(run, str(people), None).figures.n == run.info.figures.n


def test_the_browser_kit_says_that_it_cannot(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="face"):
        deploy(run, tmp_path / "kit", "browser", DeployOptions())
    assert not (tmp_path / "kit").exists()


@pytest.mark.parametrize("recipe", ["cnn", "classical", "finetune"])
def test_a_recipe_that_has_no_use_for_it_is_refused(people: Path, brought: Path, recipe: RecipeName) -> None:
    options = TrainOptions(recipe=recipe, transfer=TransferOptions(face_network=str(brought)))
    with pytest.raises(UserError, match=f"--face-network .* does nothing in recipe {recipe}"):
        train(people, options)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (TrainOptions(size=160), "looks at 150 × 150 pixels, and not at 160"),
        (
            TrainOptions(transfer=TransferOptions(backbone="vgg16")),
            "--backbone vgg16 does nothing.* Name one network",
        ),
        (
            TrainOptions(transfer=TransferOptions(weights="w.pth")),
            "--weights w.pth does nothing.* Name one network",
        ),
    ],
)
def test_options_that_do_not_go_with_it_are_refused(
    people: Path, brought: Path, options: TrainOptions, sentence: str
) -> None:
    from dataclasses import replace

    named = replace(options, transfer=replace(options.transfer, face_network=str(brought)))
    with pytest.raises(UserError, match=sentence):
        train(people, named)


def test_another_file_leaves_no_run(people: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"<!doctype html>")
    options = TrainOptions(transfer=TransferOptions(face_network=str(tmp_path / FILE)))
    with pytest.raises(UserError, match="is not the published"):
        train(people, options, "two", tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_whole_photos_are_refused(folder: Path, brought: Path, tmp_path: Path) -> None:
    options = TrainOptions(transfer=TransferOptions(face_network=str(brought)))
    with pytest.raises(UserError, match="are not cut to faces"):
        train(folder, options, "two", tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_where_it_is_not_named_photos_are_as_they_were(people: Path) -> None:
    dataset = read(people)
    assert cut_for_network(dataset, TrainOptions()) is dataset
    assert np.array_equal(dataset.labels, read(people).labels)
