"""Figures of serving. One command a row; RUN is the folder of a finished run, PEERS a Python (below):

python benchmarks/serve.py peers RUN PEERS [ROUNDS]   one client, and 32, beside the same model in other servers
python benchmarks/serve.py overload RUN               five times as many arrivals as can be answered
python benchmarks/serve.py start RUN                  idle memory, first answer after the start
python benchmarks/serve.py large RUN                  a photo of 12 megapixels beside one of the model's size
python benchmarks/serve.py restarts RUN [COUNT]       SIGTERM behind nginx under load
python benchmarks/serve.py fuzz RUN [COUNT]           photos gone wrong
python benchmarks/serve.py attack RUN [KIND…]         40 clients who mean harm beside good ones (serve_attack.py)
python benchmarks/serve.py batch RUN FOLDER PEERS     `whatsit predict` over a folder beside the bare session
python benchmarks/serve.py page RUN                   first paint and bytes of the page in Chromium

The peers need an environment of their own (they do not agree with ours about versions):

python -m venv PEERS_VENV
PEERS_VENV/bin/pip install numpy pillow onnxruntime starlette uvicorn httptools uvloop flask gunicorn fastapi \
    litserve bentoml gradio
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "serving"))

from commands import ask, free_port, listening, listens, serving
from quiet import QUIET, clocks, foreign_cores, usual
from record import record

from whatsit.image import encode_jpeg

HERE = Path(__file__).parent
os.environ["PYTHONPATH"] = str(HERE.parent / "src")  # for the commands started here

PACKAGES = ("onnxruntime", "uvicorn", "starlette", "httptools", "uvloop", "pillow")
OURS = "/api/predict?top=5"
CLIENTS = 32
WINDOWS = 3  # in which nobody else computes; as many are enough
START_S = 60.0
GOOD_PER_S, ATTACK_S = 10.0, 15.0  # good photos a second, and for how long: a fraction of what a core answers


def photo_of(height: int, width: int, most_bytes: int) -> bytes:
    """A drawn photo of at most so many bytes: soft shapes and the noise of a camera."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:height, 0:width]
    shapes = [128 + 90 * np.sin(x / 37 + y / 91), 128 + 80 * np.cos(y / 23), (x * y / 900) % 255]
    pixels = np.stack(shapes, -1) + random.normal(0, 9, (height, width, 3))
    for quality in range(95, 0, -5):
        content = encode_jpeg(np.clip(pixels, 0, 255).astype(np.uint8), quality)
        if len(content) <= most_bytes:
            break
    return content


