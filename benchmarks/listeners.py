"""What listening to a training costs it, by processor time.

    python benchmarks/listeners.py [PAIRS]

Net `simple` on the digits, twice a pair: with nobody who listens, and with events written as lines of JSON, which
is the most that a listener of ours does with each. Which goes first changes from pair to pair. Beside the pairs,
whose trainings differ by themselves by a percent or so, stands what is exact: how many events a training tells,
and what handing one over and writing it takes, as a share of the training.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from pathlib import Path

from record import record

import whatsit
from whatsit import events
from whatsit.listeners import JsonLines

EPOCHS = 20
AGAIN = 20_000  # times an event is told, to know what one takes


def main(pairs: int = 7) -> None:
    """Train in pairs and record what listening cost."""
    heard: list[events.Event] = []
    spent: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with events.listening(heard.append):
            train(place / "first")  # what is loaded once is loaded now
        for pair, second in itertools.product(range(pairs), (False, True)):
            listens = bool(pair % 2) != second
            spent[listens].append(train_timed(place / f"{pair}-{listens}", place / "events.jsonl", listens))
        each_s = time_an_event(place / "events.jsonl", heard)
    ratios = [told / quiet - 1 for told, quiet in zip(spent[True], spent[False], strict=True)]
    usual = statistics.median(spent[False])
    record(
        "listeners",
        "simple-digits",
        {
            "training_cpu_s": round(usual, 3),
            "events": len(heard),
            "microseconds_an_event": round(1e6 * each_s, 2),
            "overhead_by_events": float(f"{len(heard) * each_s / usual:.2g}"),
            "overhead_by_pairs_median": round(statistics.median(ratios), 4),
            "overhead_by_pairs": [round(ratio, 4) for ratio in ratios],
        },
        "torch",
    )


def train(runs: Path) -> None:
    """One training."""
    whatsit.train("digits", recipe="cnn", net="simple", epochs=EPOCHS, patience=0, runs=runs)


def train_timed(runs: Path, lines: Path, listens: bool) -> float:
    """The processor seconds of a training, by all threads of this process."""
    began = time.process_time()
    if listens:
        with lines.open("w") as file, events.listening(JsonLines(file)):
            train(runs)
    else:
        train(runs)
    return time.process_time() - began


def time_an_event(lines: Path, heard: list[events.Event]) -> float:
    """The processor seconds that handing an event over and writing it takes, over those of a training."""
    with lines.open("w") as file:
        ear = events.Listening(JsonLines(file), None)
        began = time.process_time()
        for event in itertools.islice(itertools.cycle(heard), AGAIN):
            ear.hear(event)
        return (time.process_time() - began) / AGAIN


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
