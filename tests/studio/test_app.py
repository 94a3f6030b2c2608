"""The studio asked over loopback: who is let in, what comes in, and what is said of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from studios import Running, running, wait_for

from drawing import class_folders, drawn
from whatsit.files import sha256_of
from whatsit.image import encode_jpeg

JPEG = encode_jpeg(drawn(seed=50))


def test_only_who_has_the_token_gets_in(tmp_path: Path) -> None:
    class_folders(tmp_path / "pets", "cat", "dog")
    with running(tmp_path / "pets") as studio:
        for path in ("/", "/api/projects", "/api/pets", "/photo/pets/cat/0.png", "/report/pets/run-1"):
            assert studio.ask(path, Cookie="")[0] == 403
            assert studio.ask(path, host="evil.example")[0] == 403
        assert studio.ask("/enter?token=wrong", Cookie="")[0] == 403
        status, headers, _ = studio.ask("/")
        assert status == 200
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        for other in (
            {"origin": "https://evil.example"},
            {"sec_fetch_site": "cross-site"},
            {"Content_Type": "text/plain"},
        ):
            assert studio.ask("/api/pets/undo", {}, **other)[0] == 403
        assert studio.ask("/photo/pets/cat/0.png")[1]["content-type"] == "image/jpeg"
        assert studio.ask("/photo/pets/cat/..%2F..%2Fsecret")[0] in (400, 404)


def test_a_project_from_its_first_photo_to_its_last_undo(tmp_path: Path) -> None:
    with running(tmp_path / "all") as studio:
        assert studio.ask("/api/projects", {"name": "my pets"})[2] == {"name": "my pets"}
        for label in ("cat", "dog"):
            studio.do("my pets", "make-class", name=label)
        assert studio.put("my pets", "photos", JPEG, class_="cat", name="a.jpg", batch="1")[0] == 200
        assert (tmp_path / "all/my pets/photos/cat/a.jpg").read_bytes() == JPEG
        status, answer = studio.put("my pets", "photos", b"<html>", class_="cat", name="b.jpg")
        assert (status, "not a picture" in answer["error"]) == (400, True)
        studio.do("my pets", "move", photos=["cat/a.jpg"], **{"class": "dog"})
        assert studio.counts("my pets") == {"cat": 0, "dog": 1}
        studio.do("my pets", "undo")
        studio.do("my pets", "undo")
        assert studio.counts("my pets") == {"cat": 0, "dog": 0}
        assert studio.look("my pets")["undo"] == ""


def test_nothing_that_was_answered_is_lost_to_a_kill(tmp_path: Path) -> None:
    with running(tmp_path / "all") as studio:
        studio.ask("/api/projects", {"name": "pets"})
        studio.do("pets", "make-class", name="cat")
        studio.do("pets", "make-class", name="dog")
        for seed in range(5):
            studio.put(
                "pets", "photos", encode_jpeg(drawn(seed=seed)), class_="cat", name=f"{seed}.jpg", batch="1"
            )
        studio.do("pets", "move", photos=["cat/0.jpg", "cat/1.jpg"], **{"class": "dog"})
        studio.kill()
    with running(tmp_path / "all") as studio:
        assert studio.counts("pets") == {"cat": 3, "dog": 2}
        assert studio.do("pets", "undo") == "Moved 2 photos to dog"
        assert studio.do("pets", "undo") == "Added 5 photos to cat"
        assert studio.counts("pets") == {"cat": 0, "dog": 0}


def test_a_second_studio_on_one_folder_is_refused_and_a_killed_one_leaves_it_free(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "whatsit", "studio", str(tmp_path / "all"), "--no-browser"]
    with running(tmp_path / "all") as studio:
        other = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=60, check=False)
        assert other.returncode == 1
        assert "Another studio has" in other.stderr
        assert "Traceback" not in other.stderr
        studio.kill()
    with running(tmp_path / "all") as studio:
        assert studio.ask("/api/projects")[0] == 200
        studio.process.send_signal(signal.SIGINT)
        assert studio.process.wait(30) in (0, 130, -signal.SIGINT)


def test_a_folder_that_disappears_is_said(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "all" / "pets" / "photos", "cat", "dog")
    with running(tmp_path / "all") as studio:
        assert studio.counts("pets") == {"cat": 3, "dog": 3}
        data.parent.rename(tmp_path / "gone")
        status, _, answer = studio.ask("/api/pets")
        assert (status, answer["error"]) == (400, "There is no project 'pets' any more.")
        (tmp_path / "gone").rename(data.parent)
        assert studio.counts("pets") == {"cat": 3, "dog": 3}


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("move", {"photos": "cat/0.png", "class": "dog"}),
        ("move", {"photos": [1], "class": "dog"}),
        ("move", {"photos": ["../../x"], "class": "dog"}),
        ("rename-class", {"class": "fox", "name": "x"}),
        ("merge", {"class": "cat", "into": "cat"}),
        ("train", {"time": "9 years"}),
        ("stop", {"number": 7}),
        ("go-on", {"number": True}),
        ("live", {"run": "../cat"}),
        ("undo", []),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path, act: str, body: object) -> None:
    class_folders(tmp_path / "pets", "cat", "dog")
    with running(tmp_path / "pets") as studio:
        status, _, answer = studio.ask(f"/api/pets/{act}", body)
        assert status == 400
        assert answer["error"].endswith(".")
        assert studio.ask("/api/pets/nothing", {})[0] == 404
        assert studio.counts("pets") == {"cat": 3, "dog": 3}


@pytest.mark.slow
def test_trainings_queue_outlive_the_studio_and_can_be_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "all" / "shapes"
    class_folders(folder / "photos", "cat", "dog", photos=12)
    with running(tmp_path / "all") as studio:
        studio.do("shapes", "train", time="")
        studio.do("shapes", "train", time="")
        states = [job["state"] for job in studio.look("shapes")["jobs"]]
        assert "waiting" in states
        wait_for(lambda: studio.look("shapes")["jobs"][1]["state"] == "running")
        studio.kill()
    wait_for(lambda: (folder / "photos/.whatsit/studio/jobs/2/end.json").exists(), 240)
    with running(tmp_path / "all") as studio:
        found = studio.look("shapes")
        assert [job["state"] for job in found["jobs"]] == ["done", "done"]
        assert {run["name"] for run in found["runs"]} == {"run-1", "run-2"}
        status, answer = studio.put("shapes", "ask", JPEG, run="run-1")
        assert (status, set(answer["probabilities"])) == (200, {"cat", "dog"})
        status, answer = studio.put("shapes", "why", JPEG, run="run-1", class_="cat")
        assert status == 200
        assert len(answer["map"]) > 1
        assert "cannot be told apart" in studio.ask("/api/shapes/compare?run=run-1&run=run-2")[2]["sentences"][0]
        studio.do("shapes", "live", run="run-1")
        assert studio.look("shapes")["live"] == "run-1"
        assert studio.ask("/report/shapes/run-1")[1]["content-security-policy"].startswith("sandbox")
        assert studio.ask("/model/shapes/run-1")[0] == 200
    again = tmp_path / "again"
    again.mkdir()
    class_folders(again / "photos", "cat", "dog", photos=12)
    (again / "recipe.sh").write_bytes((folder / "recipe.sh").read_bytes())
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "whatsit"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m whatsit "$@"\n')
    tool.chmod(0o755)
    subprocess.run(
        ["sh", str(again / "recipe.sh")],
        env=os.environ | {"PATH": f"{tool.parent}:{os.environ['PATH']}"},
        check=True,
    )
    assert sha256_of(again / "runs/run-1/model.onnx") == sha256_of(folder / "runs/run-1/model.onnx")
    assert (again / "runs/live").resolve().name == "run-1"


def states(studio: Running) -> list[str]:
    return [job["state"] for job in studio.look("shapes")["jobs"]]


def finish(studio: Running) -> None:
    """Let the newest training go on until it is done."""
    wait_for(lambda: states(studio)[0] == "done", 400)


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["begin", "Comparing heads", "Trying candidates"])
def test_a_training_that_is_killed_goes_on_to_the_undisturbed_end(tmp_path: Path, sign: str) -> None:
    """Killed when its events first name the sign, and begun again: the same model as of a training left alone."""
    for name in ("killed", "alone"):
        class_folders(tmp_path / name / "shapes" / "photos", "cat", "dog", photos=12)
    job = tmp_path / "killed" / "shapes" / "photos/.whatsit/studio/jobs/1"
    with running(tmp_path / "killed") as studio:
        studio.do("shapes", "train", time="")
        wait_for(lambda: (job / "events.jsonl").exists() and sign in (job / "events.jsonl").read_text(), 200)
        os.kill(int((job / "begun").read_text()), signal.SIGKILL)
        wait_for(lambda: states(studio) == ["killed"])
        assert studio.look("shapes")["runs"] == []
        studio.do("shapes", "go-on", number=1)
        finish(studio)
    with running(tmp_path / "alone") as studio:
        studio.do("shapes", "train", time="")
        finish(studio)
    models = [tmp_path / name / "shapes/runs/run-1/model.onnx" for name in ("killed", "alone")]
    assert sha256_of(models[0]) == sha256_of(models[1])


@pytest.mark.slow
def test_a_training_that_is_stopped_goes_on_when_it_is_wanted(tmp_path: Path) -> None:
    class_folders(tmp_path / "all" / "shapes" / "photos", "cat", "dog", photos=12)
    with running(tmp_path / "all") as studio:
        studio.do("shapes", "train", time="")
        studio.do("shapes", "train", time="")
        studio.do("shapes", "stop", number=2)  # while it waits
        wait_for(lambda: states(studio)[0] == "stopped")
        wait_for(lambda: states(studio)[1] == "running")
        studio.do("shapes", "stop", number=1)
        wait_for(lambda: states(studio)[1] == "stopped", 200)
        studio.do("shapes", "go-on", number=1)
        wait_for(lambda: states(studio) == ["stopped", "done"], 400)


@pytest.mark.slow
def test_a_class_that_goes_while_it_is_learnt_is_no_bug(tmp_path: Path) -> None:
    class_folders(tmp_path / "all" / "shapes" / "photos", "cat", "dog", photos=12)
    with running(tmp_path / "all") as studio:
        studio.do("shapes", "train", time="")
        wait_for(lambda: states(studio) == ["running"])
        studio.do("shapes", "remove-class", **{"class": "cat"})
        wait_for(lambda: states(studio)[0] in ("done", "failed"), 400)
        (job,) = studio.look("shapes")["jobs"]
        assert "error of ours" not in job.get("sentence", "")
        studio.do("shapes", "undo")
        assert studio.counts("shapes") == {"cat": 12, "dog": 12}


@pytest.mark.slow
def test_a_training_that_fails_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "all" / "shapes"
    class_folders(folder / "photos", "cat", "dog", photos=1)
    with running(tmp_path / "all") as studio:
        studio.do("shapes", "train", time="")
        job = wait_for(
            lambda: next((one for one in studio.look("shapes")["jobs"] if one["state"] == "failed"), None), 120
        )
        assert job["sentence"].endswith(".")
        assert "Traceback" not in job["sentence"]
        studio.do("shapes", "forget", number=job["number"])
        assert studio.look("shapes")["jobs"] == []
