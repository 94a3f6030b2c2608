from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import colour_graph
from photos import scene
from whatsit import events
from whatsit.cleaning import deep, inside
from whatsit.cleaning.cleaning import clean
from whatsit.cleaning.features import Features, features_at, features_of
from whatsit.cleaning.looks import look_at_all
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import encode_jpeg, resize_pixels
from whatsit.model.backbones.find import Backbone
from whatsit.model.backbones.kept import CONVERSION, load_kept_graph
from whatsit.model.graph.session import Session


@pytest.fixture(autouse=True)
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache in which no other test left a trained network."""
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


def grey(pixels: np.ndarray) -> np.ndarray:
    return resize_pixels(pixels, (inside.SIDE, inside.SIDE)).astype(np.float32).mean(2)


def test_a_crop_lies_inside_its_photo_and_another_photo_does_not() -> None:
    photo = scene(120, 160, seed=1)
    assert inside.measure_overlap(grey(photo), grey(photo[6:, 10:])) > inside.CORRELATION
    assert inside.measure_overlap(grey(photo), grey(photo[6:, 10:][:, ::-1])) > inside.CORRELATION
    assert inside.measure_overlap(grey(photo), grey(scene(120, 160, seed=2))) < 0.8


def test_a_photo_with_a_border_holds_the_photo() -> None:
    photo = scene(120, 160, seed=1)
    bordered = np.full((132, 176, 3), 255, np.uint8)
    bordered[6:126, 8:168] = photo
    assert inside.measure_overlap(grey(bordered), grey(photo)) > inside.CORRELATION


def test_a_flat_picture_lies_inside_nothing() -> None:
    flat = np.full((inside.SIDE, inside.SIDE), 128, np.float32)
    assert inside.measure_overlap(flat, grey(scene())) < inside.CORRELATION
    assert inside.measure_overlap(flat, flat) < inside.CORRELATION


@pytest.fixture
def cropped(folder: Path) -> Path:
    (folder / "cat" / "part.jpg").write_bytes(encode_jpeg(scene(seed=3)[9:, :146]))
    return folder


def test_a_crop_is_found_and_kept_on_one_side_of_a_split(cropped: Path) -> None:
    cleaned = clean(cropped, deep=True)
    (finding,) = [one for one in cleaned.findings if one.check == "part-of-another"]
    assert (finding.photo, finding.detail["of"]) == ("cat/part.jpg", "cat/3.jpg")
    dataset = apply_decisions(read(cropped))
    group = dict(zip(dataset.photos.names, dataset.groups, strict=True))
    assert group["cat/part.jpg"] == group["cat/3.jpg"]


def test_what_was_found_deep_stays_when_cleaning_again_without(cropped: Path) -> None:
    clean(cropped, deep=True)
    clean(cropped, accept=["part-of-another"])
    assert "cat/part.jpg" not in apply_decisions(read(cropped)).photos.names


def test_the_default_network_is_made_where_it_is_needed_and_named(cropped: Path) -> None:
    told: list[events.Event] = []
    with events.listening(told.append):
        clean(cropped, deep=True)
    assert any(isinstance(one, events.Note) and "lite0" in one.text for one in told)


def test_without_cleanlab_all_else_is_looked_for(
    two_clouds: tuple[Path, Features], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, features = two_clouds
    monkeypatch.setattr("whatsit.cleaning.cleaning.features_of", lambda *_: features)
    monkeypatch.setattr("whatsit.model.suspects.importlib.util.find_spec", lambda _: None)
    told: list[events.Event] = []
    with events.listening(told.append):
        cleaned = clean(folder, deep=True)
    assert any(one.check == "off-class" for one in cleaned.findings)
    assert any(isinstance(one, events.Note) and "cleanlab" in one.text for one in told)


def test_a_file_that_is_no_network_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"no network")
    with pytest.raises(UserError):
        clean(folder, network=tmp_path / "net.onnx")
    with pytest.raises(UserError, match=r"There is no network '.*missing.onnx'\. Give a finished run"):
        clean(folder, network=tmp_path / "missing.onnx")


@pytest.fixture
def two_clouds(tmp_path: Path) -> tuple[Path, Features]:
    """Twenty photos of each of two classes, and features in which the classes lie apart; photo 0 of `a` lies
    among `b`, photo 0 of `b` far from everything."""
    for place, label in enumerate("ab"):
        (tmp_path / label).mkdir()
        for number in range(20):
            content = encode_jpeg(scene(40, 40, seed=20 * place + number))
            (tmp_path / label / f"{number:02}.jpg").write_bytes(content)
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.15, (40, 16))
    values[:20, 0] += 1
    values[20:, 1] += 1
    values[0] = values[30] + rng.normal(0, 0.05, 16)
    values[20] = np.eye(16)[9]
    return tmp_path, features_at("drawn", values.astype(np.float32), np.arange(40))


def test_a_photo_among_another_class_is_suspect(two_clouds: tuple[Path, Features]) -> None:
    pytest.importorskip("cleanlab", reason="needs cleanlab")
    folder, features = two_clouds
    found = list(deep.judge_suspects(look_at_all(read(folder)), features))
    assert found[0].photo == "a/00.jpg"
    assert found[0].detail["class"] == "b"
    assert len(found) <= 2


def test_a_photo_far_from_its_class_is_off_class(two_clouds: tuple[Path, Features]) -> None:
    folder, features = two_clouds
    found = {one.photo: one for one in deep.judge_off_class(look_at_all(read(folder)), features)}
    assert {"a/00.jpg", "b/00.jpg"} <= found.keys()
    assert len(found) <= 4
    for one in found.values():
        wanted = f"{one.value:.1f} robust deviations farther from the other photos of {one.photo[0]} than is usual"
        assert (one.reason, one.value > deep.FAR) == (wanted, True)


def test_out_of_fold_a_photo_s_duplicates_are_not_learnt_from(two_clouds: tuple[Path, Features]) -> None:
    _, features = two_clouds
    labels = np.repeat([0, 1], 20)
    doubled = features.take(np.tile(np.arange(40), 2))
    groups = np.tile(np.arange(40), 2)
    probabilities = deep.out_of_fold(doubled, np.tile(labels, 2), groups)
    assert probabilities[0, 0] < 0.5  # its copy, of the same wrong class, would have vouched for it


def test_a_network_is_asked_at_its_own_size(folder: Path, tmp_path: Path) -> None:
    content = colour_graph()
    shape = content.graph.input[0].type.tensor_type.shape.dim
    shape[1].dim_value, shape[2].dim_value = 12, 20
    assert Session(content.SerializeToString()).size == (12, 20)
    (tmp_path / "net.onnx").write_bytes(content.SerializeToString())
    survey = look_at_all(read(folder))
    assert features_of(survey, tmp_path / "net.onnx").take(np.arange(len(survey))).shape == (len(survey), 3)


def keep(name: str, side: int, graph: bytes) -> None:
    """Leave a network's graph in the cache, as training does."""
    network = Backbone(name, Path(), "0" * 64, (side, side), "unknown")
    load_kept_graph(network, (side, side), lambda _network, _size: graph)


