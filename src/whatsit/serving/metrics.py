"""Figures for Prometheus, in its text format 0.0.4; changed and read on the event loop only.

Labels take few values: never a path, an address or a client. Names follow OpenTelemetry's semantic conventions
for HTTP servers where these have one.
"""

from __future__ import annotations

import bisect
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

# the bounds OpenTelemetry advises for http.server.request.duration
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})

Labels = tuple[str, ...]


class Counter:
    """A number a label set that only grows."""

    kind = "counter"

    def __init__(self, name: str, help_text: str, *labels: str) -> None:
        self.name, self.help_text, self.labels = name, help_text, labels
        self._values: dict[Labels, float] = defaultdict(float)
        if not labels:
            self._values[()] = 0

    def add(self, *values: str, by: float = 1) -> None:
        """Count one more (or `by` more) under these label values."""
        self._values[values] += by

    def lines(self) -> Iterator[str]:
        """Its samples."""
        for values, number in sorted(self._values.items()):
            yield f"{self.name}{_labels(self.labels, values)} {number:g}"


class Gauge(Counter):
    """A number a label set that rises and falls."""

    kind = "gauge"

    def set(self, number: float, *values: str) -> None:
        """The number is now this."""
        self._values[values] = number

    def clear(self) -> None:
        """Forget all label values."""
        self._values.clear()


class Histogram:
    """How often something took how many seconds."""

    kind = "histogram"

    def __init__(self, name: str, help_text: str, *labels: str, bounds: tuple[float, ...] = SECONDS) -> None:
        self.name, self.help_text, self.labels, self._bounds = name, help_text, labels, bounds
        self._counts: dict[Labels, list[int]] = defaultdict(lambda: [0] * (len(bounds) + 1))
        self._sums: dict[Labels, float] = defaultdict(float)

    def see(self, seconds: float, *values: str) -> None:
        """Count one more that took so long."""
        self._counts[values][bisect.bisect_left(self._bounds, seconds)] += 1
        self._sums[values] += seconds

    def lines(self) -> Iterator[str]:
        """Its samples, cumulative as the format wants them."""
        names = (*self.labels, "le")
        for values, counts in sorted(self._counts.items()):
            running = 0
            for bound, count in zip((*map(str, self._bounds), "+Inf"), counts, strict=True):
                running += count
                yield f"{self.name}_bucket{_labels(names, (*values, bound))} {running}"
            yield f"{self.name}_sum{_labels(self.labels, values)} {self._sums[values]:.6f}"
            yield f"{self.name}_count{_labels(self.labels, values)} {running}"


class Metrics:
    """Every figure of a server."""

    def __init__(self) -> None:
        self.requests = Histogram(
            "http_server_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
            "http_request_method",
            "http_route",
            "http_response_status_code",
        )
        self.active = Gauge("http_server_active_requests", "Requests being answered.")
        self.stages = Histogram("whatsit_stage_seconds", "Time of a photo in each stage.", "stage")
        self.answers = Counter("whatsit_answers_total", "Photos answered.", "model", "known")
        self.refused = Counter("whatsit_refused_total", "Requests refused, by the reason.", "reason")
        self.fetches = Counter("whatsit_fetches_total", "Photos fetched from addresses.", "outcome")
        self.corrections = Counter("whatsit_corrections_total", "Corrections of visitors kept.")
        self.swaps = Counter("whatsit_swaps_total", "New models offered, by what became of them.", "outcome")
        self.models = Gauge("whatsit_model_info", "1 for each model that answers.", "model", "digest")
        self.places = Gauge("whatsit_places_taken", "Photos that wait or are looked at.")
        self.lanes = Gauge("whatsit_lanes", "Photos that can be looked at together.")

    def text(self) -> str:
        """All of them, for a scraper."""
        out = []
        for metric in (*vars(self).values(), *_process()):
            out.append(f"# HELP {metric.name} {metric.help_text}")
            out.append(f"# TYPE {metric.name} {metric.kind}")
            out.extend(metric.lines())
        return "\n".join(out) + "\n"


def _labels(names: Labels, values: Labels) -> str:
    if not names:
        return ""
    pairs = (f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True))
    return "{" + ",".join(pairs) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _process() -> Iterator[Gauge | Counter]:
    """What this process takes of the machine, under the names every Prometheus client uses."""
    times = os.times()
    cpu = Counter("process_cpu_seconds_total", "Processor time of this process.")
    cpu.add(by=times.user + times.system)
    yield cpu
    files = Path("/proc/self/fd")
    if not files.exists():  # not Linux
        return
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = Gauge("process_resident_memory_bytes", "Memory of this process.")
    memory.set(pages * os.sysconf("SC_PAGE_SIZE"))
    yield memory
    opened = Gauge("process_open_fds", "Open files and connections of this process.")
    opened.set(len(os.listdir(files)))  # noqa: PTH208  # iterdir would build a Path for each
    yield opened
    started = Gauge("process_start_time_seconds", "When this process began, in seconds since 1970.")
    started.set(_STARTED)
    yield started


_STARTED = time.time()
