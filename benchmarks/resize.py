"""Crop, pad or squish: one recipe on one data set under each policy, on the same splits.

    python benchmarks/resize.py DATA RECIPE [SEEDS]      as in: python benchmarks/resize.py cats-vs-dogs transfer 3

Each seed deals the photos anew where the data set has no official test part. The policies are compared photo by
photo on the test photos of all seeds together.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from record import record

from whatsit.files import read_json
from whatsit.image import RESIZES
from whatsit.model.run import RUN_FILE, Run, open_run
from whatsit.road import train
from whatsit.train.options import TrainOptions

RUNS = Path("runs")


def main(data: str, recipe: str, seeds: int = 3) -> None:
    """Train under each policy and record accuracies and the differences from the default."""
    runs = {policy: [_trained(data, recipe, policy, seed) for seed in range(seeds)] for policy in RESIZES}
    right = {policy: [_right(run) for run in found] for policy, found in runs.items()}
    default = TrainOptions().resize
    figures = {
        "test_photos": sum(len(found) for found in right[default]),
        "accuracy": {policy: [run.info["figures"]["accuracy"] for run in found] for policy, found in runs.items()},
        "differences": {policy: _difference(right[policy], right[default]) for policy in RESIZES},
    }
    record("resize", f"{Path(data).name}-{recipe}", figures, "pillow", "onnxruntime", "torch")


def _trained(data: str, recipe: str, policy: str, seed: int) -> Run:
    folder = RUNS / f"resize-{Path(data).name}-{recipe}-{policy}-{seed}"
    if (folder / RUN_FILE).exists() and read_json(folder / RUN_FILE).get("finished"):
        return open_run(folder)
    options = replace(TrainOptions(), recipe=recipe, resize=policy, seed=seed)
    return train(data, options, folder.name, RUNS)


def _right(run: Run) -> dict[str, bool]:
    return {row["name"]: row["true"] == row["predicted"] for row in run.rows("predictions")}


def _difference(ours: list[dict[str, bool]], theirs: list[dict[str, bool]]) -> dict[str, float]:
    """How much better a policy is than the default, with a 95 % interval (paired, Agresti and Min)."""
    better = worse = count = 0
    for one, other in zip(ours, theirs, strict=True):
        for name in one.keys() & other.keys():
            count += 1
            better += one[name] and not other[name]
            worse += other[name] and not one[name]
    value = (better - worse) / count
    more, less, of = better + 0.5, worse + 0.5, count + 2
    middle = (more - less) / of
    half = 1.96 * ((more + less) / of - middle**2) ** 0.5 / of**0.5
    return {"difference": round(value, 4), "low": round(middle - half, 4), "high": round(middle + half, 4)}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 3)
