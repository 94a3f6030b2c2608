"""Collecting beside img2dataset and icrawler, on a loopback web of many hosts.

    python benchmarks/collect.py ROW [--peers VENV]      VENV: an environment with img2dataset and icrawler

speed    photos a second where every answer is good, each tool with its own checks; ours decodes, hashes and
         keeps its catalog
faults   the same where three answers in ten are bad (`collect_web.FAULTS`): photos had, and photos a second
memory   anonymous memory of all our processes over 100,000 addresses
guard    requests to private addresses, and public ones refused, over the cases of the tests

Each runs in a network of its own (`unshare -rn`, Linux) where 93.184.0.0/16 is this machine, so that the
same public addresses are asked by all, for real, and by nobody else.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from collect_web import GIVE_PHOTOS, fault_of
from record import record

from whatsit.image import encode_jpeg

HERE = Path(__file__).parent
PHOTOS = 3000
HOSTS = 250
ROUNDS = {"speed": 3, "faults": 2}  # the second is made of waiting, which varies little
THREADS = 64  # a process, of the peers: their best of 32, 64 and 128 here
INSIDE = "BENCHMARK_INSIDE"


def speed(peers: Path | None, place: Path) -> None:
    """Every answer good, from nginx."""
    with nginx(place / "photos"):
        compare("speed", peers, place, good=PHOTOS)


def faults(peers: Path | None, place: Path) -> None:
    """Three answers in ten bad."""
    good = sum(fault_of(number) in ("", *GIVE_PHOTOS) for number in range(PHOTOS))
    compare("faults", peers, place, good, served=True)


def compare(row: str, peers: Path | None, place: Path, good: int, served: bool = False) -> None:
    """Each tool in turn, round after round; medians of what each had a second."""
    tools = {"whatsit": ours, "img2dataset": img2dataset, "icrawler": icrawler}
    rates: dict[str, list[float]] = {}
    had: dict[str, list[int]] = {}
    for round_ in range(ROUNDS[row]):
        for name, tool in tools.items():
            if name != "whatsit" and peers is None:
                continue
            out = place / f"{row}-{name}-{round_}"
            with python_web(place / "photos") if served else contextlib.nullcontext():
                began = time.monotonic()
                tool(place, out, peers)
                seconds = time.monotonic() - began
            count = sum(1 for file in out.rglob("*.jpg"))
            rates.setdefault(name, []).append(count / seconds)
            had.setdefault(name, []).append(count)
            print(f"{name}: {count} photos in {seconds:.1f} s", file=sys.stderr, flush=True)
            shutil.rmtree(out, ignore_errors=True)
    figures: dict[str, Any] = {
        "addresses": PHOTOS,
        "hosts": HOSTS,
        "photos that can be had": good,
        "photos": {name: median(counts) for name, counts in had.items()},
        "photos a second": {name: round(median(all_), 1) for name, all_ in rates.items()},
    }
    for name in rates:  # icrawler reads headers only, and gives up before the list is done
        figures[f"ours over {name}"] = round(median(rates["whatsit"]) / median(rates[name]), 2)
    record("collect", row, figures, "aiohttp", "pillow")


def memory(_peers: Path | None, place: Path) -> None:
    """100,000 addresses, each a photo; five are the same bytes."""
    count, distinct = 100_000, 20_000
    folder = place / "small"
    make_photos(folder, distinct, 96, 96)
    addresses = place / "many.txt"
    addresses.write_text("".join(f"http://{host(n)}/{n % distinct}.jpg?{n}\n" for n in range(count)))
    with nginx(folder):
        child = subprocess.Popen(whatsit(place / "many", addresses), env=environment(place))
        most = 0
        began = time.monotonic()
        while child.poll() is None:
            most = max(most, anonymous_bytes(child.pid))
            time.sleep(0.2)
    seconds = time.monotonic() - began
    figures = {
        "addresses": count,
        "photos": sum(1 for _ in (place / "many" / "class").iterdir()),
        "most RssAnon of all processes, MB": round(most / 1e6, 1),
        "addresses a second": round(count / seconds, 1),
    }
    record("collect", "memory", figures, "aiohttp", "pillow")


def guard(_peers: Path | None, _place: Path) -> None:
    """The tests' cases, as pytest counts them."""
    command = [sys.executable, "-m", "pytest", "-o", "addopts=", "-n0", "--no-header", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/fetch/test_guard_cases.py"], cwd=HERE.parent, capture_output=True, text=True, check=False
    )
    counts = {what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|skipped)", done.stdout)}
    record("collect", "guard", {"tests of cases": counts})


# The tools, each with its own way to be asked for the same


def ours(place: Path, out: Path, _peers: Path | None) -> None:
    subprocess.run(whatsit(out, place / "list.txt"), env=environment(place), check=True, capture_output=True)


