"""How a photo looks: the numbers, and what they change about what is strange."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models import colour_graph, colours
from whatsit.data.pixels import decode_photos
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import split
from whatsit.image import Pixels
from whatsit.model.classifier import Classifier
from whatsit.model.finish import Trained, finish
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import Graph
from whatsit.model.strangeness.appearance import appearances_over, fit_appearance, without_colour


def random_photos(count: int, height: int, width: int) -> Pixels:
    random = np.random.default_rng(3)
    smooth = (
        random.integers(0, 256, (count, 4, 4, 3)).repeat(-(-height // 4), axis=1).repeat(-(-width // 4), axis=2)
    )
    noisy = smooth[:, :height, :width] + random.normal(0, 20, (count, height, width, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def looks_of(photos: Pixels) -> NDArray[np.float32]:
    return appearances_over(lambda rows: photos[rows], np.arange(len(photos)), (photos.shape[1], photos.shape[2]))


def averaged(x: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    rows, columns = x.shape[0] // side, x.shape[1] // side
    return x[: rows * side, : columns * side].reshape(rows, side, columns, side, 3).mean(axis=(1, 3))


def look_by_its_definition(photo: Pixels) -> list[float]:
    """Written out for one photo, slowly."""
    red, green, blue = np.moveaxis(averaged(photo / 255, max(1, round(min(photo.shape[:2]) / 32))), -1, 0)
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    seen = np.stack([light, blue - light, red - light], axis=-1)
    numbers = [*seen.mean(axis=(0, 1)), *np.log(seen.std(axis=(0, 1)) + 1e-2)]
    for scale in (1, 2, 4):
        if scale > 1 and min(seen.shape[:2]) // scale < 4:
            break
        x = averaged(seen, scale)
        centre = x[1:-1, 1:-1]
        around = x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:]
        edges = [x[1:-1, 2:] - centre, x[2:, 1:-1] - centre, 4 * centre - around]
        by_colour = np.stack(edges, axis=-1).reshape(-1, 9)  # of each colour its three edges
        numbers += [*np.log(np.abs(by_colour).mean(axis=0) + 1e-3)]
        numbers += [*np.log(np.sqrt((by_colour**2).mean(axis=0)) + 1e-3)]
    return [float(number) for number in numbers]


@pytest.mark.parametrize("size", [(8, 8), (28, 28), (32, 32), (64, 48), (150, 224)])
def test_the_numbers_are_those_of_their_definition(size: tuple[int, int]) -> None:
    photos = random_photos(3, *size)
    expected = [look_by_its_definition(photo) for photo in photos]
    np.testing.assert_allclose(looks_of(photos), expected, atol=2e-3)


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (5, 200)])
def test_the_smallest_photos_have_a_look_too(size: tuple[int, int]) -> None:
    assert np.isfinite(looks_of(random_photos(2, *size))).all()


def test_it_adds_nothing_to_known_photos_but_a_few() -> None:
    random = np.random.default_rng(0)
    mixing = random.normal(size=(6, 6))
    looks = (random.normal(size=(3000, 6)) @ mixing).astype(np.float32)
    appearance = fit_appearance(looks[:1000], looks[1000:2000])
    assert (appearance.added(looks[2000:]) > 0).mean() < 0.02
    assert (appearance.added(looks[2000:] + 20) > 0).all()


def test_photos_that_all_look_the_same_have_a_distance() -> None:
    looks = np.ones((50, 4), np.float32)
    appearance = fit_appearance(looks[:30], looks[30:])
    np.testing.assert_array_equal(appearance.added(looks), 0)
    assert np.isfinite(appearance.added(looks + 1)).all()


def test_a_number_that_is_the_same_for_all_photos_does_no_harm() -> None:
    looks = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    looks[:, 1] = 0.5
    appearance = fit_appearance(looks[:50], looks[50:])
    assert np.isfinite(appearance.directions).all()
    assert np.isfinite(appearance.limit)


@pytest.fixture(scope="module")
def models() -> dict[str, Classifier]:
    """Models that know a photo's mean colour alone, with and without an eye for how photos look."""
    dataset, pixels = decode_photos(colours(1200, side=32), (32, 32))
    parts = split(dataset.labels, pixels.same_content(), dataset.parts, pixels.sha256, 0)

    def model(from_nothing: bool) -> Classifier:
        trained = Trained(colour_graph(), [], "", from_nothing=from_nothing)
        return Classifier(finish(trained, ReadyData(dataset, pixels, parts)).file(), "model.onnx")

    return {"watching": model(True), "not watching": model(False)}


def test_photos_of_another_kind_are_strange_though_their_features_are_known(models: dict[str, Classifier]) -> None:
    red = np.tile(np.array((200, 60, 60), np.uint8), (32, 32, 1))
    stripes = red.copy()
    stripes[::2] = (240, 100, 100)
    stripes[1::2] = (160, 20, 20)
    for photo in (red, stripes):
        (before,), (after,) = (models[name].answers(photo[None]) for name in ("not watching", "watching"))
        assert before.known
        assert not after.known
        assert after.probabilities == pytest.approx(before.probabilities)


def test_new_photos_of_the_same_kind_stay_known(models: dict[str, Classifier]) -> None:
    new = colours(300, side=32, seed=9)
    photos = np.stack([np.asarray(new.photos.read(row)) for row in range(len(new.labels))])
    before, after = (models[name].answers(photos) for name in ("not watching", "watching"))
    refused = sum(one.known and not other.known for one, other in zip(before, after, strict=True))
    assert refused <= 6


def test_photos_in_grey_are_the_same_light() -> None:
    photos = random_photos(4, 9, 9)
    grey = without_colour(lambda rows: photos[rows])(np.arange(4))
    assert grey.dtype == np.uint8
    assert (grey[..., :1] == grey).all()
    np.testing.assert_allclose(grey[..., 0], photos @ (0.299, 0.587, 0.114), atol=0.51)


def test_the_graph_adds_what_the_arrays_add() -> None:
    photos = random_photos(60, 32, 32)
    looks = looks_of(photos)
    appearance = fit_appearance(looks[:30], looks[30:40])
    graph = Graph()
    added = appearance.append_to(graph, (32, 32))
    session = Session(graph.model((32, 32), {added: []}).SerializeToString())
    expected = appearance.added(looks)
    np.testing.assert_allclose(session.run(photos, (added,))[0], expected, atol=1e-3)
    assert (expected > 0).any()
    assert (expected == 0).any()
