"""Figures for Prometheus, in its text format 0.0.4.

Labels take few values: never a path, an address or a client. Names follow OpenTelemetry's semantic conventions
for HTTP servers where these have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# the bounds OpenTelemetry advises for http.server.request.duration
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Metrics:
    """Every figure of one server, and of the process it runs in.

    Where a figure has labels, calling it with their values gives the series to count in:
    `metrics.answers("cats", "yes").inc()`. The series are kept, as finding one anew costs more than counting.
    """

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        requests = Histogram(
            "http_server_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
            ("http_request_method", "http_route", "http_response_status_code"),
            buckets=SECONDS,
            registry=own,
        )
        self.requests = cache(requests.labels)
        self.active = Gauge("http_server_active_requests", "Requests being answered.", registry=own)
        stages = ("whatsit_stage_seconds", "Time of a photo in each stage.", ("stage",))
        self.stages = cache(Histogram(*stages, buckets=SECONDS, registry=own).labels)
        answers = ("whatsit_answers_total", "Photos answered.", ("model", "known"))
        self.answers = cache(Counter(*answers, registry=own).labels)
        refused = ("whatsit_refused_total", "Requests refused, by the reason.", ("reason",))
        self.refused = cache(Counter(*refused, registry=own).labels)
        fetches = ("whatsit_fetches_total", "Photos fetched from addresses.", ("outcome",))
        self.fetches = cache(Counter(*fetches, registry=own).labels)
        self.corrections = Counter("whatsit_corrections_total", "Corrections of visitors kept.", registry=own)
        swaps = ("whatsit_swaps_total", "New models offered, by what became of them.", ("outcome",))
        self.swaps = cache(Counter(*swaps, registry=own).labels)
        models = ("whatsit_model_info", "1 for each model that answers.", ("model", "digest"))
        self._models = Gauge(*models, registry=own)
        self.places = Gauge("whatsit_places_taken", "Photos that wait or are looked at.", registry=own)
        self.lanes = Gauge("whatsit_lanes", "Photos that can be looked at together.", registry=own)
        ProcessCollector(registry=own)

    def set_models(self, digests: Iterable[tuple[str, str]]) -> None:
        """The models that answer now, as (name, digest)."""
        self._models.clear()
        for name, digest in digests:
            self._models.labels(name, digest[:12]).set(1)

    def text(self) -> str:
        """All of them, for a scraper.

        Not by prometheus_client's `generate_latest`: it writes 1234567 as 1.234567e+06, and a `_created` series
        beside each counter, which can be switched off for a whole process only.
        """
        return "".join(f"{line}\n" for family in self._registry.collect() for line in _lines(family))


def _lines(family: Metric) -> Iterator[str]:
    name = f"{family.name}_total" if family.type == "counter" else family.name
    yield f"# HELP {name} {family.documentation}"
    yield f"# TYPE {name} {family.type}"
    for sample in family.samples:
        if not sample.name.endswith("_created"):
            yield f"{sample.name}{_labels(sample)} {_number(sample.value)}"


def _labels(sample: Sample) -> str:
    pairs = ",".join(f'{name}="{_escape(value)}"' for name, value in sample.labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    """Every digit of a number, a whole one without its `.0`."""
    return str(int(value)) if float(value).is_integer() else repr(value)
