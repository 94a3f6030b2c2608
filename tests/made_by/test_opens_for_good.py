"""What version 0.1.0 left on disk opens, answers and goes on as it did."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tarfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from made_by.make_0_1_0 import COLLECT, HALF, QUICK, asked, reviewed, seen
from referee.calls import Caller, opened

HERE = Path(__file__).parent
MADE = HERE / "0.1.0"
EXPECTED = json.loads((MADE / "expected.json").read_text())
PROBABILITY = 1e-3
FACES = 0.02  # faces are found anew in photos that are asked about, by whichever OpenCV is here
RUNS = ("cnn", "transfer", "finetune")


@pytest.fixture
def call(tmp_path):
    """Calls in an empty folder."""
    (tmp_path / "home").mkdir()
    return Caller(tmp_path)


@pytest.fixture
def unpacked(call):
    """Put what 0.1.0 left into the folder of the calls."""

    def put(*names):
        for name in names:
            with tarfile.open(MADE / f"{name}.tar.gz") as archive:
                archive.extractall(call.place, filter="data")
        return call.place

    return put


def done(called):
    assert called.code == 0, called.text()
    return called


def near(expected, tolerance=PROBABILITY):
    """The same structure, words and whole numbers, with a tolerance for numbers with a point."""
    if isinstance(expected, dict):
        return {key: near(value, tolerance) for key, value in expected.items()}
    if isinstance(expected, list):
        return [near(value, tolerance) for value in expected]
    return pytest.approx(expected, abs=tolerance, rel=tolerance) if isinstance(expected, float) else expected


def rows_of(call):
    """What became of each address of the collection, by class and address as it was listed."""
    table = (call.place / "collected/.whatsit/addresses.csv").read_text()
    return list(csv.DictReader(io.StringIO(table)))


@pytest.mark.parametrize("run", RUNS)
def test_a_run_answers_as_it_did(call, unpacked, run):
    unpacked("colours", run)
    assert asked(call, run, "others") == near(EXPECTED[run]["answers"])


def test_a_model_answers_as_it_did_in_python(call, unpacked):
    unpacked("colours", "cnn")
    photo, wanted = "others/red/00.png", {one["name"]: one for one in EXPECTED["cnn"]["answers"]}
    program = f"import json, whatsit; answer = whatsit.load('runs/cnn').predict({photo!r}); "
    program += "print(json.dumps([answer.label, answer.probability, answer.known, list(answer.could_be)]))"
    fields = ("label", "probability", "known", "could_be")
    assert json.loads(done(call.python(program)).out) == near([wanted[photo][field] for field in fields])


@pytest.mark.parametrize("run", RUNS)
def test_a_run_is_measured_again_with_the_same_figures(call, unpacked, run):
    unpacked("colours", run)
    others = done(call("evaluate", f"runs/{run}", "--data", "others", "--json"))
    assert json.loads(others.out) == near(EXPECTED[run]["others"])
    own = done(call("evaluate", f"runs/{run}", "--json"))
    figures, wanted = json.loads(own.out), EXPECTED[run]["figures"]
    for name in ("accuracy", "interval", "right", "n", "confusion", "log_loss", "per_class"):
        assert figures[name] == near(wanted[name]), name


def test_runs_are_compared_as_they_were(call, unpacked):
    unpacked("colours", *RUNS)
    compared = json.loads(done(call("compare", *(f"runs/{run}" for run in RUNS), "--json")).out)
    wanted = EXPECTED["compare"]
    assert compared["differences"] == near(wanted["differences"])
    for one, other in zip(compared["runs"], wanted["runs"], strict=True):
        for name in ("name", "recipe", "accuracy", "n", "macro_f1", "model_bytes"):
            assert one[name] == near(other[name])


def as_far_as(then: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What is said now, less what 0.1.0 did not say yet."""
    return {name: value for name, value in now.items() if name in then}


