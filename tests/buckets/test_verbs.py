"""Every verb and the addresses of stores: what works there, and what says what to do instead."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import whatsit
from models import Tiny
from photos import scene
from reviewing import reviewing
from s3 import KEYS
from shards import write_shards
from whatsit.data.decisions import apply_decisions
from whatsit.errors import UserError
from whatsit.image import encode_jpeg

PETS = "s3://photos/pets"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whatsit", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=cwd)


def test_a_model_is_trained_on_an_address_and_measured_again(store, folder, tmp_path):
    store.put_folder(PETS, folder)
    there = whatsit.train(PETS, recipe="classical", runs=tmp_path / "there", name="pets")
    here = whatsit.train(folder, recipe="classical", runs=tmp_path / "here", name="pets")
    assert there.info.source == PETS
    assert there.info.figures.accuracy == here.info.figures.accuracy
    split = [(tmp_path / place / "pets" / "split.csv").read_text() for place in ("here", "there")]
    assert split[0] == split[1]
    store.put("s3://photos/strange/1.jpg", encode_jpeg(scene(seed=77)))
    again = whatsit.evaluate(there, outliers="s3://photos/strange")
    assert again.figures.accuracy == there.info.figures.accuracy
    assert again.outliers.n == 1
    for file in (tmp_path / "there").rglob("*"):
        if file.is_file():
            assert not any(secret.encode() in file.read_bytes() for secret in KEYS.values()), file


def test_a_model_and_photos_at_addresses_answer(store, tiny: Tiny, folder, tmp_path):
    store.put_folder(PETS, folder)
    store.put_folder("s3://models/colours", tiny.run.folder)
    here = [one.as_dict() for one in whatsit.predict(tiny.run, folder / "cat")]
    for model in ("s3://models/colours", "s3://models/colours/model.onnx"):
        there = [one.as_dict() for one in whatsit.predict(model, f"{PETS}/cat")]
        assert [one.pop("name") for one in there] == [f"{PETS}/cat/{number}.jpg" for number in range(6)]
        assert there == [{name: value for name, value in one.items() if name != "name"} for one in here]
    model = whatsit.load("s3://models/colours")
    assert model.predict(f"{PETS}/cat/0.jpg").label == here[0]["label"]
    done = run("predict", "s3://models/colours", f"{PETS}/cat/0.jpg", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["name"] == f"{PETS}/cat/0.jpg"


def test_photos_that_cannot_be_had_are_answers_with_a_reason(store, tiny: Tiny, folder):
    store.put_folder(PETS, folder)
    denied = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    store.spoil = lambda environ, *said: (
        ("403 Forbidden", [("Content-Type", "application/xml")], denied)
        if environ["PATH_INFO"].endswith("0.jpg")
        else said
    )
    answers = list(whatsit.predict(tiny.run, PETS))
    assert sum("the store refuses it" in one.reason for one in answers) == 2


def test_shards_in_a_store_are_packed_and_described(store, tmp_path):
    store.put_folder("s3://photos/shards", write_shards(tmp_path / "pets", photos=60))
    contents = whatsit.pack("s3://photos/shards", tmp_path / "packed", to="npz", size=16)
    assert sum(map(len, contents.entries.values())) == 60
    assert whatsit.info("s3://photos/shards").found.photos == 60


def test_the_review_page_shows_photos_of_an_address_and_keeps_what_is_decided(store, folder):
    store.put_folder(PETS, folder)
    with reviewing(PETS) as page:
        status, headers, picture = page.ask("/photo/2")
        assert (status, picture[:4]) == (200, b"RIFF") or headers["content-type"].startswith("image/")
        page.ask("/api/decide", {"photos": [2], "decision": "leave-out"})
    assert [one.name for one in apply_decisions(whatsit.read(PETS)).skipped] == ["cat/2.jpg"]
    assert store.count("PUT", "/photos/pets") == 12


@pytest.mark.parametrize(
    "arguments",
    [
        ("collect", "s3://photos/new", "cat", "dog"),
        ("train", "digits", "--recipe", "classical", "--runs", "s3://photos/runs"),
        ("predict", "MODEL", "PETS", "--sort", "s3://photos/sorted"),
        ("deploy", "MODEL", "s3://photos/kit", "--to", "docker"),
        ("export", "MODEL", "--to", "numpy", "--into", "s3://photos/numpy"),
        ("studio", "s3://photos/studio"),
        ("forget", "s3://photos/pets", "--creator", "x"),
        ("make", "s3://photos/made", "cat", "dog"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_needs_a_folder_says_so_and_makes_none(tiny: Tiny, folder, tmp_path, arguments):
    places = {"MODEL": str(tiny.run.folder), "PETS": str(folder)}
    done = run(*(places.get(one, one) for one in arguments), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "s3://" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("s3*"))


def test_an_address_with_a_password_is_not_repeated(tmp_path):
    for arguments in (("info", "s3://me:hidden@b/p"), ("train", "s3://me:hidden@b/p", "--recipe", "classical")):
        done = run(*arguments, cwd=tmp_path)
        assert (done.returncode, "hidden" in done.stderr + done.stdout) == (1, False)


@pytest.mark.slow
def test_a_run_at_an_address_is_measured_again_there(store, folder, tmp_path):
    store.put_folder(PETS, folder)
    trained = whatsit.train(PETS, recipe="classical", runs=tmp_path / "runs", name="pets")
    store.put_folder("s3://models/pets", trained.folder)
    for _ in range(2):
        done = run("evaluate", "s3://models/pets", "--data", PETS, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Written to s3://models/pets:" in done.stderr
    assert store.list("s3://models/pets").keys() - {file.name for file in trained.folder.iterdir()} == {
        "report-pets.html", "confusion-pets.csv",
    }  # fmt: skip
    assert "pets" in json.loads(store.get("s3://models/pets/run.json"))["elsewhere"]
    found = whatsit.compare("s3://models/pets", trained)
    assert len(found.as_dict()["runs"]) == 2
    exported = run("export", "s3://models/pets", "--to", "onnx-ort", "--into", "elsewhere", cwd=tmp_path)
    assert exported.returncode == 0, exported.stderr
    again = whatsit.train(PETS, recipe="classical", runs=tmp_path / "runs", name="again", from_="s3://models/pets")
    assert again.info.recipe == "classical"


def test_answers_are_written_to_an_address(store, tiny: Tiny, folder, tmp_path):
    store.put_folder(PETS, folder)
    done = run("predict", str(tiny.run.folder), PETS, "--to", "s3://photos/out/answers.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "s3://photos/out/answers.csv" in done.stderr
    assert store.get("s3://photos/out/answers.csv").count(b"s3://photos/pets/") == 12
    nowhere = run("predict", str(tiny.run.folder), PETS, "--to", "s3://nobody/answers.csv", cwd=tmp_path)
    assert (nowhere.returncode, "There is no bucket 'nobody'" in nowhere.stderr) == (1, True)


def test_where_no_run_lies_it_is_said_and_nothing_is_fetched(store, folder):
    store.put_folder(PETS, folder)
    with pytest.raises(UserError, match=f"There is no run.json at '{PETS}'"):
        whatsit.evaluate(PETS)
    assert store.count("GET", ".jpg") == 0
