"""Networks trained from nothing: the write-ups' figures, and net fast against the clock.

    python benchmarks/networks.py ROW      (WHATSIT_DATA holds mnist/, cifar-10-batches-py/, cats-vs-dogs/, …)

Rows: see ROWS. Runs are written to runs/bench-ROW and used again where they are finished.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from record import record

from whatsit.files import read_json
from whatsit.model.run import RUN_FILE, Run, open_run
from whatsit.road import train
from whatsit.train.options import AugmentOptions, NetOptions, TrainOptions

RUNS = Path("runs")
WRITEUP_CHANGES = AugmentOptions(augment="none", shift=0.1, rotation=15, zoom=0.1, flip=True, brightness=0.1)

# row → (data, net, changes, the row it goes on from)
ROWS: dict[str, tuple[str, NetOptions, AugmentOptions, str]] = {
    "digits": ("digits", NetOptions(net="simple", epochs=12), AugmentOptions(), ""),
    "mnist": ("mnist", NetOptions(net="simple", epochs=12), AugmentOptions(), ""),
    "cifar-basic": (
        "cifar10",
        NetOptions(net="simple", epochs=20, depth=1, width=8, dense=64, dropout=0.0),
        AugmentOptions(),
        "",
    ),
    "cifar-deeper": ("cifar10", NetOptions(net="simple", epochs=20), AugmentOptions(), ""),
    "cifar-augmented": ("cifar10", NetOptions(net="simple", epochs=20), WRITEUP_CHANGES, "cifar-deeper"),
    "cifar-fast-4": ("cifar10", NetOptions(net="fast", epochs=4), AugmentOptions(), ""),
    "cifar-fast-8": ("cifar10", NetOptions(net="fast", epochs=8), AugmentOptions(), ""),
    "cifar-fast-16": ("cifar10", NetOptions(net="fast", epochs=16), AugmentOptions(), ""),
    "cats-vs-dogs": ("cats-vs-dogs", NetOptions(net="fast", epochs=40), AugmentOptions(augment="photo"), ""),
    "imagenette": ("imagenette", NetOptions(net="fast", epochs=40), AugmentOptions(augment="photo"), ""),
}


def trained(row: str) -> Run:
    """The finished run of a row."""
    data, net, changes, earlier = ROWS[row]
    folder = RUNS / f"bench-{row}"
    if (folder / RUN_FILE).exists() and read_json(folder / RUN_FILE).get("finished"):
        return open_run(folder)
    options = replace(TrainOptions(recipe="cnn"), net=net, augment=changes)
    return train(data, options, folder.name, RUNS, trained(earlier).folder if earlier else None)


def main(row: str) -> None:
    """Train a row and record its figures."""
    run = trained(row)
    figures, history = run.info["figures"], run.rows("history")
    record(
        "networks",
        row,
        {
            "test_accuracy": figures["accuracy"],
            "interval": figures["interval"],
            "n": figures["n"],
            "ece": figures["ece"],
            "epochs": len(history),
            "seconds_per_epoch": sorted(float(epoch["seconds"]) for epoch in history)[len(history) // 2],
            "seconds": run.info["seconds"],
            "parameters": run.info["card"]["parameters"],
            "multiply_adds": run.info["card"]["multiply_adds"],
            "precision": run.info["card"]["precision"],
        },
        "torch",
        "onnxruntime",
    )


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ROWS:
        sys.exit(f"usage: python benchmarks/networks.py {'|'.join(ROWS)}")
    main(sys.argv[1])
