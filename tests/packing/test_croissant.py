"""croissant.json, read back by the library of the standard's own makers where it is there."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelled import write_labelled
from whatsit.data.catalog import open_catalog
from whatsit.files import sha256_of
from whatsit.image import encode_png
from whatsit.packing.croissant import CONTEXT, find_misread
from whatsit.packing.packing import FORMATS, PackOptions, pack

# It brings pandas and more, so it is no dependency: `pip install mlcroissant` here, or name a Python that has it
READER = os.environ.get("WHATSIT_MLCROISSANT", sys.executable)
READ = """
import json, sys, mlcroissant
found = mlcroissant.Dataset(jsonld=sys.argv[1])
about = found.metadata
def plain(value):
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return [plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value

rows = [{name: plain(value) for name, value in row.items()} for row in found.records("photos")]
told = {"name": about.name, "licence": about.license, "url": about.url, "version": about.version}
issues = sorted(about.ctx.issues.errors) + sorted(about.ctx.issues.warnings)
print(json.dumps(told | {"rows": rows, "issues": [str(one) for one in issues]}))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for label in ("Ça va", "dog, {brown}"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(8):
            pixels = np.random.default_rng(number + len(label) * 50).integers(0, 256, (20, 24, 3)).astype(np.uint8)
            (tmp_path / "data" / label / f"{number}.png").write_bytes(encode_png(pixels))
    return tmp_path / "data"


def packed(data: Path, **options: Any) -> dict[str, Any]:
    pack(data, data.parent / "packed", PackOptions(size=16, **options))
    about: dict[str, Any] = json.loads((data.parent / "packed" / "croissant.json").read_text(encoding="utf-8"))
    return about


def read_back(data: Path) -> dict[str, Any]:
    """What mlcroissant makes of the pack."""
    if subprocess.run([READER, "-c", "import mlcroissant"], capture_output=True).returncode:
        pytest.skip("mlcroissant is not there: `pip install mlcroissant`, or name a Python in WHATSIT_MLCROISSANT")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    asked = subprocess.run(
        [READER, "-c", READ, str(data.parent / "packed" / "croissant.json")],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert asked.returncode == 0, asked.stderr
    told: dict[str, Any] = json.loads(asked.stdout)
    return told


def test_several_labels_are_read_as_a_list(tmp_path: Path) -> None:
    table = write_labelled(tmp_path / "data", photos=30)
    pack(table, tmp_path / "packed", PackOptions(size=16))
    about = json.loads((tmp_path / "packed" / "croissant.json").read_text(encoding="utf-8"))
    (labels,) = [one for one in about["recordSet"][0]["field"] if one["name"] == "labels"]
    assert labels["source"]["transform"] == {"separator": ";"}
    with (tmp_path / "packed" / "contents.csv").open(newline="", encoding="utf-8") as file:
        rows = [row["labels"] for row in csv.DictReader(file)]
    told = read_back(table.parent)
    assert told["issues"] == []
    assert [";".join(row["photos/labels"] or ()) for row in told["rows"]] == rows


@pytest.mark.parametrize("to", FORMATS)
def test_mlcroissant_reads_every_photo_and_misses_nothing(data: Path, to: Any) -> None:
    about = packed(data, to=to, per_class=7)
    told = read_back(data)
    assert told["issues"] == []
    assert (told["name"], told["url"], told["version"]) == ("data", about["url"], about["version"])
    with (data.parent / "packed" / "contents.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    read = [{name.partition("/")[2]: value for name, value in row.items()} for row in told["rows"]]
    for row in read:  # by way of pandas an empty cell is None, and a number beside empty cells a float
        row["group"] = "" if row["group"] is None else str(int(float(row["group"])))
    assert [{name: str(value) for name, value in row.items()} for row in read] == rows


def test_names_with_blanks_at_their_ends_are_read_as_they_are(tmp_path: Path) -> None:
    for label in (" cat", "dog ", "red  fox"):
        for number, name in enumerate((" lead", "trail ", "\u00a0hard", "tab\t", "a", "b")):
            pixels = np.random.default_rng(len(label) * 10 + number).integers(0, 256, (20, 24, 3)).astype(np.uint8)
            (tmp_path / "data" / label).mkdir(parents=True, exist_ok=True)
            (tmp_path / "data" / label / f"{name}.png").write_bytes(encode_png(pixels))
    packed(tmp_path / "data")
    with (tmp_path / "packed" / "contents.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["class"], row["photo"]) for row in csv.DictReader(file)]
    assert len(rows) == 18
    told = read_back(tmp_path / "data")
    assert [(row["photos/class"], row["photos/photo"]) for row in told["rows"]] == rows


@pytest.mark.parametrize(
    ("classes", "misread"),
    [
        (("cat", "NA", "None"), ("NA", "None")),
        (("01", "2", "10"), ("01",)),
        (("1.0", "1e3"), ("1.0", "1e3")),
        (("01", "2", "nan"), ("nan", "01")),
        (("0", "1", "-2"), ()),
        (("01", "cat"), ()),
        (("na", "no", "1_000", "2"), ()),
    ],
)
def test_names_that_pandas_reads_otherwise_are_known(classes: tuple[str, ...], misread: tuple[str, ...]) -> None:
    assert find_misread(classes) == misread


def test_it_names_the_files_with_their_digests(data: Path) -> None:
    about = packed(data, to="npz")
    assert about["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert {one["name"]: one["sha256"] for one in about["distribution"]} == {
        name: sha256_of(data.parent / "packed" / name) for name in ("contents.csv", "data.npz")
    }


def test_its_words_are_those_of_the_standard(data: Path) -> None:
    """Each name that is used is said in the context, where readers look it up."""
    about = packed(data)
    ours = {key for one in about["recordSet"] for key in one} | {
        key for one in about["distribution"] for key in one
    }
    ours |= {key for one in about["recordSet"][0]["field"] for key in one} | about.keys()
    of_schema_org = {"contentUrl", "datePublished", "encodingFormat", "license", "sha256", "url", "version"}
    of_schema_org |= {"distribution"}
    assert {key for key in ours if not key.startswith("@")} <= CONTEXT.keys() | of_schema_org
    assert CONTEXT["@language"] == "en"


def test_a_data_set_of_ones_own_has_a_name_that_only_its_content_has(data: Path) -> None:
    about = packed(data)
    assert about["url"].startswith("ni:///sha-256;")
    assert about["version"].startswith("1.0.0+")
    assert about["license"] == "unknown"
    assert date.fromisoformat(about["datePublished"])
    assert about["citeAs"].count("{") == about["citeAs"].count("}")


def test_its_owner_names_licence_and_address(data: Path) -> None:
    licence, address = "https://creativecommons.org/licenses/by/4.0/", "https://photos.example/pets"
    about = packed(data, licence=licence, address=address)
    assert (about["license"], about["url"]) == (licence, address)
    told = read_back(data)
    assert (told["licence"], told["url"]) == ([licence], address)


def test_collected_photos_bring_their_licences_and_those_without_are_said(data: Path) -> None:
    with open_catalog(data) as catalog:
        for number, licence in enumerate(("CC BY 4.0", "by-sa", "")):
            catalog.write(
                "INSERT INTO candidates (class, address, rank, source, host, state, kind, reason, photo)"
                " VALUES ('Ça va', ?, 1, '', 'photos.example', 'kept', '', '', ?)",
                f"https://photos.example/{number}.jpg",
                f"Ça va/{number}.png",
            )
            columns = ("page", "title", "author", "author_page", "licence", "licence_address", "licence_basis")
            columns += ("attribution", "restrictions", "thumbnail", "time", "source", "words")
            values = dict.fromkeys(columns, "") | {"licence": licence}
            catalog.write(
                f"INSERT INTO sightings (candidate, {', '.join(columns)}) SELECT max(id), "
                f"{', '.join('?' * len(columns))} FROM candidates",
                *(values[name] for name in columns),
            )
    assert packed(data)["license"] == ["CC BY 4.0", "by-sa", "unknown"]
