"""Several models, and a new one that takes over without a stop."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from models import colours, tiny_run
from serving import photo, running
from whatsit.errors import UserError
from whatsit.model.classifier import Classifier
from whatsit.model.container import read_facts, seal
from whatsit.serving.work.models import name_of, open_shelf

RED = (200, 60, 60)


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs that call the same colours by different names."""
    tiny_run(tmp_path / "first")
    tiny_run(tmp_path / "second", colours(names=("bleu", "rouge", "vert"), seed=1))
    return tmp_path / "first", tmp_path / "second"


def test_each_model_is_asked_by_its_name_and_the_first_without(two: tuple[Path, Path]) -> None:
    with running(*two) as site:
        assert [model["name"] for model in site.get("/api/models").json["models"]] == ["first", "second"]
        assert set(site.post("/api/predict", photo(RED)).json["probabilities"]) == {"blue", "green", "red"}
        second = site.post("/api/predict?model=second", photo(RED)).json
        assert set(second["probabilities"]) == {"bleu", "rouge", "vert"}
        assert b"aria-current=page" in site.get("/?model=second").body


def test_a_new_file_takes_over_and_can_be_taken_back(two: tuple[Path, Path]) -> None:
    shelf = open_shelf([two[0]])
    old = shelf.get().digest
    assert shelf.renew() == []
    shutil.copy(two[1] / "model.onnx", two[0] / "new.onnx")
    (two[0] / "new.onnx").replace(two[0] / "model.onnx")
    (swap,) = shelf.renew()
    assert (swap.name, swap.problem) == ("first", "")
    assert shelf.get().digest == swap.digest != old
    (back,) = shelf.roll_back()
    assert shelf.get().digest == back.digest == old
    assert shelf.renew() == []  # the file has not changed since, so what was taken back stays back


def test_a_link_that_is_turned_to_another_run_takes_it_over(two: tuple[Path, Path], tmp_path: Path) -> None:
    live = tmp_path / "live"
    live.symlink_to(two[0])
    shelf = open_shelf([live])
    (tmp_path / "next").symlink_to(two[1])
    (tmp_path / "next").replace(live)
    (swap,) = shelf.renew()
    assert swap.name == "live"
    assert "rouge" in shelf.get().classes


@pytest.mark.parametrize("damage", ["cut", "altered", "foreign", "gone"])
def test_a_file_that_is_no_good_model_never_answers(two: tuple[Path, Path], damage: str) -> None:
    shelf = open_shelf([two[0]])
    old, file = shelf.get().digest, two[0] / "model.onnx"
    good = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        bad = {"cut": good[:-100], "altered": good.replace(b"blue", b"bleu"), "foreign": b"\x08\x0a"}[damage]
        file.write_bytes(bad)
    swaps = shelf.renew()
    assert shelf.get().digest == old
    assert [bool(swap.problem) for swap in swaps] == ([] if damage == "gone" else [True])
    assert shelf.renew() == []  # said once, not every two seconds


def test_whatever_goes_wrong_with_one_file_the_others_are_looked_at(two: tuple[Path, Path]) -> None:
    """A sealed file may hold facts of which nobody thought: what reads them may raise anything."""

    def prepare(model: Classifier) -> Classifier:
        if "rouge" in model.classes:
            raise RecursionError
        return model

    shelf = open_shelf(two[:1], prepare)
    old = shelf.get().digest
    (two[0] / "model.onnx").write_bytes((two[1] / "model.onnx").read_bytes())
    (swap,) = shelf.renew()
    assert swap.problem == "It cannot be opened (RecursionError)."
    assert shelf.get().digest == old


def test_a_model_that_answers_otherwise_here_than_at_its_trainer_never_answers(two: tuple[Path, Path]) -> None:
    content = (two[1] / "model.onnx").read_bytes()
    facts = read_facts(content)
    first = replace(facts.golden[0], probabilities=(1.0, 0.0, 0.0))
    altered = replace(facts, golden=(first, *facts.golden[1:]))
    shelf = open_shelf([two[0]])
    old = shelf.get().digest
    bare = onnx.load_model_from_string(content)
    del bare.metadata_props[:]
    (two[0] / "model.onnx").write_bytes(seal(bare.SerializeToString(), altered))
    (swap,) = shelf.renew()
    assert "would answer differently here" in swap.problem
    assert shelf.get().digest == old


def test_no_request_fails_while_models_change(two: tuple[Path, Path]) -> None:
    content, failed, answered = photo(RED), [], []
    with running(two[0], watch=0.05) as site:
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                reply = site.post("/api/predict", content)
                (answered if reply.status == 200 else failed).append(reply)

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        models = [(run / "model.onnx").read_bytes() for run in two]
        for turn in range(6):
            seen = site.get("/api/models").json["models"][0]["digest"]
            (two[0] / "new").write_bytes(models[(turn + 1) % 2])
            (two[0] / "new").replace(two[0] / "model.onnx")
            while site.get("/api/models").json["models"][0]["digest"] == seen:
                pass
        stop.set()
        for asker in askers:
            asker.join()
    assert failed == []
    labels = {reply.json["label"] for reply in answered}
    assert labels >= {"red"}
    assert len(labels) == 2


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        tiny_run(tmp_path / folder / "cats")
    with pytest.raises(UserError, match="Two models would be called 'cats'"):
        open_shelf([tmp_path / "a" / "cats", tmp_path / "b" / "cats"])


def test_a_model_is_called_by_its_run_or_its_file(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for file in ("run/model.onnx", "cats.onnx"):
        (tmp_path / file).touch()
    assert name_of(tmp_path / "run") == "run"
    assert name_of(tmp_path / "run" / "model.onnx") == "run"
    assert name_of(tmp_path / "cats.onnx") == "cats"
