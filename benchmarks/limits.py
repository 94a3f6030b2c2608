"""What this machine can do at best, beside which a figure says how far there is to go.

    python benchmarks/limits.py

Each peak is the best of several tries: matrix products as torch has them, memory copied, JPEGs through the decoder
alone, requests through an application that does nothing, bytes onto the disk. Benchmarks that one of these binds
measure it in their own run (`pixels.py` the decoder, `serve.py` the same model in process, `transfer.py` a bare
pass, `networks.py` the matrix product); this command shows them all.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from record import record

TRIES = 7
SIDE = 2048  # of the matrices: they fit into no cache, and take a second at the most
COPIED = 256_000_000  # bytes
WRITTEN = 512_000_000
CLIENTS, SECONDS = 32, 3.0


def least_s(work: Callable[[], object], tries: int = TRIES) -> float:
    """The shortest time of several."""
    taken = []
    for _ in range(tries):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def measure_matrix(precision: str) -> float:
    """Billions of operations a second (a multiplication and an addition are two) of torch's matrix product."""
    import torch

    kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    left, right = (torch.randn(SIDE, SIDE).to(kind) for _ in range(2))
    return 2 * SIDE**3 / least_s(lambda: left @ right) / 1e9


def measure_memory() -> float:
    """Gigabytes a second that one thread copies; each is read once and written once."""
    source = np.ones(COPIED, np.uint8)
    target = np.empty_like(source)
    return COPIED / least_s(lambda: np.copyto(target, source)) / 1e9


def measure_decoder(height: int, width: int) -> float:
    """Megapixels a second that one core decodes of a JPEG of noise and colour, nothing resized."""
    from PIL import Image

    from whatsit.image import encode_jpeg

    coarse = np.random.default_rng(0).integers(0, 255, (height // 25, width // 25, 3)).repeat(25, 0).repeat(25, 1)
    content = encode_jpeg(coarse.astype(np.uint8))
    return height * width / least_s(lambda: Image.open(io.BytesIO(content)).load()) / 1e6


def measure_loopback() -> float:
    """Requests a second of 32 clients, answered by an application that says nothing, on the server we use."""
    from serve import load, photo_of

    with tempfile.TemporaryDirectory() as place, serving_nothing() as port:
        photo = Path(place, "photo.jpg")
        photo.write_bytes(photo_of(375, 500, 39_000))
        return float(load(port, photo, clients=CLIENTS, seconds=SECONDS, warm_s=0.5)["per_s"])


@contextlib.contextmanager
def serving_nothing() -> Iterator[int]:
    """The port of an application that reads a request whole and answers 200, in a process of its own."""
    from serve import free_port, listens

    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "limits:say_nothing", "--port", str(port), "--log-level", "error"]
    started = subprocess.Popen(command, cwd=Path(__file__).parent)
    try:
        while not listens(port):
            time.sleep(0.1)
        yield port
    finally:
        started.terminate()
        started.wait()


async def say_nothing(scope: dict[str, object], receive: Callable, send: Callable) -> None:
    """An ASGI application: the whole request is read, and the answer is empty."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


def measure_disk() -> float:
    """Megabytes a second that are on the disk when the system says so."""
    content = os.urandom(WRITTEN // 8) * 8
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as place:

        def write() -> None:
            with Path(place, "bytes").open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())

        return WRITTEN / least_s(write, 3) / 1e6


def main() -> None:
    """Measure all peaks and record them."""
    figures = {
        "matrix products, fp32, GFLOP/s": measure_matrix("fp32"),
        "matrix products, bf16, GFLOP/s": measure_matrix("bf16"),
        "memory copied by a thread, GB/s": measure_memory(),
        "JPEG of 500 × 375 decoded by a core, megapixels/s": measure_decoder(375, 500),
        "JPEG of 12 megapixels decoded by a core, megapixels/s": measure_decoder(3000, 4000),
        "requests of 39 kB answered with nothing, a second": measure_loopback(),
        "written to the disk, MB/s": measure_disk(),
    }
    record(
        "limits",
        "machine",
        {what: round(value, 1) for what, value in figures.items()},
        "torch",
        "pillow",
        "uvicorn",
    )


if __name__ == "__main__":
    main()