def whatsit(out: Path, addresses: Path, *more: str) -> list[str]:
    words = ["collect", str(out), "class", "--source", f"urls:{addresses}", "--contact", "benchmark@example.org"]
    return [sys.executable, "-m", "whatsit", *words, "--pace", "100000", *more]


def img2dataset(place: Path, out: Path, peers: Path | None) -> None:
    options = {
        "url_list": place / "list.txt",
        "output_folder": out,
        "input_format": "txt",
        "output_format": "files",
        "processes_count": os.cpu_count(),
        "thread_count": THREADS,
        "number_sample_per_shard": 1 + PHOTOS // (os.cpu_count() or 1),
        "resize_mode": "no",  # decodes, and keeps what was sent
        "skip_reencode": True,
        "enable_wandb": False,
    }
    assert peers
    words = [f"--{name}={value}" for name, value in options.items()]
    subprocess.run([str(peers / "bin" / "img2dataset"), *words], check=True, capture_output=True)


ICRAWLER = """
import logging, sys
from icrawler.builtin import UrlListCrawler
place = {"root_dir": sys.argv[2]}
crawler = UrlListCrawler(downloader_threads=int(sys.argv[3]), storage=place, log_level=logging.ERROR)
crawler.crawl(url_list=sys.argv[1])
"""


def icrawler(place: Path, out: Path, peers: Path | None) -> None:
    assert peers
    words = [str(place / "list.txt"), str(out), str(THREADS)]
    subprocess.run([str(peers / "bin" / "python"), "-c", ICRAWLER, *words], check=True, capture_output=True)


# The web


def host(number: int) -> str:
    return f"93.184.{number % HOSTS // 100 + 1}.{number % HOSTS % 100 + 1}"


def make_photos(folder: Path, count: int, width: int, height: int) -> None:
    """Photos of soft shapes and some grain, each another."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = rng.integers(40, 216, (6, 8, 3), np.uint8)
        soft = np.kron(coarse, np.ones((-(-height // 6), -(-width // 8), 1), np.uint8))[:height, :width]
        grain = rng.integers(0, 40, (height, width, 1), np.uint8)
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(soft + grain, 85))


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[None]:
    """nginx on port 80 of every address, in one process of its own."""
    work = folder.parent / "nginx"
    work.mkdir(exist_ok=True)
    folders = " ".join(
        f"{kind}_temp_path {work};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    settings = (
        f"user root; pid {work}/pid; error_log {work}/error.log; worker_processes 1; daemon off;"
        " events {worker_connections 4096;}"
        f" http {{access_log off; {folders} types {{image/jpeg jpg;}}"
        f" server {{listen 80 backlog=4096; root {folder};}} }}"
    )
    (work / "nginx.conf").write_text(settings)
    with running(["nginx", "-c", str(work / "nginx.conf"), "-e", str(work / "error.log")]):
        yield


def python_web(folder: Path) -> contextlib.AbstractContextManager[None]:
    return running([sys.executable, str(HERE / "collect_web.py"), str(folder), "faulty"])


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    time.sleep(1.0)
    assert process.poll() is None, command
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def environment(place: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE.parent / "src"), "WHATSIT_CACHE": str(place / "cache")}


def anonymous_bytes(parent: int) -> int:
    """RssAnon of a process and all below it."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            facts = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            if parent in (int(facts["Pid"]), int(facts["PPid"])) and "RssAnon" in facts:
                total += int(facts["RssAnon"].split()[0]) * 1024
    return total


def enter_network() -> None:
    """Go on in a network of our own, where 93.184.0.0/16 is this machine, by starting once more."""
    if INSIDE not in os.environ:
        alone = f'ip link set lo up; ip addr add 93.184.0.0/16 dev lo; exec {json.dumps(sys.executable)} "$@"'
        again = ["unshare", "-rn", "sh", "-c", alone, "sh", *sys.argv]
        sys.exit(subprocess.run(again, env={**os.environ, INSIDE: "1"}, check=False).returncode)


def main() -> None:
    """Run a row; in a network of its own, made by starting once more."""
    rows = {"speed": speed, "faults": faults, "memory": memory, "guard": guard}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=rows)
    parser.add_argument("--peers", type=Path, help="an environment with img2dataset and icrawler")
    wanted = parser.parse_args()
    if wanted.row != "guard":
        enter_network()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if wanted.row in ("speed", "faults"):
            make_photos(place / "photos", PHOTOS, 500, 375)
            (place / "list.txt").write_text("".join(f"http://{host(n)}/{n}.jpg\n" for n in range(PHOTOS)))
        rows[wanted.row](wanted.peers, place)


if __name__ == "__main__":
    main()
