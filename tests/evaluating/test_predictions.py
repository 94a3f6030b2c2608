"""What a model said, in memory and on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import tiny_run
from whatsit.errors import UserError
from whatsit.evaluating.predictions import Predictions, predict, read_predictions, write_predictions
from whatsit.files import read_csv
from whatsit.model.facts.file import Thresholds

THRESHOLDS = Thresholds(distance=0.5, reject_share=0.01, probability=0.1, coverage=0.95, measured_on=100)


def test_predictions_are_what_the_model_answers_photo_by_photo(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    found = predict(tiny.model, tiny.ready, tiny.split.rows("test"))
    for row, name, shares, distance in zip(
        found.rows, found.names, found.probabilities, found.distances, strict=True
    ):
        answer = tiny.model.answers(tiny.decoded.take(np.array([row])))[0]
        assert tiny.dataset.photos.names[row] == name
        expected = dict(zip(tiny.model.classes, shares.tolist(), strict=True))
        assert answer.probabilities == pytest.approx(expected, abs=1e-5)
        assert answer.distance == pytest.approx(distance, abs=1e-5)


def test_no_rows_give_no_predictions(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    found = predict(tiny.model, tiny.ready, np.arange(0))
    assert len(found) == 0
    assert found.probabilities.shape == (0, 3)


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@settings(deadline=None, max_examples=50)
@given(st.lists(names, min_size=2, max_size=4, unique=True), st.lists(names, max_size=5), st.randoms())
def test_what_is_written_is_read_back_to_the_bit(tmp_path_factory, classes, photos, random) -> None:
    values = np.random.default_rng(random.randrange(2**32))
    probabilities = values.dirichlet(np.ones(len(classes)), len(photos)).astype(np.float32)
    labels = values.integers(len(classes), size=len(photos))
    written = Predictions(
        tuple(photos), np.arange(len(photos)), labels, probabilities, values.random(len(photos)).astype(np.float32)
    )
    path = tmp_path_factory.mktemp("p") / "predictions.csv"
    write_predictions(path, written, classes, THRESHOLDS)
    found, found_classes = read_predictions(path)
    assert found_classes == tuple(classes)
    assert found.names == written.names
    assert found.labels.tolist() == labels.tolist()
    assert found.probabilities.tobytes() == probabilities.reshape(len(photos), len(classes)).tobytes()
    assert found.distances.tobytes() == written.distances.tobytes()


def test_the_table_says_what_is_known_and_what_it_could_be(tmp_path: Path) -> None:
    written = Predictions(
        ("a.jpg", "b.jpg"),
        np.arange(2),
        np.array([0, 1]),
        np.array([[0.85, 0.15], [0.95, 0.05]], np.float32),
        np.array([0.2, 0.7], np.float32),
    )
    write_predictions(tmp_path / "predictions.csv", written, ["name", "dog"], THRESHOLDS)
    text = (tmp_path / "predictions.csv").read_text()
    assert text.splitlines() == [
        "name,true,predicted,probability,distance,known,could_be,p(name),p(dog)",
        "a.jpg,name,name,0.850000024,0.200000003,yes,name | dog,0.850000024,0.150000006",
        "b.jpg,dog,name,0.949999988,0.699999988,no,name,0.949999988,0.0500000007",
    ]


@pytest.mark.parametrize(
    "content",
    ["", "name,true", "name,true,predicted,probability,distance,known,could_be,p(a)\nx,b,a,1,0,yes,a,1\n", "\0"],
)
def test_a_damaged_table_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "predictions.csv").write_text(content)
    with pytest.raises(UserError, match="damaged"):
        read_predictions(tmp_path / "predictions.csv")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file"):
        read_predictions(tmp_path / "predictions.csv")


def test_a_file_name_that_is_no_text_comes_back_as_it_was(tmp_path: Path) -> None:
    written = Predictions(
        ("caf\udce9.jpg",),
        np.arange(1),
        np.array([0]),
        np.array([[0.9, 0.1]], np.float32),
        np.zeros(1, np.float32),
    )
    write_predictions(tmp_path / "predictions.csv", written, ["a", "b"], THRESHOLDS)
    found, _ = read_predictions(tmp_path / "predictions.csv")
    assert found.names == written.names
    assert b"caf\xe9.jpg" in (tmp_path / "predictions.csv").read_bytes()


def of_many_classes(photos: int = 40, classes: int = 3000) -> tuple[Predictions, list[str]]:
    values = np.random.default_rng(0)
    shares = values.dirichlet(np.full(classes, 0.1), photos).astype(np.float32)
    names = tuple(f"{place}.jpg" for place in range(photos))
    labels = values.integers(classes, size=photos)
    found = Predictions(names, np.arange(photos), labels, shares, values.random(photos).astype(np.float32))
    return found, [f"class {place}" for place in range(classes)]


def test_of_many_classes_the_table_has_the_likeliest_and_the_matrix_comes_back_to_the_bit(tmp_path: Path) -> None:
    written, classes = of_many_classes()
    path = tmp_path / "predictions.csv"
    write_predictions(path, written, classes, THRESHOLDS)
    assert path.stat().st_size < 40 * 600  # with a column a class 40 * 36,000
    row = read_csv(path)[7]
    assert row["predicted"] == row["likeliest_1"] == classes[written.chosen[7]]
    assert np.float32(row["p_1"]) == written.probabilities[7].max()
    assert float(row["p_1"]) >= float(row["p_2"]) >= float(row["p_10"])
    found, found_classes = read_predictions(path, known=classes)
    assert found_classes == tuple(classes)
    assert isinstance(found.probabilities, np.memmap)
    assert found.probabilities.tobytes() == written.probabilities.tobytes()
    assert found.labels.tolist() == written.labels.tolist()


def test_no_photos_of_many_classes_come_back(tmp_path: Path) -> None:
    written, classes = of_many_classes(0)
    write_predictions(tmp_path / "predictions.csv", written, classes, THRESHOLDS)
    assert read_predictions(tmp_path / "predictions.csv", known=classes)[0].probabilities.shape == (0, 3000)


def test_a_matrix_that_is_gone_or_of_another_table_is_said(tmp_path: Path) -> None:
    written, classes = of_many_classes()
    path, matrix = tmp_path / "predictions.csv", tmp_path / "predictions.npy"
    write_predictions(path, written, classes, THRESHOLDS)
    np.save(matrix, written.probabilities[::-1])
    with pytest.raises(UserError, match="damaged"):
        read_predictions(path, known=classes)
    np.save(matrix, written.probabilities[1:])
    with pytest.raises(UserError, match="damaged"):
        read_predictions(path, known=classes)
    matrix.unlink()
    with pytest.raises(UserError, match=r"There is no file .*predictions\.npy"):
        read_predictions(path, known=classes)
