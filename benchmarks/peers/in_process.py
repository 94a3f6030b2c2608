"""The ceiling: the same work on threads of one process, without any server.

MODEL=model.onnx python in_process.py THREADS SECONDS FILE_OR_FOLDER: prints photos a second and a photo's median.
"""

import itertools
import json
import statistics
import sys
import threading
import time
from pathlib import Path

from work import answer


def main(threads: int, seconds: float, where: Path) -> None:
    files = sorted(where.rglob("*.jpg")) if where.is_dir() else [where]
    turns = itertools.cycle(files)
    begins = time.perf_counter() + 1.0
    taken: list[float] = []

    def work() -> None:
        while (began := time.perf_counter()) < begins + seconds:
            answer(next(turns).read_bytes())
            if began >= begins:
                taken.append(time.perf_counter() - began)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(json.dumps({"per_s": len(taken) / seconds, "p50_ms": 1000 * statistics.median(taken)}))


main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
