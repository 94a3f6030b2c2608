"""From files to pixels: our cache beside a torch DataLoader and Keras' tf.data, on the same photos.

    python benchmarks/pixels.py small  FOLDER [PYTHON]    JPEGs of 500 × 375, made from the photos in FOLDER
    python benchmarks/pixels.py large  FOLDER [PYTHON]    the same at 12 megapixels
    python benchmarks/pixels.py memory FOLDER             anonymous memory over 1,000 and over 10,000 photos

PYTHON is an interpreter that has keras and tensorflow; without it that peer is left out. Every figure comes from
a process of its own; the ways take turns, and medians are compared. All resize to 224 × 224 with two workers.
`decoder` is the limit: Pillow's decoder and resize alone, which every way here has to take, and nothing is kept.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from record import Highest, record

from whatsit.image import decode, encode_jpeg, resize_pixels

SIDE = 224
WORKERS = 2
BATCH = 64
TURNS = 3
KINDS = {"small": ((375, 500), 2000, 3.0), "large": ((3000, 4000), 60, 7.0)}  # size, photos, grain
QUALITY = 85
KERAS = Path(__file__).with_name("pixels_keras.py")


def main(row: str, source: str, python: str = "") -> None:
    """Measure one row and record it."""
    with tempfile.TemporaryDirectory() as place:
        if row == "memory":
            figures = memory(Path(source), Path(place))
        else:
            figures = speed(row, Path(source), Path(place), python)
    record("pixels", row, figures, "pillow", "numpy", "torch")


def speed(kind: str, source: Path, place: Path, python: str) -> dict[str, object]:
    """Photos a second of each way, first pass and later passes, and how much faster ours is."""
    photos = made(kind, source, place / "photos")
    ways = ["ours", "decoder", "loader", "loader-float"]
    measured: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for turn in range(TURNS):
        for way in ways:
            measured[way].append(_apart([sys.executable, __file__, way, str(photos), str(place / f"cache{turn}")]))
    if python:
        measured["keras"] = [_apart([python, str(KERAS), str(photos), str(SIDE), str(BATCH)]) for _ in range(3)]
    medians = {
        way: {name: round(statistics.median(one[name] for one in found), 2) for name in found[0]}
        for way, found in measured.items()
    }
    ours = medians["ours"]
    limit = medians.pop("decoder")
    faster = {way: round(ours["first"] / found["first"], 2) for way, found in medians.items() if way != "ours"}
    cheaper = {way: round(found["cpu_ms"] / ours["cpu_ms"], 2) for way, found in medians.items() if way != "ours"}
    later = {
        f"{way} {name}": round(ours["later"] / found[name], 1)
        for way, found in medians.items()
        for name in ("later", "later_cached")
        if way != "ours" and name in found
    }
    return {
        "photos": len(list(photos.rglob("*.jpg"))),
        "mean_kilobytes": round(statistics.mean(file.stat().st_size for file in photos.rglob("*.jpg")) / 1000, 1),
        "photos_a_second": medians,
        "limit": limit,
        "first_pass_of_limit": {way: round(found["first"] / limit["first"], 3) for way, found in medians.items()},
        "processor_time_of_limit": {
            way: round(limit["cpu_ms"] / found["cpu_ms"], 3) for way, found in medians.items() if "cpu_ms" in found
        },
        "first_pass_faster_than": faster,
        "first_pass_less_processor_time_than": cheaper,
        "later_passes_faster_than": later,
    }


def made(kind: str, source: Path, target: Path) -> Path:
    """Two class folders of JPEGs of one size, from real photos with a little grain, as cameras give them."""
    size, count, grain = KINDS[kind]
    noise = np.random.default_rng(0).normal(0, grain, (*size, 3)).astype(np.float32)
    files = sorted(file for file in source.rglob("*") if file.suffix == ".jpg")
    for number in range(count):
        photo = resize_pixels(decode(files[number % len(files)].read_bytes()), size).astype(np.float32)
        photo += np.roll(noise, 37 * number, axis=0)
        file = target / f"class{number % 2}" / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_jpeg(np.clip(photo, 0, 255).astype(np.uint8), QUALITY))
    return target


def memory(source: Path, place: Path) -> dict[str, object]:
    """Megabytes of anonymous memory above those of the process with everything imported, at their highest."""
    first = made("small", source, place / "photos1000")
    for file in first.rglob("*.jpg"):
        if int(file.stem) >= 1000:
            file.unlink()
    many = place / "photos10000"
    for file in first.rglob("*.jpg"):
        for copy in range(10):
            link = many / file.parent.name / f"{copy}-{file.name}"
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, link)
    return {
        str(photos.name): _apart([sys.executable, __file__, "ours", str(photos), str(place / "cache")])[
            "megabytes"
        ]
        for photos in (first, many)
    }


def _apart(command: list[str]) -> dict[str, float]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


# One way each, in a process of its own: photos a second, CPU milliseconds a photo, megabytes.


def ours(photos: str, cache: str) -> dict[str, float]:
    """Into the cache, written to disk; then passes over it in random order."""
    os.environ["WHATSIT_CACHE"] = cache
    from PIL import Image

    from whatsit.data.pixels import decode_photos
    from whatsit.data.readers import read
    from whatsit.engine import Workers, working_on

    Image.init()
    dataset = read(photos)
    with Highest() as megabytes, working_on(Workers(WORKERS)):
        first, cpu = _timed(lambda: decode_photos(dataset, (SIDE, SIDE)))
        pixels = decode_photos(dataset, (SIDE, SIDE))[1]

        def a_pass() -> None:
            order = np.random.default_rng(0).permutation(len(pixels))
            for start in range(0, len(order), BATCH):
                pixels.take(order[start : start + BATCH])

        a_pass()
        later = statistics.median(_timed(a_pass)[0] for _ in range(5))
    count = len(dataset)
    return {
        "first": count / first,
        "later": count / later,
        "cpu_ms": 1000 * cpu / count,
        "megabytes": megabytes[0],
    }


def decoder(photos: str, _cache: str) -> dict[str, float]:
    """What the decoder and the resize take by themselves, as few calls as there can be, in processes."""
    files = sorted(map(str, Path(photos).rglob("*.jpg")))
    with ProcessPoolExecutor(WORKERS) as processes:
        list(processes.map(_decode_alone, files[:WORKERS]))  # until they have begun
        first, _ = _timed(lambda: list(processes.map(_decode_alone, files, chunksize=BATCH)))
    cpu = 0.0
    for file in files:
        began = time.process_time()
        _decode_alone(file)
        cpu += time.process_time() - began
    return {"first": len(files) / first, "cpu_ms": 1000 * cpu / len(files)}


def _decode_alone(file: str) -> None:
    from PIL import Image

    with Path(file).open("rb") as content:
        photo = Image.open(content, formats=("JPEG",))
        photo.draft(None, (2 * SIDE, 2 * SIDE))
        photo.load()
        photo.resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def loader(photos: str, _cache: str, as_float: bool = False) -> dict[str, float]:
    """A torch DataLoader with Pillow, as tutorials write it; `as_float` with what ToTensor does."""
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    class Photos(Dataset[torch.Tensor]):
        def __init__(self) -> None:
            self.files = sorted(Path(photos).rglob("*.jpg"))

        def __len__(self) -> int:
            return len(self.files)

        def __getitem__(self, row: int) -> torch.Tensor:
            with Image.open(self.files[row]) as photo:
                small = photo.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
            tensor = torch.from_numpy(np.array(small)).permute(2, 0, 1)
            return tensor.float().div(255) if as_float else tensor

    files = Photos()

    def a_pass() -> None:
        for _ in DataLoader(files, BATCH, num_workers=WORKERS):
            pass

    first, cpu = _timed(a_pass)
    return {"first": len(files) / first, "later": len(files) / first, "cpu_ms": 1000 * cpu / len(files)}


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of the processors, children included."""
    began, cpu = time.perf_counter(), _cpu()
    run()
    return time.perf_counter() - began, _cpu() - cpu


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    way = sys.argv[1]
    if way == "ours":
        print(json.dumps(ours(*sys.argv[2:])))
    elif way == "decoder":
        print(json.dumps(decoder(*sys.argv[2:])))
    elif way in ("loader", "loader-float"):
        print(json.dumps(loader(*sys.argv[2:], as_float=way == "loader-float")))
    else:
        main(*sys.argv[1:])