def test_a_pretrained_network_is_asked_for_by_its_name_and_no_other_is_taken(folder: Path) -> None:
    for name, side in (("alpha", 12), ("gamma", 12), ("gamma", 20)):
        content = colour_graph()
        shape = content.graph.input[0].type.tensor_type.shape.dim
        shape[1].dim_value = shape[2].dim_value = side
        keep(name, side, content.SerializeToString())
    survey = look_at_all(read(folder))
    assert features_of(survey, Path("gamma")).source == f"gamma-0000000000000000-20x20-{CONVERSION}.onnx"
    assert features_of(survey, Path("alpha")).source == f"alpha-0000000000000000-12x12-{CONVERSION}.onnx"
    with pytest.raises(UserError, match="There is no network 'beta'"):
        features_of(survey, Path("beta"))


def test_another_network_in_the_cache_is_not_taken_for_the_default_one(folder: Path) -> None:
    keep("alpha", 12, colour_graph().SerializeToString())
    survey = look_at_all(read(folder))
    assert features_of(survey).source == "lite0"
    assert features_of(survey, Path("lite0")).take(np.arange(len(survey))).shape == (len(survey), 1280)


def test_what_a_network_saw_is_kept(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.onnx").write_bytes(colour_graph().SerializeToString())
    survey = look_at_all(read(folder))
    first = features_of(survey, tmp_path / "net.onnx")
    monkeypatch.setattr("whatsit.model.graph.features.compute", None)  # asking it again would fail
    assert features_of(survey, tmp_path / "net.onnx").values.tobytes() == first.values.tobytes()
