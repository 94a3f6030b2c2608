"""What a large data set costs: a photo measured on this machine, times ten million and times a thousand million.

    python benchmarks/cost.py $WHATSIT_DATA/cats-vs-dogs/train [--sizes 200 600] [--photos 1e7 1e9] [--cores 64]

The folder's photos are written again as 1024 × 768, about as large as those of the web are: as many as the first
size says, then as many as the second. What a photo costs is the difference of both, so what a command costs at its
start drops out. Seconds are those of the processor, bytes are those on disk. What comes out for more photos is
paper: a straight line through what was measured, which `growth.py` shows to be straight up to its sizes.

Prices are those of a large provider's list, on demand, in dollars, as they were in 2025: put your own into
`Prices`.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from growth import run_apart
from PIL import Image
from record import record

from whatsit.files import folder_bytes

SIDES = (1024, 768)
QUALITY = 85
SHARD = 1000  # photos
LISTED = 1000  # objects a request
STEPS: dict[str, list[str]] = {  # DATA, RUN and OUT stand for places
    "info": ["info", "DATA"],
    "clean": ["clean", "DATA"],
    "pack": ["pack", "DATA", "--into", "OUT/pack", "--to", "shards", "--size", "256"],
    "train": ["train", "DATA", "--recipe", "transfer", "--name", "cost", "--runs", "OUT/runs"],
    "predict": ["predict", "RUN", "DATA", "--to", "OUT/answers.csv"],
}


@dataclass(frozen=True)
class Prices:
    """In dollars."""

    core_hour: float = 0.045  # a virtual core of a machine for computing
    gigabyte_month: float = 0.023  # in an object store
    thousand_reads: float = 0.0004  # requests to it
    thousand_writes: float = 0.005


@dataclass(frozen=True)
class Cost:
    """Of one step a photo."""

    milliseconds: float  # of a core
    written: float  # bytes that stay
    cached: float  # bytes in the cache, which is bounded


def measure(source: Path, sizes: Sequence[int], work: Path) -> tuple[dict[str, Cost], float]:
    """The cost a photo of each step, and the bytes of a photo."""
    seen: list[dict[str, tuple[float, int, int]]] = []
    photo_bytes = 0.0
    for size in sizes:
        place = work / str(size)
        enlarge(source, place / "data", size)
        photo_bytes = folder_bytes(place / "data") / size
        seen.append(run_steps(place))
        shutil.rmtree(place)
    costs, photos = {}, sizes[1] - sizes[0]
    for step, more in seen[1].items():
        seconds, written, cached = (many - few for many, few in zip(more, seen[0][step], strict=True))
        costs[step] = Cost(round(1000 * seconds / photos, 2), round(written / photos), round(cached / photos))
    return costs, round(photo_bytes)


def enlarge(source: Path, into: Path, size: int) -> None:
    """Write the first photos of each class folder as large JPEGs, each once."""
    classes = sorted(folder for folder in source.iterdir() if folder.is_dir())
    for folder in classes:
        (into / folder.name).mkdir(parents=True)
        photos = sorted(folder.glob("*.jpg"))[: size // len(classes)]
        if len(photos) < size // len(classes):
            raise SystemExit(f"{folder} has {len(photos)} photos, and {size // len(classes)} are wanted.")
        for photo in photos:
            with Image.open(photo) as picture:
                large = picture.convert("RGB").resize(SIDES, Image.Resampling.BICUBIC)
            large.save(into / folder.name / photo.name, quality=QUALITY)


def run_steps(place: Path) -> dict[str, tuple[float, int, int]]:
    """Processor seconds of each step, bytes that it wrote, and bytes that it left in the cache."""
    places = {"DATA": place / "data", "RUN": place / "runs" / "cost", "OUT": place}
    seen = {}
    for step, words in STEPS.items():
        before, cached = folder_bytes(place), folder_bytes(place / "cache")
        command = [str(places.get(word, word)).replace("OUT/", f"{place}/") for word in words]
        row = run_apart(command, place)
        cached = folder_bytes(place / "cache") - cached
        seen[step] = (row["seconds"], folder_bytes(place) - before - cached, cached)
        print(f"{place.name} photos, {step}: {seen[step]}", flush=True)
    return seen


def extrapolate(
    costs: dict[str, Cost], photo_bytes: float, photos: int, cores: int, prices: Prices
) -> dict[str, object]:
    """What so many photos cost, by the costs of one."""
    hours = {step: photos * cost.milliseconds / 3.6e6 for step, cost in costs.items()}
    shards = -(-photos // SHARD)
    stored = photos * (photo_bytes + costs["pack"].written) / 1e9
    read = 2 * photos + shards + photos // LISTED  # to be cleaned, then packed; the shards for training
    requests = {"written": photos + shards, "read": read}
    dollars = {
        "cores": sum(hours.values()) * prices.core_hour,
        "store, a month": stored * prices.gigabyte_month,
        "requests": ((photos + shards) * prices.thousand_writes + read * prices.thousand_reads) / 1000,
    }
    return {
        "photos": photos,
        "photos_tb": round(photos * photo_bytes / 1e12, 1),
        "shards": shards,
        "catalog_rows": photos,
        "requests_millions": {what: round(count / 1e6, 1) for what, count in requests.items()},
        "core_hours": {step: round(spent) for step, spent in hours.items()},
        f"hours_on_{cores}_cores": {step: round(spent / cores, 1) for step, spent in hours.items()},
        "written_gb": {step: round(photos * cost.written / 1e9) for step, cost in costs.items()},
        "cached_gb": {step: round(photos * cost.cached / 1e9) for step, cost in costs.items()},
        "dollars": {what: round(amount) for what, amount in dollars.items()},
    }


def main(source: Path, sizes: Sequence[int], photos: Sequence[float], cores: int, work: Path | None) -> None:
    """Measure, multiply and record."""
    place = Path(tempfile.mkdtemp(prefix="cost-", dir=work))
    try:
        costs, photo_bytes = measure(source, sizes, place)
    finally:
        shutil.rmtree(place)
    paper = [extrapolate(costs, photo_bytes, int(count), cores, Prices()) for count in photos]
    figures = {
        "sizes": list(sizes),
        "photo_bytes": photo_bytes,
        "a_photo": {step: asdict(cost) for step, cost in costs.items()},
        "prices": asdict(Prices()),
        "paper": paper,
    }
    record("cost", "paper", figures, "numpy", "onnxruntime", "pillow")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a folder with one folder of photos a class")
    parser.add_argument("--sizes", type=int, nargs=2, default=[200, 600])
    parser.add_argument("--photos", type=float, nargs="+", default=[1e7, 1e9])
    parser.add_argument("--cores", type=int, default=64, help="that share a step")
    parser.add_argument("--work", type=Path, help="a folder on a disk with room")
    given = parser.parse_args()
    main(given.source, given.sizes, given.photos, given.cores, given.work)
