"""Which recipe is taken where none is named."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import colours
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.target import SEVERAL
from whatsit.errors import UserError
from whatsit.files import cache_dir
from whatsit.model.backbones.known import BACKBONES, DEFAULT, Package
from whatsit.options import choose as choose_options
from whatsit.road.preparing import prepare
from whatsit.training.auto import FEW, GIVEN, TINY, choose_recipe, find_better, list_rivals, try_recipes
from whatsit.training.options import AugmentOptions, ClassicalOptions, NetOptions, TrainOptions, TransferOptions
from whatsit.training.task import Task

SOURCE = BACKBONES[DEFAULT].source
assert isinstance(SOURCE, Package)
PACKAGE = SOURCE.module


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WHATSIT_DATA", raising=False)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    """As if these were not installed."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in modules else real(name))


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no package brought weights."""
    without(monkeypatch, PACKAGE)


def photos(count: int, side: int) -> Dataset:
    array = np.broadcast_to(np.uint8(0), (count, side, side, 3))
    labels = ["a", "b"] * (count // 2)
    return dataset_of("photos", Arrays(array, [str(row) for row in range(count)], "x"), labels)


def put_weights() -> None:
    file = cache_dir() / "weights" / "mobilenetv2.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")


def test_the_network_that_comes_with_the_package_is_taken_with_and_without_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert choose_recipe(photos(40, 100), TrainOptions())[0] == "transfer"
    without(monkeypatch, "torch")
    assert choose_recipe(photos(40, 100), TrainOptions())[0] == "transfer"


def test_without_torch_small_pictures_are_left_to_classical_and_a_named_network_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_weights()
    without(monkeypatch, "torch")
    mobile = TrainOptions(transfer=TransferOptions(backbone="mobilenetv2"))
    assert choose_recipe(photos(FEW, 100), mobile)[0] == "transfer"  # and is refused there, as it needs torch
    assert choose_recipe(photos(FEW, 32), TrainOptions())[0] == "classical"


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="training needs the extra 'train'")
class TestWithTorch:
    def test_photos_and_a_backbone_at_hand_make_transfer(self) -> None:
        put_weights()
        mobile = TrainOptions(transfer=TransferOptions(backbone="mobilenetv2"))
        assert choose_recipe(photos(40, 100), mobile)[0] == "transfer"

    def test_small_pictures_never_go_through_a_backbone(self) -> None:
        assert choose_recipe(photos(FEW, 32), TrainOptions())[0] == "cnn"

    @pytest.mark.usefixtures("no_package")
    def test_few_photos_without_a_backbone_are_classical(self) -> None:
        name, reason = choose_recipe(colours(120), TrainOptions())
        assert name == "classical"
        assert "120 photos are few" in reason

    @pytest.mark.usefixtures("no_package")
    def test_many_photos_without_a_backbone_train_a_network(self) -> None:
        assert choose_recipe(photos(FEW, 100), TrainOptions())[0] == "cnn"

    def test_of_two_recipes_the_one_that_names_more_photos_right_is_taken(self, tmp_path: Path) -> None:
        choice = try_recipes([task(bars(), "cnn", tmp_path), task(bars(), "classical", tmp_path)])
        assert choice.recipe == "classical"
        assert choice.trained is not None
        assert choice.reason.startswith("asked about photos that they had not learnt from, cnn named ")
        assert choice.reason.endswith(", classical named 68 of 68 right")

    def test_a_rival_that_sees_nothing_is_out_and_the_first_one_is_not(self, tmp_path: Path) -> None:
        values = np.arange(40, dtype=np.uint8)[:, None, None, None]
        array = np.broadcast_to(6 * values, (40, 16, 16, 3)).copy()
        grey = dataset_of("greys", Arrays(array, [str(row) for row in range(40)], "x"), ["a", "b"] * 20)
        first, rival = task(grey, "cnn", tmp_path), task(grey, "classical", tmp_path)
        assert try_recipes([first, rival]).recipe == "cnn"
        with pytest.raises(UserError, match="all training photos look the same"):
            try_recipes([rival, first])

    def test_options_that_are_given_leave_the_recipes_that_use_them(self) -> None:
        few = photos(40, 100)
        assert choose(few, {"epochs": 3}) == "finetune"
        assert choose(few, {"depth": 3}) == "cnn"
        assert choose(few, {"features": "hog"}) == "classical"
        assert choose(photos(FEW, 32), {"backbone": "vgg16"}) == "transfer"
        assert choose(photos(FEW, 32), {"backbone": DEFAULT}) == "transfer"
        assert choose(few, {"search_folds": 5}) == "classical"  # be it the usual number
        assert choose(photos(FEW, 32), {"epochs": 3}) == "cnn"

    def test_the_reason_names_the_options_that_bar_what_suits_best(self) -> None:
        few = photos(40, 100)
        assert reason(few, {"depth": 3}) == reason(few, {"features": "hog"}) == GIVEN  # one recipe is left
        assert reason(few, {"epochs": 3}).startswith("because of --epochs, and the pretrained network ")
        assert reason(few, {"learning_rate": 0.1, "epochs": 3}).startswith(
            "because of --epochs and --learning-rate"
        )
        assert reason(photos(FEW, 32), {"epochs": 3}) == "the pictures are small"  # which it would be anyway
        assert reason(photos(FEW, 32), {"backbone": DEFAULT}) == "because of --backbone"

    def test_without_torch_no_network_is_denied_that_is_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        without(monkeypatch, "torch")
        assert reason(photos(40, 100), {"epochs": 3}) == "because of --epochs"

    @pytest.mark.usefixtures("no_package")
    def test_without_a_backbone_they_leave_the_network_from_nothing(self) -> None:
        assert choose(photos(40, 100), {"epochs": 3}) == "cnn"
        assert reason(photos(FEW, 100), {"epochs": 3}) == "no pretrained network is on this machine"


def choose(dataset: Dataset, choices: dict[str, object]) -> str:
    return choose_recipe(dataset, choose_options(TrainOptions, None, choices))[0]


def reason(dataset: Dataset, choices: dict[str, object]) -> str:
    return choose_recipe(dataset, choose_options(TrainOptions, None, choices))[1]


def test_what_would_do_better_is_said_with_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = TrainOptions()
    assert find_better("transfer", photos(40, 100), usual) is None
    assert find_better("classical", photos(40, 100), usual) is None  # taken though the network is here
    assert find_better("classical", photos(40, 32), usual) is None
    without(monkeypatch, PACKAGE, "torch")
    for recipe in ("cnn", "classical"):
        said = find_better(recipe, photos(40, 100), usual)  # type: ignore[arg-type]
        assert said is not None
        assert SOURCE.requirement in said
    said = find_better("classical", photos(FEW, 32), usual)
    assert said is not None
    assert "pip install 'whatsit[train]'" in said
    hog = choose_options(TrainOptions, None, {"features": "hog"})
    assert find_better("classical", photos(40, 100), hog) is None


def test_computed_features_are_tried_beside_a_network_where_photos_are_few_and_nothing_is_asked_for() -> None:
    few, many = photos(40, 100), photos(TINY, 100)
    assert list_rivals("transfer", few, TrainOptions()) == ("transfer", "classical")
    assert list_rivals("transfer", many, TrainOptions()) == ("transfer",)
    assert list_rivals("cnn", few, TrainOptions()) == ("cnn",)
    for asked in (
        TrainOptions(size=96),
        TrainOptions(time="2m"),
        TrainOptions(transfer=TransferOptions(head="dense")),
    ):
        assert list_rivals("transfer", few, asked) == ("transfer",)


@pytest.mark.parametrize(("labels", "rivals"), [(50, ("transfer", "classical")), (51, ("transfer",))])
def test_computed_features_are_not_tried_for_each_of_very_many_labels(
    labels: int, rivals: tuple[str, ...]
) -> None:
    few = photos(40, 100)
    marks = np.zeros((len(few), labels), np.int64)
    several = replace(few, classes=tuple(f"l{number}" for number in range(labels)), labels=marks, target=SEVERAL)
    assert list_rivals("transfer", several, TrainOptions()) == rivals


def bars() -> Dataset:
    """Noisy photos of a bright bar, level or upright."""
    random = np.random.default_rng(0)
    array = random.integers(0, 60, (80, 16, 16, 3), np.uint8)
    for row, place in enumerate(random.integers(0, 12, 80)):
        bar = (slice(None), slice(place, place + 4)) if row % 2 else (slice(place, place + 4), slice(None))
        array[row][bar] += np.uint8(150)
    return dataset_of("bars", Arrays(array, [str(row) for row in range(80)], "bars"), ["level", "upright"] * 40)


def task(dataset: Dataset, recipe: str, checkpoint: Path) -> Task:
    """A quick training of a recipe, as the road makes it; a network that hardly learns."""
    checkpoint.mkdir(exist_ok=True)
    options = TrainOptions(
        recipe=recipe,  # type: ignore[arg-type]
        net=NetOptions(net="simple", epochs=1, width=2, depth=1, dense=4, learning_rate=1e-6, precision="fp32"),
        classical=ClassicalOptions(features="hog", models="logistic", search_folds=3),
        augment=AugmentOptions("none"),
    )
    ready = prepare(dataset, options)
    return Task(ready, options, checkpoint)