def queues_as_far_as(then: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The queues of the review page, each less what 0.1.0 did not say of it yet."""
    return {name: as_far_as(then[name], queue) if name in then else queue for name, queue in now.items()}


def test_a_run_is_served(call, unpacked):
    place = unpacked("colours", "transfer")
    wanted = {one["name"]: one for one in EXPECTED["transfer"]["answers"]}["others/blue/00.png"]
    with opened(call, "serve", "runs/transfer", "--port", "0", "--log", "off") as site:
        assert site.ask("GET", "/readyz")[0] == 200
        status, _, answer = site.ask("POST", "/api/predict", (place / "others/blue/00.png").read_bytes())
    assert (status, json.loads(answer)["label"]) == (200, wanted["label"])
    assert json.loads(answer)["probabilities"] == near(wanted["probabilities"])


def test_a_run_is_learnt_from_with_the_corrections_of_its_visitors(call, unpacked):
    unpacked("colours", "cnn")
    quick = ("--search-folds" if word == "--folds" else word for word in QUICK)  # as the option is called by now
    done(call("train", "colours", *quick, "--from", "runs/cnn", "--name", "taught"))
    counts = json.loads((call.place / "runs/taught/run.json").read_text())["data"]["counts"]
    plain = json.loads((call.place / "runs/cnn/run.json").read_text())["data"]["counts"]
    corrections, calibrated = 3, sum(plain["val"])  # a classical run learns from what others calibrate on, too
    assert sum(counts["train"]) == sum(plain["train"]) + corrections + calibrated
    assert (sum(counts["val"]), counts["test"]) == (0, plain["test"])


def test_what_was_found_and_decided_is_seen(call, unpacked):
    unpacked("cleaned")
    found, wanted = seen(call, "cleaned"), deepcopy(EXPECTED["cleaned"])
    (blue,) = [one for one in wanted["info"]["cleaned"]["classes"] if one["label"] == "blue"]
    assert blue["before"] == 10
    blue["before"] = 9  # 0.1.0 counted the one that cannot be read
    found["queues"] = queues_as_far_as(wanted["queues"], found["queues"])
    assert {**found, "info": as_far_as(wanted["info"], found["info"])} == near(wanted)


def test_cleaning_again_changes_nothing_that_was_decided(call, unpacked):
    unpacked("cleaned")
    done(call("clean", "cleaned"))
    wanted = EXPECTED["cleaned"]["queues"]
    assert queues_as_far_as(wanted, seen(call, "cleaned")["queues"]) == wanted


def test_what_cleaning_decided_is_taken_back_and_what_a_person_decided_stays(call, unpacked):
    unpacked("cleaned")
    assert done(call("clean", "cleaned", "--undo")).out == "2 decisions taken back.\n"
    queues = seen(call, "cleaned")["queues"]
    assert queues["near-duplicate"]["decisions"] == ["", ""]
    wanted = EXPECTED["cleaned"]["queues"]["relabelled"]
    assert as_far_as(wanted, queues["relabelled"]) == wanted
    assert queues["exact-duplicate"]["decisions"] == ["leave-out"]


def test_a_person_takes_back_what_they_decided_then_step_by_step(call, unpacked):
    unpacked("cleaned")
    with opened(call, "review", "cleaned") as site:
        site.enter()
        undone = [json.loads(site.ask("POST", "/api/undo", {})[2]).get("states") for _ in range(5)]
        left = {one["name"]: one["count"] for one in reviewed(site, "queues")["queues"]}
    names = [fact["name"] for fact in EXPECTED["cleaned"]["facts"]]
    steps = [[names[row] for row, *_ in states] for states in undone if states]
    assert steps == [["red/7.jpg"], ["green/dark.jpg"], ["blue/3.jpg", "blue/4.jpg"], ["blue/2.jpg"]]
    assert left["left-out"] == len(EXPECTED["cleaned"]["queues"]["left-out"]["photos"]) - 2
    assert "relabelled" not in left


def test_packing_follows_what_was_decided(call, unpacked):
    unpacked("cleaned")
    done(call("pack", "cleaned", "--into", "packed", "--size", "16"))
    with (call.place / "packed/contents.csv").open() as table:
        classes = {row["photo"]: row["class"] for row in csv.DictReader(table)}
    assert (classes["blue/3.jpg"], classes["blue/4.jpg"]) == ("red", "red")
    left_out = {"blue/2.jpg", "blue/again.jpg", "blue/broken.jpg", "green/2.jpg", "green/smaller.jpg", "red/7.jpg"}
    assert not left_out & set(classes)
    assert {"green/dark.jpg", "red/5.jpg", "red/6.jpg"} <= set(classes)


def test_faces_that_were_found_are_known(call, unpacked):
    unpacked("faces")
    found = seen(call, "people")
    wanted = EXPECTED["people"]["info"]
    assert as_far_as(wanted, found["info"]) == near(wanted)
    assert found["facts"] == near(EXPECTED["people"]["facts"])


def test_a_run_that_learnt_from_faces_finds_them_and_answers(call, unpacked):
    pytest.importorskip("cv2")
    unpacked("faces")
    answers = asked(call, "people", "people")
    wanted = EXPECTED["people"]["answers"]
    assert [one["label"] for one in answers] == [one["label"] for one in wanted]
    assert [one["probability"] for one in answers] == near([one["probability"] for one in wanted], FACES)
    own = json.loads(done(call("evaluate", "runs/people", "--json")).out)
    assert own["right"] == own["n"] == 4


def test_collecting_goes_on_from_the_ledger_and_asks_for_nothing_twice(call, unpacked):
    place = unpacked("collected")
    (place / "sources").rename(place / "moved")
    before = {row["address"]: row for row in rows_of(call)}
    called = done(call(*COLLECT, "folder:moved"))
    after = {row["address"]: row for row in rows_of(call)}
    listed = [address for address in before if address.startswith("http")]
    assert len(listed) == 16
    for fact in ("tries", "status", "source"):
        assert [after[address][fact] for address in listed] == [before[address][fact] for address in listed]
    for name in ("blue", "red"):
        assert len(list((place / "collected" / name).iterdir())) == 8, called.text()
    copies = [after[f"file://{place}/moved/{photo}.jpg"]["state"] for photo in ("blue/1", "blue/2", "red/0")]
    assert copies == ["duplicate"] * 3


def test_what_was_taken_down_does_not_come_back(call, unpacked):
    place = unpacked("collected")
    (place / "sources").rename(place / "moved")
    gone = [row["photo"] for row in csv.DictReader(io.StringIO(EXPECTED["collected"]["before"])) if row["photo"]]
    gone = {photo for photo in gone if f"collected/{photo}" not in EXPECTED["collected"]["photos"]}
    assert len(gone) == 3
    done(call(*COLLECT, "folder:moved"))
    assert not any((place / "collected" / photo).exists() for photo in gone)
    rows = {row["address"]: row for row in rows_of(call)}
    assert rows[f"file://{place}/moved/blue/0.jpg"]["state"] == "skipped"
    assert sum(row["reason"] == "taken down" for row in rows.values()) == 3


def test_more_is_taken_down_and_the_run_that_learnt_from_it_is_named(call, unpacked):
    place = unpacked("collected")
    rows = {row["address"]: row["photo"] for row in rows_of(call)}
    called = done(call("forget", "collected", "--host", "93.184.216.35"))
    assert "runs/learnt has learnt from photos that are now gone" in called.err
    # its third photo, and the first of the other host, which it had as well
    for address in ("http://93.184.216.35/red/3.jpg", "http://93.184.216.34/red/0.jpg"):
        assert not (place / "collected" / rows[address]).exists()
    assert (place / "collected" / rows["http://93.184.216.34/red/2.jpg"]).exists()


@pytest.mark.slow
def test_a_training_that_was_killed_starts_anew_and_ends_with_an_undisturbed_run_s_file(call, unpacked, tmp_path):
    """0.1.0 drew other random numbers: going on from its checkpoint would give a model that nobody can repeat."""
    unpacked("colours", "interrupted")
    stopped = done(call(*HALF))
    other = Caller(tmp_path / "undisturbed")
    (other.place / "home").mkdir(parents=True)
    shutil.copytree(call.place / "colours", other.place / "colours")
    done(other(*HALF))
    assert "which drew other random numbers: it starts anew." in " ".join(stopped.err.split())
    assert "epoch    1/120" in stopped.err
    assert not (call.place / "runs/half/checkpoint").exists()
    models = [(place / "runs/half/model.onnx").read_bytes() for place in (call.place, other.place)]
    assert hashlib.sha256(models[0]).hexdigest() == hashlib.sha256(models[1]).hexdigest()
