"""Two ranks that train one network, as torchrun starts them, over loopback."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pretrained import coloured

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from safetensors.torch import load_file  # noqa: E402

from whatsit import events  # noqa: E402
from whatsit.errors import UserError  # noqa: E402
from whatsit.model.run import Run, open_run  # noqa: E402
from whatsit.records import decode_json  # noqa: E402
from whatsit.training.loop.augment import CHANGES, change_photos  # noqa: E402
from whatsit.training.options import AugmentOptions, TrainOptions  # noqa: E402
from whatsit.training.ranks import meeting, who  # noqa: E402
from whatsit.training.recipes import RECIPES  # noqa: E402
from whatsit.training.uses import check_ranks  # noqa: E402

SIMPLE = "--recipe cnn --net simple --width 8 --depth 1 --dense 16 --dropout 0 --precision fp32 --size 16"
Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts two ranks of `whatsit train` in an empty folder; what they say comes on stdout."""
    started: list[subprocess.Popen[str]] = []

    def start(
        words: str, how: str = "--standalone --nproc-per-node 2", **environment: str
    ) -> subprocess.Popen[str]:
        torchrun = [sys.executable, "-m", "torch.distributed.run", *shlex.split(how), "--monitor-interval=0.05"]
        own = {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", **environment}
        command = f"exec {sys.executable} -m whatsit train {words}"  # in a shell, so that words may name $RANK
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        process = subprocess.Popen(
            [*torchrun, "--no-python", "sh", "-c", command], cwd=tmp_path, env=os.environ | own, **pipes
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
    for rank in (0, 1):  # where a test has killed their torchrun
        for left_over in find_ranks(tmp_path, rank):
            os.kill(left_over, signal.SIGKILL)


def finish(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


def refuse(process: subprocess.Popen[str]) -> str:
    """What was said by whatsit, where it was refused."""
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 1, said
    return "\n".join(line for line in said.split("\nTraceback")[0].splitlines() if "torch/distributed" not in line)


def train_alone(folder: Path, words: str) -> str:
    """What one process says that trains by itself."""
    command = [sys.executable, "-m", "whatsit", "train", *shlex.split(words)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


def find_ranks(folder: Path, rank: int) -> list[int]:
    """The process ids of a rank that works in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            environment = (place / "environ").read_bytes().split(b"\0")
            words = (place / "cmdline").read_bytes().split(b"\0")
            is_rank = f"RANK={rank}".encode() in environment and words[1:3] == [b"-m", b"whatsit"]
            if is_rank and (place / "cwd").resolve() == folder:
                found.append(int(place.name))
        except OSError:
            continue
    return found


def find_rank(folder: Path, rank: int) -> int:
    (found,) = find_ranks(folder, rank)
    return found


def wait_for_epoch(folder: Path, process: subprocess.Popen[str]) -> None:
    while not list(folder.glob("runs/*/checkpoint/epoch.pt")):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)


def assert_equal(first: Run, second: Run) -> None:
    assert len(first.rows("history")) == len(second.rows("history"))
    ours, theirs = (load_file(run.folder / "weights.safetensors") for run in (first, second))
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def unbalanced(folder: Path) -> Path:
    """Photos of three classes, of one many and of one few, so that photos count differently."""
    coloured(folder, "blue", photos=40, side=16)
    coloured(folder, "green", photos=25, side=16)
    return coloured(folder, "red", photos=15, side=16)


@pytest.mark.slow
def test_two_ranks_learn_what_one_process_learns(launch: Launch, tmp_path: Path) -> None:
    """Batches of 15, so that ranks have parts of several sizes, and every kind of draw."""
    unbalanced(tmp_path / "photos")
    words = f"photos {SIMPLE} --optimiser sgd --batch 15 --epochs 3 --augment photo --noise 0.02"
    said = finish(launch(f"{words} --name both --runs runs-$RANK", WHATSIT_EVENTS="events.jsonl"))
    assert said.count("photos of 3 classes") == 1  # one of them tells
    assert said.count("test photos right") == 1
    told = [decode_json(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert sum(event["event"] == "epoch" for event in told) == 3
    assert not (tmp_path / "runs-1").exists()  # and writes
    train_alone(tmp_path, f"{words} --name alone")
    alone, both = open_run(tmp_path / "runs" / "alone"), open_run(tmp_path / "runs-0" / "both")
    for column in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
        ours, theirs = ([float(row[column]) for row in run.rows("history")] for run in (both, alone))
        assert ours == pytest.approx(theirs, abs=1e-4), column
    weights = [load_file(run.folder / "weights.safetensors") for run in (both, alone)]
    for name, value in weights[0].items():
        torch.testing.assert_close(value, weights[1][name], atol=1e-4, rtol=1e-3)
    assert not (both.folder / "checkpoint").exists()


@pytest.mark.slow
def test_a_killed_rank_is_started_again_and_the_end_is_the_same(launch: Launch, tmp_path: Path) -> None:
    coloured(tmp_path / "photos", "blue", "green", "red", photos=20, side=16)
    words = f"photos {SIMPLE} --augment photo --epochs 80"
    finish(launch(f"{words} --name undisturbed"))
    process = launch(f"{words} --name killed", "--standalone --nproc-per-node 2 --max-restarts 1")
    wait_for_epoch(tmp_path, process)
    os.kill(find_rank(tmp_path, 1), signal.SIGKILL)
    assert "Going on after epoch" in finish(process)
    assert_equal(*(open_run(tmp_path / "runs" / name) for name in ("undisturbed", "killed")))


@pytest.mark.slow
@pytest.mark.parametrize("killed", [0, 1])
def test_where_a_rank_is_killed_all_end_with_a_sentence_and_the_command_goes_on(
    killed: int, launch: Launch, tmp_path: Path
) -> None:
    coloured(tmp_path / "photos", "blue", "red", photos=20, side=16)
    words = f"photos {SIMPLE} --augment photo --epochs 60 --name run"
    process = launch(words)
    wait_for_epoch(tmp_path, process)
    os.kill(find_rank(tmp_path, killed), signal.SIGKILL)
    said = refuse(process)
    assert len(re.findall(rf"Rank {killed} \(on .+\) ended, and the training with it\.", said)) == 1
    assert "The same command goes on after the last epoch that was whole." in said
    assert find_ranks(tmp_path, 0) == find_ranks(tmp_path, 1) == []
    went_on = finish(launch(words)) if killed == 0 else train_alone(tmp_path, words)
    assert "Going on after epoch" in went_on
    assert len(open_run(tmp_path / "runs" / "run").rows("history")) == 60


@pytest.mark.slow
def test_where_torchrun_is_asked_to_end_so_do_the_ranks(launch: Launch, tmp_path: Path) -> None:
    coloured(tmp_path / "photos", "blue", "red", photos=20, side=16)
    process = launch(f"photos {SIMPLE} --epochs 2000")
    wait_for_epoch(tmp_path, process)
    process.terminate()
    assert refuse(process).count("torchrun ended the training.") == 1


@pytest.fixture
def machines(launch: Launch, tmp_path: Path) -> Callable[[str], list[subprocess.Popen[str]]]:
    """Starts a rank on each of two machines: two torchruns whose ranks share nothing but loopback."""

    def start(words: str) -> list[subprocess.Popen[str]]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        how = f"--nnodes 2 --nproc-per-node 1 --master-addr 127.0.0.1 --master-port {port}"
        return [
            launch(
                f"{words} --runs runs-$RANK",
                f"{how} --node-rank {node}",
                WHATSIT_CACHE=str(tmp_path / f"cache-{node}"),
            )
            for node in (0, 1)
        ]

    return start


@pytest.mark.slow
def test_two_machines_that_share_no_folder_train_together(
    machines: Callable[[str], list[subprocess.Popen[str]]], tmp_path: Path
) -> None:
    for rank in (0, 1):
        coloured(tmp_path / f"photos-{rank}", "blue", "red", photos=20, side=16)
    first, second = machines(f"photos-$RANK {SIMPLE} --epochs 3 --name run")
    assert "test photos right" in finish(first)
    assert finish(second).strip() == ""
    assert (tmp_path / "cache-1").exists()
    assert not (tmp_path / "runs-1").exists()


@pytest.mark.slow
def test_where_the_first_machine_goes_the_other_says_so(
    machines: Callable[[str], list[subprocess.Popen[str]]], tmp_path: Path
) -> None:
    coloured(tmp_path / "photos", "blue", "red", photos=20, side=16)
    first, second = machines(f"photos {SIMPLE} --epochs 2000 --name run")
    while not list(tmp_path.glob("runs-0/*/checkpoint/epoch.pt")):
        assert first.poll() is None, first.communicate()[0]
        time.sleep(0.02)
    gone = find_rank(tmp_path, 0)
    first.kill()
    os.kill(gone, signal.SIGKILL)
    assert "The ranks have lost the torchrun that brought them together." in refuse(second)


@pytest.mark.slow
def test_a_rank_that_hangs_is_named(launch: Launch, tmp_path: Path) -> None:
    coloured(tmp_path / "photos", "blue", "red", photos=20, side=16)
    process = launch(f"photos {SIMPLE} --epochs 2000", **{meeting.PATIENCE: "3"})
    wait_for_epoch(tmp_path, process)
    hangs = find_rank(tmp_path, 1)
    os.kill(hangs, signal.SIGSTOP)
    leads = find_rank(tmp_path, 0)
    while Path(f"/proc/{leads}").exists() and process.poll() is None:
        time.sleep(0.1)
    os.kill(hangs, signal.SIGKILL)  # torchrun would give it half a minute
    said = refuse(process)
    assert re.search(r"Rank 1 \(on .+\) did not answer for 3 seconds, and the training with it\.", said)
    assert list(tmp_path.glob("runs/*/checkpoint/epoch.pt"))  # the same command goes on


@pytest.mark.slow
def test_ranks_that_see_other_photos_are_refused(launch: Launch, tmp_path: Path) -> None:
    coloured(tmp_path / "photos-0", "blue", "red", photos=20, side=16)
    coloured(tmp_path / "photos-1", "blue", "red", photos=20, side=16)
    (tmp_path / "photos-1" / "red" / "7.png").unlink()
    said = refuse(launch(f"photos-$RANK {SIMPLE} --name run"))
    assert re.search(r"Rank 1 \(on .+\) has other photos than rank 0: 39 \(\w+\) and not 40 \(\w+\)\.", said)
    assert said.count("has other photos") == 1
    assert not (tmp_path / "runs" / "run").exists()


@pytest.mark.slow
def test_what_only_one_rank_cannot_read_is_told_once_and_with_its_name(launch: Launch, tmp_path: Path) -> None:
    coloured(tmp_path / "photos-0", "blue", "red", photos=20, side=16)
    said = refuse(launch(f"photos-$RANK {SIMPLE} --name run"))
    assert re.search(r"Rank 1 \(on .+\): There is no .*'photos-1'", said)
    assert said.count("'photos-1'") == 1
    assert not (tmp_path / "runs" / "run").exists()


@pytest.mark.slow
def test_a_training_that_diverges_is_told_once(launch: Launch, tmp_path: Path) -> None:
    coloured(tmp_path / "photos", "blue", "red", photos=20, side=16)
    said = refuse(launch(f"photos {SIMPLE} --learning-rate 1e30 --name run"))
    assert said.count("The training diverged in epoch 1") == 1
    assert not (tmp_path / "runs" / "run").exists()


@pytest.mark.slow
def test_net_fast_and_its_batch_norms_learn_on_two_ranks(launch: Launch, tmp_path: Path) -> None:
    coloured(tmp_path / "photos", "blue", "green", "red", photos=40, side=16)
    words = "photos --recipe cnn --net fast --width 8 --epochs 10 --batch 20 --size 16"
    finish(launch(f"{words} --name both"))
    train_alone(tmp_path, f"{words} --name alone")
    for name in ("alone", "both"):
        run = open_run(tmp_path / "runs" / name)
        assert float(run.rows("history")[-1]["val_accuracy"]) > 0.8


@pytest.mark.slow
def test_a_pretrained_network_is_trained_on_by_two_ranks(launch: Launch, tmp_path: Path, weights: Path) -> None:
    coloured(tmp_path / "photos", "blue", "red", photos=16)
    words = f"photos --recipe finetune --backbone mobilenetv2 --weights {shlex.quote(str(weights))}"
    words += " --size 32 --epochs 1 --batch 8 --augment none --precision fp32"
    finish(launch(f"{words} --name both"))
    train_alone(tmp_path, f"{words} --name alone")
    both, alone = (open_run(tmp_path / "runs" / name) for name in ("both", "alone"))
    ours, theirs = (float(run.rows("history")[0]["val_loss"]) for run in (both, alone))
    assert ours == pytest.approx(theirs, rel=1e-2)  # its normalisations keep their statistics


@pytest.fixture
def second_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    started = {who.LAUNCHED: "1", "WORLD_SIZE": "3", "RANK": "1", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "3"}
    for name, value in started.items():
        monkeypatch.setenv(name, value)


def test_alone_all_is_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for leftover in ("WORLD_SIZE", "RANK"):  # as a machine's scheduler may set them
        monkeypatch.setenv(leftover, "7")
    monkeypatch.delenv(who.LAUNCHED, raising=False)
    assert (who.world(), who.rank(), who.leads(), who.own_draws()) == (1, 0, True, ())
    assert who.part_of(1) == who.Part(0, 1, 1)
    assert who.deal(range(5)) == range(5)
    assert who.name_gpu(0) == "cuda"
    assert meeting.hand_out("this") == "this"
    check_ranks(TrainOptions(recipe="transfer", folds=5))


@pytest.mark.parametrize("photos", [6, 7, 100, 101])
def test_ranks_share_out_a_batch_without_rest(photos: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(who.LAUNCHED, "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    found: list[int] = []
    dealt: list[int] = []
    for rank in range(3):
        monkeypatch.setenv("RANK", str(rank))
        own = list(range(photos))[who.part_of(photos).rows]
        assert abs(len(own) - photos / 3) < 1
        found += own
        dealt += who.deal(range(photos))
    assert found == list(range(photos))
    assert sorted(dealt) == found


@pytest.mark.usefixtures("second_of_three")
def test_what_cannot_be_shared_out_is_refused() -> None:
    with pytest.raises(UserError, match="A batch of 5 photos is too small for 3 ranks"):
        who.part_of(5)
    with pytest.raises(UserError, match="3 ranks were started on a machine with 2 GPUs"):
        who.name_gpu(2)
    assert who.name_gpu(4) == "cuda:1"


@pytest.mark.usefixtures("second_of_three")
@pytest.mark.parametrize("recipe", ["auto", *RECIPES.own])
def test_recipes_that_are_no_loop_over_photos_are_refused_under_torchrun(recipe: str) -> None:
    options = TrainOptions(recipe=recipe)
    if recipe in ("cnn", "finetune"):
        check_ranks(options)
        with pytest.raises(UserError, match="--folds trains many networks"):
            check_ranks(TrainOptions(recipe=recipe, folds=5))
    else:
        with pytest.raises(UserError, match=f"Recipe {recipe} is not trained by several processes") as refusal:
            check_ranks(options)
        assert "--recipe cnn or --recipe finetune" in refusal.value.hint


@pytest.mark.parametrize("text", ["soon", "0", "-3", "nan", "1e99", ""])
def test_a_patience_that_is_no_time_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(meeting.PATIENCE, text)
    with pytest.raises(UserError, match=f"{meeting.PATIENCE}={text} is no time"):
        meeting.patience_s()


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "flip"])
def test_photos_are_changed_alike_whichever_rank_has_them(change: str) -> None:
    photos = torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (7, 3, 12, 12)).astype(np.float32))
    options = AugmentOptions(flip=True, **{change: {"rotation": 20.0, "blur": 2.0}.get(change, 0.2)})
    whole = change_photos(photos, options, torch.Generator().manual_seed(3))
    for part in (who.Part(0, 3, 7), who.Part(3, 7, 7)):
        own = change_photos(photos[part.rows], options, torch.Generator().manual_seed(3), part=part)
        torch.testing.assert_close(own, whole[part.rows])


def test_nobody_hears_what_another_rank_tells() -> None:
    heard: list[events.Event] = []
    with events.listening(heard.append):
        with events.unheard():
            events.note("twice")
        events.note("once")
    assert heard == [events.Note("once")]


def test_only_ranks_know_how_torch_exchanges() -> None:
    """The linter of imports knows libraries, not their parts."""
    source = Path(who.__file__).parents[2]
    using = {file.parent for file in source.rglob("*.py") if "torch.distributed" in file.read_text("utf-8")}
    using |= {file.parent for file in source.rglob("*.py") if "DistributedDataParallel" in file.read_text("utf-8")}
    assert using == {Path(who.__file__).parent}
