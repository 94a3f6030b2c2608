"""Many photos into a table: every format, bad photos by name, and going on after a kill."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from drawing import put
from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.model import likeliest
from whatsit.model.asking.batch import answer_photos, write_table
from whatsit.model.asking.photos import NamedPhoto, resolve_names


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty photos, one of them cut short and one a page."""
    for number in range(28):
        put(tmp_path / "photos" / f"{number:02}.jpg", seed=number)
    (tmp_path / "photos" / "cut.jpg").write_bytes((tmp_path / "photos" / "00.jpg").read_bytes()[:200])
    (tmp_path / "photos" / "page.jpg").write_bytes(b"<html>")
    return tmp_path / "photos"


def photos(folder: Path) -> list[NamedPhoto]:
    return list(resolve_names([str(folder)], str.encode, io.BytesIO()))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_answers_come_in_order_and_are_those_of_one_photo_alone(tiny: Tiny, folder: Path) -> None:
    found = list(answer_photos(tiny.model, photos(folder)))
    assert [answer.name for answer in found] == [photo.name for photo in photos(folder)]
    for answer in found[:28]:
        alone = tiny.model.predict(answer.name)
        assert answer == alone
    assert [answer.reason for answer in found[28:]] == [
        "This photo cannot be read: cut short: the end of the file is missing.",
        "This photo cannot be read: not a picture (it starts with '<html>').",
    ]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_every_format_says_the_same(tiny: Tiny, folder: Path, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"answers.{suffix}"
    asked = write_table(tiny.model, photos(folder), file)
    assert (asked.photos, asked.earlier, asked.failed) == (30, 0, 2)
    expected = list(answer_photos(tiny.model, photos(folder)))
    if suffix == "csv":
        rows = read_csv(file)
        assert [row["predicted"] for row in rows] == [answer.label for answer in expected]
        assert float(rows[3]["p(red)"]) == pytest.approx(expected[3].probabilities["red"], rel=1e-6)
        assert rows[3]["known"] in ("yes", "no")
        reasons = [row["reason"] for row in rows]
    elif suffix == "jsonl":
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        assert rows[3] == expected[3].as_dict()
        reasons = [row["reason"] for row in rows]
    else:
        parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
        table = parquet.read_table(file)
        rows = table.to_pylist()
        assert json.loads(table.schema.metadata[b"classes"]) == list(tiny.model.classes)
        assert rows[3]["predicted"] == expected[3].label
        assert rows[3]["probabilities"] == [expected[3].probabilities[label] for label in tiny.model.classes]
        assert rows[28]["predicted"] is None
        reasons = [row["reason"] for row in rows]
    assert reasons == [answer.reason for answer in expected]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [file.name, "photos"]


def test_a_table_whose_writer_was_killed_goes_on_where_it_was(tiny: Tiny, folder: Path, tmp_path: Path) -> None:
    whole, file = tmp_path / "whole.csv", tmp_path / "answers.csv"
    write_table(tiny.model, photos(folder), whole)
    stuck = f"""
import sys, time, io
from pathlib import Path
from whatsit.model.asking import batch
from whatsit.model.classifier import load
from whatsit.model.asking.photos import NamedPhoto, resolve_names
batch.EVERY = 4
def slowly():
    for number, photo in enumerate(resolve_names([{str(folder)!r}], str.encode, io.BytesIO())):
        yield NamedPhoto(photo.name, (lambda: time.sleep(99)) if number > 19 else photo.read)
batch.write_table(load({str(tiny.run.folder)!r}), slowly(), Path({str(file)!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", stuck], env=os.environ)
    part = Path(f"{file}.part")
    gives_up = time.monotonic() + 30
    while not part.exists() or part.read_bytes().count(b"\n") < 9:
        assert time.monotonic() < gives_up
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not file.exists()
    with part.open("ab") as torn:
        torn.write(b'["half a li')
    asked = write_table(tiny.model, photos(folder), file)
    assert asked.earlier >= 8
    assert asked.photos + asked.earlier == 30
    assert file.read_bytes() == whole.read_bytes()
    assert not part.exists()


def test_answers_of_two_models_are_not_mixed(tiny: Tiny, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    Path(f"{file}.part").write_text('{"format": 1, "model": "another"}\n')
    with pytest.raises(UserError, match="has answers of another model"):
        write_table(tiny.model, photos(folder), file)


def test_a_suffix_that_is_no_format_and_no_photos_at_all_are_said(
    tiny: Tiny, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="says no format by its name"):
        write_table(tiny.model, photos(folder), tmp_path / "answers.xls")
    with pytest.raises(UserError, match="no photos to ask about"):
        write_table(tiny.model, [], tmp_path / "answers.csv")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["answers.csv.lock", "photos"]


def test_names_that_are_no_text_go_into_every_format(tiny: Tiny, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b'/p/caf\xe9\nnew, "quoted".jpg')
    put(Path(odd))
    found = photos(tmp_path / "p")
    for suffix in ("csv", "jsonl", "parquet"):
        write_table(tiny.model, found, tmp_path / f"answers.{suffix}")
    with (tmp_path / "answers.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [odd]


def test_of_many_classes_a_csv_names_the_likeliest_and_the_matrix_lies_beside_it(
    tiny: Tiny, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeliest, "MOST", 2)
    monkeypatch.setattr(likeliest, "FIRST", 2)
    expected = list(answer_photos(tiny.model, photos(folder)))
    write_table(tiny.model, photos(folder), tmp_path / "answers.csv")
    rows, matrix = read_csv(tmp_path / "answers.csv"), np.load(tmp_path / "answers.npy")
    assert matrix.shape == (30, 3)
    for row, shares, answer in zip(rows, matrix, expected, strict=True):
        assert row["reason"] == answer.reason
        if answer.reason:
            assert np.isnan(shares).all()
            continue
        assert shares.tolist() == [answer.probabilities[label] for label in tiny.model.classes]
        assert [row["likeliest_1"], row["likeliest_2"]] == list(answer.probabilities)[:2]
        assert row["predicted"] == answer.label
    assert sorted(file.name for file in tmp_path.iterdir()) == ["answers.csv", "answers.npy", "photos"]


def test_a_table_that_an_earlier_version_began_is_ended(tiny: Tiny, folder: Path, tmp_path: Path) -> None:
    whole, file = tmp_path / "whole.csv", tmp_path / "answers.csv"
    write_table(tiny.model, photos(folder), whole)
    first = next(answer_photos(tiny.model, photos(folder)))
    shares = [first.probabilities[label] for label in tiny.model.classes]
    lines = [json.dumps({"format": 1, "model": tiny.model.digest})]
    lines += [json.dumps([first.name, "", first.distance, *shares])]
    Path(f"{file}.part").write_text("".join(f"{line}\n" for line in lines))
    assert write_table(tiny.model, photos(folder), file).earlier == 1
    assert file.read_bytes() == whole.read_bytes()