def load(port: int, photo: Path, path: str = OURS, **wanted: Any) -> dict[str, Any]:
    """What came of a load from a process of its own (see serve_load.py)."""
    options = json.dumps({"port": port, "photo": str(photo), "path": path, **wanted})
    done = subprocess.run(
        [sys.executable, HERE / "serve_load.py", options], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextlib.contextmanager
def ours(run: str, folder: Path, *more: str) -> Iterator[tuple[int, int]]:
    """Port and process of `whatsit serve RUN`, with its log and its limits as they come."""
    port = free_port()
    with serving(folder / "log", run, "--port", str(port), *more) as process:
        yield port, process.popen.pid


def memory_mb(pid: int) -> float:
    """What a process has in memory now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.partition("VmRSS:")[2].split()[0]) / 1024, 1)


PEERS: dict[str, tuple[str, str, str]] = {  # name → its command, path, and how it takes a photo
    "bare Starlette": ("python starlette_lanes.py", "/predict", ""),
    "Flask, gunicorn": ("gunicorn --workers 2 --bind 127.0.0.1:$PORT flask_gunicorn:app", "/predict", ""),
    "LitServe": ("python litserve_api.py", "/predict", '{"photo": "PHOTO"}'),
    "BentoML": (
        "bentoml serve bentoml_api:Photos --host 127.0.0.1 --port $PORT",
        "/predict",
        '{"photo": "PHOTO"}',
    ),
    "Gradio": ("python gradio_api.py", "/gradio_api/run/predict", '{"data": ["PHOTO"]}'),
    "FastAPI inline": ("python fastapi_inline.py", "/predict", ""),
}


@contextlib.contextmanager
def peer(command: str, python: Path, model: Path, folder: Path) -> Iterator[int]:
    """The port of a peer that listens; all of its processes are ended with the block."""
    port = free_port()
    environment = os.environ | {
        **{"PATH": f"{python.parent}:{os.environ['PATH']}", "PORT": str(port), "MODEL": str(model.absolute())},
        **{"GRADIO_ANALYTICS_ENABLED": "False", "BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": str(HERE / "peers")},
        **{"BENTOML_HOME": str(folder), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    }
    words = [word.replace("$PORT", str(port)) for word in command.split()]
    with (folder / f"{words[0]}-{port}.log").open("wb") as log:
        started = subprocess.Popen(
            words, cwd=HERE / "peers", env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        gives_up = time.monotonic() + START_S
        while not listens(port):
            if time.monotonic() > gives_up or started.poll() is not None:
                raise SystemExit(f"{command} does not start: see {log.name}")
            time.sleep(0.1)
        yield port
    finally:
        started.terminate()  # which BentoML's workers hear, that are in a group of their own
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)  # LitServe's workers outlive a SIGTERM
        started.wait()


def peers(run: str, python: str, rounds: str = "5") -> None:
    """All servers one after another in each round, until each has three windows in which nobody else computed."""
    model = Path(run, "model.onnx")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        photo = folder / "photo.jpg"
        photo.write_bytes(photo_of(375, 500, 39_000))
        port, _ = stack.enter_context(ours(run, folder))
        asked: dict[str, Callable[[], dict[str, float]]] = {
            "in process": functools.partial(_ceiling, python, model, photo),
            "whatsit": functools.partial(_served, port, photo, OURS, ""),
        }
        for label, (command, path, json_) in PEERS.items():
            port = stack.enter_context(peer(command, Path(python), model, folder))
            asked[label] = functools.partial(_served, port, photo, path, json_)
        windows: dict[str, list[dict[str, float]]] = {label: [] for label in asked}
        for _ in range(int(rounds)):
            for label, measure in asked.items():
                if sum(window["foreign"] < QUIET for window in windows[label]) < WINDOWS:
                    before = clocks()
                    windows[label].append({**measure(), "foreign": foreign_cores(before)})
    rows = {label: usual(found) for label, found in windows.items()}
    for row in rows.values():
        row["of_ceiling"] = round(row["per_s"] / rows["in process"]["per_s"], 3)
        row["p50_over_in_process"] = round(row["p50_ms"] / rows["in process"]["p50_ms"], 3)
    over = round(rows["whatsit"]["p50_ms"] / rows["bare Starlette"]["p50_ms"], 3)
    record("serve", f"peers-{Path(run).name}", {**rows, "p50_over_bare_starlette": over}, *PACKAGES)


def _served(port: int, photo: Path, path: str, json_: str) -> dict[str, float]:
    """A lone client's median, and photos a second and the slowest hundredth of 32."""
    lone = load(port, photo, path, json=json_, seconds=1.5, warm_s=0.5)
    many = load(port, photo, path, json=json_, clients=CLIENTS, seconds=3.5, warm_s=0.5)
    if set(many["statuses"]) != {"200"}:
        print(f"{path}: {many['statuses']}", file=sys.stderr)
    return {"per_s": many["per_s"], "p50_ms": lone["good"]["p50_ms"], "p99_at_32_ms": many["good"]["p99_ms"]}


def _ceiling(python: str, model: Path, where: Path) -> dict[str, float]:
    """Photos a second on all cores, and the median of one after another."""
    environment = os.environ | {"MODEL": str(model.absolute())}

    def run(threads: int, seconds: float) -> dict[str, float]:
        command = [python, HERE / "peers" / "in_process.py", str(threads), str(seconds), where]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return found

    return {"per_s": run(len(os.sched_getaffinity(0)), 3.5)["per_s"], "p50_ms": run(1, 1.5)["p50_ms"]}


def overload(run: str) -> None:
    """The peak of 32 clients that wait for their answers, then arrivals that wait for nobody."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = folder / "photo.jpg"
        photo.write_bytes(photo_of(375, 500, 39_000))
        with ours(run, folder) as (port, pid):
            for _ in range(WINDOWS):
                began = clocks()
                peak = load(port, photo, clients=CLIENTS, seconds=6.0)["per_s"]
                before = memory_mb(pid)
                found = load(port, photo, rate=5 * peak, seconds=12.0, warm_s=2.0)
                after = memory_mb(pid)
                if (foreign := foreign_cores(began)) < QUIET:
                    break
    figures = {
        "foreign_cores": foreign,
        "peak_per_s": peak,
        "asked_per_s": round(5 * peak, 1),
        "goodput_of_peak": round(found["per_s"] / peak, 3),
        "statuses": found["statuses"],
        "answered": found["good"],
        "refused": found["refused"],
        "memory_mb": [before, after],
    }
    record("serve", "overload", figures, *PACKAGES)


def start(run: str) -> None:
    """From the start of the process to the first answer, and its memory when nobody asks."""
    content, windows, memory = photo_of(375, 500, 39_000), [], []
    for _ in range(6):
        with tempfile.TemporaryDirectory() as name:
            port, before, began = free_port(), clocks(), time.perf_counter()
            with serving(Path(name) / "log", run, "--port", str(port)) as process:
                assert ask(port, "/api/predict", content)[0] == 200
                seconds = time.perf_counter() - began
                windows.append({"per_s": 1 / seconds, "first_answer_s": seconds, "foreign": foreign_cores(before)})
                time.sleep(1.0)
                memory.append(memory_mb(process.popen.pid))
    record("serve", "start", {**usual(windows), "idle_mb": statistics.median(memory)}, *PACKAGES)


def large(run: str) -> None:
    """The answer for 12 megapixels over the answer for a photo of the model's size, in turn, by a lone client."""
    from whatsit.model.classifier import load as load_model

    height, width = load_model(run).facts.size
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = {
            "small": photo_of(height, width, 10**6),
            "large": photo_of(3000, 4000, 3_000_000),
        }
        times: dict[str, list[float]] = {label: [] for label in photos}
        with ours(run, folder) as (port, _):
            for label in ["small", "large"] * 30:
                began = time.perf_counter()
                assert ask(port, "/api/predict", photos[label])[0] == 200
                times[label].append(1000 * (time.perf_counter() - began))
    medians = {label: round(statistics.median(taken[3:]), 1) for label, taken in times.items()}
    figures = {
        **{f"{label}_ms": median for label, median in medians.items()},
        "bytes": {label: len(content) for label, content in photos.items()},
        "ratio": round(medians["large"] / medians["small"], 2),
    }
    record("serve", "large", figures, *PACKAGES)


def restarts(run: str, count: str = "20") -> None:
    """Restarts behind nginx with the listening socket held, as systemd holds it, while 8 clients ask."""
    from proxied import nginx

    content, statuses, waits = photo_of(375, 500, 39_000), Counter[int](), []
    stop = threading.Event()
    with (
        tempfile.TemporaryDirectory() as name,
        listening() as held,
        nginx(Path(name, "nginx"), held.getsockname()[1]) as port,
    ):

        def ask_on() -> None:
            while not stop.is_set():
                began = time.perf_counter()
                statuses[ask(port, "/api/predict", content)[0]] += 1
                waits.append(time.perf_counter() - began)

        askers = [threading.Thread(target=ask_on) for _ in range(8)]
        for asker in askers:
            asker.start()
        for turn in itertools.count():
            fd = held.fileno()
            with serving(Path(name, f"log{turn}"), run, "--fd", str(fd), "--behind-proxy", fds=[fd]) as process:
                time.sleep(1.0)
                if turn == int(count):
                    stop.set()
                    for asker in askers:
                        asker.join()
                    break
                assert process.stop() == 0
    figures = {
        "restarts": turn,
        "statuses": {str(status): number for status, number in statuses.items()},
        "longest_wait_s": round(max(waits), 2),
    }
    record("serve", "restarts", figures, *PACKAGES)


def fuzz(run: str, count: str = "10000") -> None:
    """Photos cut, mutated, spliced, repeated, and bombs: what is answered, and what it costs in memory."""
    from mutations import drawn

    statuses: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as name, ours(run, Path(name)) as (port, pid):
        ask(port, "/api/predict", photo_of(3000, 4000, 3_000_000))
        memory, slowest = [memory_mb(pid)], 0.0
        for seed in range(int(count)):
            began = time.perf_counter()
            statuses[ask(port, "/api/predict", drawn(seed) or b"\0")[0]] += 1
            slowest = max(slowest, time.perf_counter() - began)
            if seed % 500 == 499:
                memory.append(memory_mb(pid))
    figures = {
        "photos": int(count),
        "statuses": {str(status): number for status, number in sorted(statuses.items())},
        "slowest_s": round(slowest, 2),
        "memory_mb_every_500": [round(megabytes) for megabytes in memory],
    }
    record("serve", "fuzz", figures, *PACKAGES)


def attack(run: str, *kinds: str) -> None:
    """Good photos at one rate, without and with 40 attackers; health, memory, and SIGTERM in the middle of it."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = folder / "photo.jpg"
        photo.write_bytes(photo_of(375, 500, 39_000))
        with ours(run, folder) as (port, pid):
            command = [sys.executable, str(HERE / "serve_attack.py"), str(port)]
            alone = load(port, photo, rate=GOOD_PER_S, seconds=ATTACK_S, warm_s=1.0)
            attackers = subprocess.Popen([*command, str(ATTACK_S + 6), "40", *kinds], stdout=subprocess.PIPE)
            time.sleep(4.0)  # its bodies are made first
            with watched(port, pid) as seen:
                beside = load(port, photo, rate=GOOD_PER_S, seconds=ATTACK_S, warm_s=1.0)
            answers = json.loads(attackers.communicate()[0])
            again = subprocess.Popen([*command, "10", "40", *kinds], stdout=subprocess.DEVNULL)
            time.sleep(6.0)
            began = time.perf_counter()
            os.kill(pid, signal.SIGTERM)
            while still_runs(pid):
                time.sleep(0.02)
            figures["sigterm_to_exit_s"] = round(time.perf_counter() - began, 2)
            again.wait()
    figures |= {
        "good_alone": alone["statuses"],
        "good_beside": beside["statuses"],
        "good_of_alone": round(beside["statuses"].get("200", 0) / max(1, alone["statuses"].get("200", 0)), 3),
        "healthz_p99_ms": round(1000 * float(np.percentile([spent for spent, _ in seen["/healthz"]], 99)), 1),
        "readyz": dict(Counter(str(status) for _, status in seen["/readyz"])),
        "memory_most_mb": max(seen["memory_mb"]),
        "attackers": answers,
    }
    record("serve", "attack", figures, *PACKAGES)


@contextlib.contextmanager
def watched(port: int, pid: int) -> Iterator[dict[str, list[Any]]]:
    """How long /healthz takes, what /readyz says, and the memory, ten times a second while the block lasts."""
    seen: dict[str, list[Any]] = {"/healthz": [], "/readyz": [], "memory_mb": []}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            for path in ("/healthz", "/readyz"):
                began = time.perf_counter()
                try:
                    status: int | str = ask(port, path)[0]
                except OSError:
                    status = "no answer"
                seen[path].append((time.perf_counter() - began, status))
            seen["memory_mb"].append(memory_mb(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()


def still_runs(pid: int) -> bool:
    """Whether a child of ours has not ended yet."""
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def batch(run: str, photos: str, python: str, rounds: str = "4") -> None:
    """A table of a folder of photos, beside threads that decode and ask the bare session, in turn."""
    from whatsit.model.asking.batch import write_table
    from whatsit.model.asking.photos import resolve_names
    from whatsit.model.classifier import load as load_model

    model, windows = load_model(run), []
    with tempfile.TemporaryDirectory() as name:
        for turn in range(int(rounds)):
            before = clocks()
            bare = _ceiling(python, Path(run, "model.onnx"), Path(photos))["per_s"]
            began = time.perf_counter()
            asked = write_table(
                model, resolve_names([photos], lambda _: b"", sys.stdin.buffer), Path(name, f"{turn}.csv")
            )
            per_s = asked.photos / (time.perf_counter() - began)
            ratio = round(per_s / bare, 3)
            windows.append({"per_s": per_s, "bare_per_s": bare, "ratio": ratio, "foreign": foreign_cores(before)})
        began = time.perf_counter()
        whole = [sys.executable, "-m", "whatsit", "predict", run, photos, "--to", str(Path(name, "whole.csv"))]
        subprocess.run(whole, check=True, capture_output=True)
        command_s = time.perf_counter() - began
    figures = {"photos": asked.photos, **usual(windows), "whole_command_s": round(command_s, 1)}
    record("serve", f"batch-{Path(run).name}", figures, *PACKAGES)


def page(run: str) -> None:
    """The page opened ten times in a browser that has seen it."""
    from browser import chromium

    painted = """() => performance.getEntriesByName("first-contentful-paint")[0].startTime"""
    with tempfile.TemporaryDirectory() as name, ours(run, Path(name)) as (port, _), chromium() as browser:
        context = browser.new_context()
        paints: list[float] = []
        for turn in range(11):
            tab, sizes = context.new_page(), []
            tab.on("requestfinished", lambda request, sizes=sizes: sizes.append(request.sizes()))
            tab.goto(f"http://127.0.0.1:{port}/", wait_until="networkidle")
            paints.append(tab.evaluate(painted))
            if turn == 0:
                whole = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
            tab.close()
    figures = {
        "first_paint_ms": round(statistics.median(paints[1:])),
        "first_paint_cold_ms": round(paints[0]),
        "bytes_cold": whole,
    }
    record("serve", "page", figures, *PACKAGES)


ROWS = {one.__name__: one for one in (peers, overload, start, large, restarts, fuzz, attack, batch, page)}

if __name__ == "__main__":
    ROWS[sys.argv[1]](*sys.argv[2:])
