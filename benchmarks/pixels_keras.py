"""The Keras row of pixels.py, for an interpreter that has keras and tensorflow: prints photos a second as JSON."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras


def main(folder: str, side: int, batch: int) -> None:
    """A first pass, a later one (which decodes again, as the pipeline does by default), and one from .cache()."""
    photos = keras.utils.image_dataset_from_directory(
        folder, image_size=(side, side), batch_size=batch, shuffle=False, verbose=False
    )
    count = len(photos.file_paths)
    cpu = time.process_time()
    first = _seconds(photos)
    cpu = time.process_time() - cpu
    later = statistics.median(_seconds(photos) for _ in range(2))
    kept = photos.cache()
    _seconds(kept)
    cached = statistics.median(_seconds(kept) for _ in range(3))
    found = {"first": count / first, "later": count / later, "later_cached": count / cached}
    print(json.dumps({**found, "cpu_ms": 1000 * cpu / count}))


def _seconds(photos) -> float:
    began = time.perf_counter()
    for _ in photos:
        pass
    return time.perf_counter() - began


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
