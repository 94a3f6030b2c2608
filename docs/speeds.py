"""The page of speeds: ours, the best peer and the limit, from the last results of benchmarks/ row by row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
INTRO = """# How fast

What whatsit does in the time that other tools take, and what the machine could do at best. Peers ran beside it, in the same
run, on the same photos; the limit is what the work cannot do without: the bare network, the decoder alone, the machine's matrix
product. Machines differ, so read a row by itself: its three figures are of one machine, those of two rows may be of two.

| what | whatsit | best peer | limit | of the limit | measured |
|---|--:|--:|--:|--:|---|
"""
OUTRO = """
Each row is a command: `python benchmarks/NAME.py` prints how it is called. A dash stands where no other tool does the same, or
where nothing simpler was found that would be a limit. What was tried where a row is behind stands in the decisions:
[serving](decisions/014-a-lane-a-core-and-a-short-queue.md), [large photos](decisions/040-large-photos-have-a-line-of-their-own.md),
[what reading a photo safely costs](decisions/029-the-structure-of-a-file-is-walked-first.md). How time and memory grow with photos,
classes and labels: [How it grows](scale.md).
"""
DASH = "–"
Figures = dict[str, Any]
Named = tuple[str, float]


@dataclass(frozen=True)
class Row:
    """A row of the table.

    result: what the names of its results begin with
    unit:   what the figures are in, and whether less of it is better
    ours, peers, limit: the figures in a result; of `peers` the best is shown
    """

    what: str
    result: str
    unit: str
    ours: Callable[[Figures], float]
    peers: Callable[[Figures], list[Named]] = lambda _: []
    limit: Callable[[Figures], float | None] = lambda _: None
    is_time: bool = False

    def write(self) -> str:
        """The row of the last result. Raises FileNotFoundError where there is none."""
        content = self._read()
        figures = content["figures"]
        ours, limit = self.ours(figures), self.limit(figures)
        best = (min if self.is_time else max)(self.peers(figures), key=lambda one: one[1], default=None)
        share = DASH if limit is None else f"{100 * (limit / ours if self.is_time else ours / limit):.0f} %"
        peer = DASH if best is None else f"{self._say(best[1])} ({best[0]})"
        at_best = DASH if limit is None else self._say(limit)
        script = f"`{content['benchmark']}.py`"
        return f"| {self.what} | {self._say(ours)} | {peer} | {at_best} | {share} | {script}, {content['time'][:10]} |"

    def _read(self) -> Figures:
        contents = [json.loads(file.read_text(encoding="utf-8")) for file in RESULTS.glob(f"{self.result}*.json")]
        if not contents:
            raise FileNotFoundError(f"no result of {self.result!r} in {RESULTS}")
        found: Figures = max(contents, key=lambda content: content["time"])
        return found

    def _say(self, value: float) -> str:
        return f"{value:,.0f} {self.unit}" if value >= 100 else f"{value:.3g} {self.unit}"


def _first_passes(figures: Figures) -> list[Named]:
    names = {"loader": "torch DataLoader", "keras": "tf.data"}
    passes = figures["photos_a_second"]
    return [(said, passes[name]["first"]) for name, said in names.items() if name in passes]


def _served(kind: str) -> Callable[[Figures], list[Named]]:
    apart = ("whatsit", "in process")
    return lambda figures: [
        (name, row[kind]) for name, row in figures.items() if isinstance(row, dict) and name not in apart
    ]


ROWS = (
    Row(
        "answers to 32 clients, MobileNet V2 at 256",
        "serve-peers-cvd",
        "a second",
        lambda found: found["whatsit"]["per_s"],
        _served("per_s"),
        lambda found: found["in process"]["per_s"],
    ),
    Row(
        "an answer to a lone client, median",
        "serve-peers-cvd",
        "ms",
        lambda found: found["whatsit"]["p50_ms"],
        _served("p50_ms"),
        lambda found: found["in process"]["p50_ms"],
        is_time=True,
    ),
    Row(
        "JPEGs of 500 × 375 read for the first time",
        "pixels-small",
        "a second",
        lambda found: found["photos_a_second"]["ours"]["first"],
        _first_passes,
        lambda found: found.get("limit", {}).get("first"),
    ),
    Row(
        "… and every time after",
        "pixels-small",
        "a second",
        lambda found: found["photos_a_second"]["ours"]["later"],
        lambda found: [("torch DataLoader", found["photos_a_second"]["loader"]["later"])],
    ),
    Row(
        "JPEGs of 12 megapixels read for the first time",
        "pixels-large",
        "a second",
        lambda found: found["photos_a_second"]["ours"]["first"],
        _first_passes,
        lambda found: found.get("limit", {}).get("first"),
    ),
    Row(
        "a first training on 2,000 photos by a pretrained network, whole command",
        "transfer-speed",
        "s",
        lambda found: found["seconds"]["cold"],
        limit=lambda found: found["bare_pass_seconds"],
        is_time=True,
    ),
    Row(
        "answers for a folder of photos",
        "serve-batch",
        "a second",
        lambda found: found["per_s"],
        limit=lambda found: found["bare_per_s"],
    ),
    Row(
        "photos learnt from, net simple on CIFAR-10, in 32-bit numbers",
        "networks-speed",
        "a second",
        lambda found: found["photos_a_second"]["ours simple fp32"],
        lambda found: [("Keras", found["photos_a_second"]["keras tensorflow"])],
    ),
    Row(
        "… as whatsit chooses on this machine",
        "networks-speed",
        "a second",
        lambda found: found["photos_a_second"]["ours simple auto"],
        lambda found: [("Keras", found["photos_a_second"]["keras tensorflow"])],
    ),
    Row(
        "photos collected from 3,000 addresses",
        "collect-speed",
        "a second",
        lambda found: found["photos a second"]["whatsit"],
        lambda found: [(name, found["photos a second"][name]) for name in ("img2dataset", "icrawler")],
    ),
    Row(
        "a photo looked through for faults and copies",
        "clean-speed",
        "ms",
        lambda found: found["whatsit_ms"],
        lambda found: [("imagededup and CleanVision", found["imagededup_ms"] + found["cleanvision_ms"])],
        is_time=True,
    ),
)


def speeds_page() -> str:
    """The table."""
    return INTRO + "\n".join(row.write() for row in ROWS) + "\n" + OUTRO
