"""How far a job is, from the events that it wrote: read on from where was read last."""

from __future__ import annotations

from collections import deque
from typing import Any

from whatsit import words
from whatsit.languages.speaking import gettext, write_numbers
from whatsit.studio.jobs.jobs import Job, read_events

LINES = 200  # of news that are kept to be shown
ROUNDS = 0  # the number of the work that epochs are: what the library tells of begins with 1


class Progress:
    """What a job's events say by now."""

    def __init__(self, job: Job) -> None:
        self._file = job.folder / "events.jsonl"
        self._offset = 0
        self._works: dict[int, dict[str, Any]] = {}
        self.curve: list[dict[str, float]] = []
        self.collected: dict[
            str, dict[str, Any]
        ] = {}  # class → photos wanted, and addresses by what became of them
        self.lines: deque[dict[str, Any]] = deque(maxlen=LINES)

    def read_on(self) -> None:
        """Take in what was written since."""
        found, self._offset = read_events(self._file, self._offset)
        for event in found:
            self._take(event)

    def as_dict(self) -> dict[str, Any]:
        """What the page shows: the work at hand, the curve, what was collected, the news."""
        work = next(reversed(self._works.values()), None)
        if work is not None and "left" in work:
            what = gettext("Learning, {time} left", time=write_numbers(words.seconds(work["left"])))
            work = {**work, "what": what, "unit": gettext("rounds")}
        return {"work": work, "curve": self.curve, "collected": self.collected, "lines": list(self.lines)}

    def _take(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "note" | "warn":
                self.lines.append({"text": event["text"], "warns": event["event"] == "warn"})
            case "class":
                self.collected[event["name"]] = {"goal": event["goal"]}
            case "candidate":
                states = self.collected.setdefault(event["class_name"], {"goal": None})
                states[event["state"]] = states.get(event["state"], 0) + 1
            case "begin":
                self._works[event["work"]] = {**event, "done": 0}
            case "step" if event["work"] in self._works:
                self._works[event["work"]]["done"] += event["count"]
            case "end":
                self._works.pop(event["work"], None)
                self._works.pop(ROUNDS, None)  # which belong to the training that has ended
            case "epoch":
                row = event["row"]
                if self.curve and row["epoch"] <= self.curve[-1]["epoch"]:
                    self.curve.clear()  # another way is tried, or it was begun again
                self.curve.append(
                    {
                        "epoch": row["epoch"],
                        "epochs": event["epochs"],
                        "accuracy": row["accuracy"],
                        "val_accuracy": row["val_accuracy"],
                    }
                )
                left = max(0.0, event["epochs"] - row["epoch"]) * row["seconds"]
                self._works[ROUNDS] = {
                    "left": left,
                    "total": event["epochs"],
                    "done": row["epoch"],
                }
