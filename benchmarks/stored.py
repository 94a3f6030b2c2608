"""Shards in an object store beside the same shards on a disk: from tar to pixels, photos a second.

Photos of coarse noise, 500 × 375 pixels (some 42 kB), lie in shards of a thousand; a server of moto's on loopback,
a process of its own on the same cores, holds a copy of them. Each turn decodes all to 64 × 64 pixels from the disk
and from the server, in an order that changes with each turn, with nothing kept: shards are indexed, blocks
fetched, pixels written. So the server's own work, Python's, counts against the store. `again` is a second time
from the address, with blocks and index kept and pixels not. What both leave is compared.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from quiet import clocks, foreign_cores
from record import record

from whatsit.buckets.bucket import read_block
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.files import cache_dir, remove
from whatsit.image import encode_jpeg

SIDE, SHARD = 64, 1000
ADDRESS = "s3://photos/shards"


def main(photos: int, repeats: int, work: Path | None) -> None:
    """Measure and record the row."""
    folder = Path(tempfile.mkdtemp(prefix="stored-", dir=work))
    os.environ["WHATSIT_CACHE"] = str(folder / "cache")
    try:
        write_shards(folder / "shards", photos)
        with serving(folder / "shards"):
            turns = [take_turn(folder / "shards", number) for number in range(repeats)]
    finally:
        shutil.rmtree(folder)
    figures = {
        "photos": photos,
        "turns": turns,
        "ratio": round(statistics.median(turn["store"] / turn["disk"] for turn in turns), 3),
        "ratio_again": round(statistics.median(turn["again"] / turn["disk"] for turn in turns), 3),
        "same_bytes": all(turn["same"] for turn in turns),
    }
    record("cluster", "store", figures, "fsspec", "s3fs", "moto", "numpy")


def take_turn(shards: Path, number: int) -> dict[str, Any]:
    """Photos a second from the disk, from the store, and from what was kept of it."""
    before, turn, sums = clocks(), dict[str, Any](), []
    for name in ("disk", "store") if number % 2 else ("store", "disk"):
        remove(cache_dir())
        sums.append(measure(turn, name, shards if name == "disk" else ADDRESS))
        if name == "store":
            remove(cache_dir() / "stores" / "pixels")
            read_block.cache_clear()
            sums.append(measure(turn, "again", ADDRESS))
    turn |= {"same": len(set(sums)) == 1, "foreign": foreign_cores(before)}
    print(turn, flush=True)
    return turn


def measure(turn: dict[str, Any], name: str, source: str | Path) -> bytes:
    """Decode all photos; what they are."""
    began = time.monotonic()
    good, pixels = decode_photos(read(source), (SIDE, SIDE))
    turn[name] = round(len(good) / (time.monotonic() - began), 1)
    return pixels.take(np.arange(len(good))).tobytes()


def write_shards(folder: Path, photos: int, seed: int = 0) -> None:
    """Shards of photos of coarse coloured noise, of ten classes."""
    random = np.random.default_rng(seed)
    folder.mkdir()
    for start in range(0, photos, SHARD):
        with tarfile.open(folder / f"{start // SHARD:05}.tar", "w") as shard:
            for number in range(start, min(start + SHARD, photos)):
                coarse = random.integers(0, 256, (15, 20, 3), np.uint8)
                add(shard, f"{number:06}.jpg", encode_jpeg(np.repeat(np.repeat(coarse, 25, 0), 25, 1), 90))
                add(shard, f"{number:06}.cls", str(number % 10).encode())


def add(shard: tarfile.TarFile, name: str, content: bytes) -> None:
    """A member of a shard."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    shard.addfile(member, BytesIO(content))


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """An S3 server on loopback that holds the files of a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "of-a-benchmark",
        "AWS_SECRET_ACCESS_KEY": "of-a-benchmark",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    process = subprocess.Popen(command, **quiet)
    try:
        fill(folder)
        yield
    finally:
        process.terminate()
        process.wait()


def fill(folder: Path) -> None:
    """Put the shards there, once the server answers."""
    import boto3
    from botocore.exceptions import EndpointConnectionError

    client = boto3.client("s3")
    for _ in range(120):
        try:
            client.create_bucket(Bucket="photos")
            break
        except EndpointConnectionError:
            time.sleep(0.5)
    for shard in folder.iterdir():
        client.upload_file(str(shard), "photos", f"shards/{shard.name}")
