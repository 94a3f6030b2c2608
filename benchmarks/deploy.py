"""Figures of deploying. One command a row:

python benchmarks/deploy.py server RUN           the ec2 kit by its own steps, behind nginx here: seconds, failures
python benchmarks/deploy.py browser RUN PHOTOS ORT_WEB [COUNT]
                                                 the browser kit beside the model here: size, agreement, time
"""

from __future__ import annotations

import base64
import functools
import gzip
import http.server
import itertools
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from record import record

from whatsit.deploying.kit import DeployOptions
from whatsit.model.run import open_run
from whatsit.road.deploy import deploy

ONE_THREAD = 100  # photos asked about where there is no service worker
ASKED = """
async ([module, photo]) => {
  const m = await import(module);
  const files = JSON.parse(document.getElementById("files").textContent);
  globalThis.ask ??= await m.open(files);
  const blob = new Blob([Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0))]);
  const begun = performance.now();
  const answer = await globalThis.ask(blob);
  return { ...answer, ms: performance.now() - begun };
}
"""


def server(run: str) -> None:
    """Install a release from the package index, answer through nginx, upgrade and go back while it is asked."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests/deploying"))
    from test_ec2 import a_server, asked_all_the_while, photo, wait_until_up

    with tempfile.TemporaryDirectory() as folder, a_server(Path(folder)) as here:
        releases = []
        for title in ("First", "Second"):
            deploy(open_run(run), Path(folder) / title, "ec2", DeployOptions(title=title))
            (archive,) = (Path(folder) / title).glob("whatsit-*.tar.gz")
            shutil.unpack_archive(archive, Path(folder) / "unpacked", "gztar", filter="data")
            releases.append(Path(folder) / "unpacked" / archive.name.removesuffix(".tar.gz"))
        begun = time.monotonic()
        installed = here.run(releases[0] / "release", "install")
        assert installed.returncode == 0, installed.stderr
        wait_until_up(here)
        answered = here.ask("POST", "/api/predict", photo())[0]
        seconds = time.monotonic() - begun
        with asked_all_the_while(here) as statuses:
            upgraded = here.run(releases[1] / "release", "install").returncode
            back = here.run(Path(folder) / "opt/current/release", "back").returncode
    figures = {
        "to_first_answer_s": round(seconds, 1),
        "first_answer": answered,
        "upgrade_and_back_ended_with": [upgraded, back],
        "asked_meanwhile": len(statuses),
        "failed_meanwhile": sum(status != 200 for status in statuses),
    }
    record("deploy", "server", figures, "pip")


def browser(run: str, photos: str, ort_web: str, count: str = "500") -> None:
    """Ask the kit in Chromium and the model here about the same JPEGs."""
    from browser import chromium

    found = open_run(run)
    model = found.model()
    everything = sorted(Path(photos).rglob("*.jpg"))
    step = max(1, len(everything) // int(count))
    chosen = list(itertools.islice(everything[::step], int(count)))
    place = Path(tempfile.mkdtemp())
    deploy(found, place / "kit", "browser", DeployOptions(ort_web=Path(ort_web)))
    files = [file for file in (place / "kit").rglob("*") if file.is_file()]
    packed = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(place / "kit"))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    agree, same_label, could_be, single_ms, there_ms, here_ms, points = 0, 0, 0, [], [], [], []
    with chromium() as engine:
        home = f"http://127.0.0.1:{server.server_port}/"
        (static,) = (place / "kit/static").iterdir()

        def asked(content: bytes) -> dict[str, Any]:
            photo = base64.b64encode(content).decode()
            return dict(page.evaluate(ASKED, [f"/static/{static.name}/model.js", photo]))

        page = engine.new_context(service_workers="block").new_page()
        page.goto(home)
        for photo in chosen[:ONE_THREAD]:
            single_ms.append(asked(photo.read_bytes())["ms"])
        page = engine.new_context().new_page()
        begun = time.perf_counter()
        page.goto(home)
        page.wait_for_function("() => crossOriginIsolated")
        apart_s = time.perf_counter() - begun
        for photo in chosen:
            content = photo.read_bytes()
            there = asked(content)
            begun = time.perf_counter()
            answer = model.predict(content)
            here_ms.append(1000 * (time.perf_counter() - begun))
            there_ms.append(there["ms"])
            agree += (there["label"], there["known"]) == (answer.label, answer.known)
            same_label += there["label"] == answer.label
            could_be += list(there["could_be"]) == list(answer.could_be)
            apart = (abs(there["probabilities"][name] - p) for name, p in answer.probabilities.items())
            points.append(100 * max(apart))
            if there["label"] != answer.label:
                print(f"{photo.name}: {there['label']} there, {answer.sentence()} here", file=sys.stderr)
    server.shutdown()
    shutil.rmtree(place)
    figures = {
        "photos": len(chosen),
        "same_label_and_known": agree,
        "same_label": same_label,
        "same_could_be": could_be,
        "points_apart_median": round(statistics.median(points), 2),
        "points_apart_95_of_100": round(sorted(points)[int(0.95 * len(points))], 2),
        "points_apart_most": round(max(points), 2),
        "gzipped_megabytes": round(packed / 1e6, 2),
        "first_visit_set_apart_s": round(apart_s, 2),
        "browser_ms_median": round(statistics.median(there_ms), 1),
        "without_a_worker_ms_median": round(statistics.median(single_ms), 1),
        "here_ms_median": round(statistics.median(here_ms), 1),
        "times_slower": round(statistics.median(there_ms) / statistics.median(here_ms), 2),
        "times_slower_without_a_worker": round(statistics.median(single_ms) / statistics.median(here_ms), 2),
    }
    record("deploy", "browser", figures, "onnxruntime", "playwright", "pillow")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    {"server": server, "browser": browser}[sys.argv[1]](*sys.argv[2:])
