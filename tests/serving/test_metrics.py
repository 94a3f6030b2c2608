"""Figures for Prometheus: whole numbers, whole series, and a server's own."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from models import Tiny
from serving import photo, running
from whatsit.serving.metrics import Metrics

DOCUMENTED = {
    "http_server_request_duration_seconds",
    "http_server_active_requests",
    "whatsit_stage_seconds",
    "whatsit_answers_total",
    "whatsit_refused_total",
    "whatsit_fetches_total",
    "whatsit_corrections_total",
    "whatsit_swaps_total",
    "whatsit_model_info",
    "whatsit_places_taken",
    "whatsit_lanes",
}


def test_the_figures_are_there_for_prometheus(tiny: Tiny) -> None:
    with running(tiny.run.folder) as site:
        site.post("/api/predict", photo())
        site.post("/api/predict", b"<html>")
        site.get("/whatever/you/like")
        reply = site.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = reply.body.decode()
    labels = 'http_request_method="POST",http_route="/api/predict",http_response_status_code="200"'
    assert f"http_server_request_duration_seconds_count{{{labels}}} 1\n" in text
    assert 'whatsit_answers_total{model="colours",known="yes"} 1\n' in text
    assert 'whatsit_refused_total{reason="unreadable"} 1\n' in text
    assert f'whatsit_model_info{{model="colours",digest="{tiny.model.digest[:12]}"}} 1\n' in text
    assert 'whatsit_stage_seconds_count{stage="decode"} 1\n' in text
    assert "whatever" not in text
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{[^{}]*\})? [0-9.e+-]+", line), line


def test_every_digit_of_a_large_number_is_written() -> None:
    metrics = Metrics()
    metrics.corrections.inc(1_234_567)
    metrics.places.set(0.125)
    text = metrics.text()
    assert "whatsit_corrections_total 1234567\n" in text
    assert "whatsit_places_taken 0.125\n" in text


def test_buckets_count_up_and_labels_are_escaped() -> None:
    metrics = Metrics()
    for seconds in (0.005, 0.0051, 0.8, 7):
        metrics.stages('say "hi"\\\n').observe(seconds)
    lines = [line for line in metrics.text().splitlines() if line.startswith("whatsit_stage_seconds_bucket")]
    name = 'whatsit_stage_seconds_bucket{stage="say \\"hi\\"\\\\\\n",le='
    assert lines[:2] == [f'{name}"0.005"}} 1', f'{name}"0.01"}} 2']
    assert lines[-6:] == [f'{name}"{bound}"}} {count}' for bound, count in zip(
        ("1.0", "2.5", "5.0", "7.5", "10.0", "+Inf"), (3, 3, 3, 4, 4, 4), strict=True
    )]  # fmt: skip


def test_prometheus_reads_in_it_what_was_counted() -> None:
    metrics = Metrics()
    metrics.answers('cats\\dogs "\n', "yes").inc(3)
    metrics.requests("GET", "/", "200").observe(0.02)
    samples = [sample for family in text_string_to_metric_families(metrics.text()) for sample in family.samples]
    read = {(sample.name, tuple(sample.labels.values())): sample.value for sample in samples}
    assert read["whatsit_answers_total", ('cats\\dogs "\n', "yes")] == 3
    assert read["http_server_request_duration_seconds_sum", ("GET", "/", "200")] == 0.02
    assert not [name for name, _ in read if name.endswith("_created")]


def test_the_names_are_those_that_people_have_in_their_dashboards() -> None:
    names = set(re.findall(r"^# TYPE (\w+) ", Metrics().text(), re.MULTILINE))
    assert names >= DOCUMENTED
    assert {name for name in names - DOCUMENTED if not name.startswith("process_")} == set()
    assert names >= {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}


def test_two_servers_of_a_process_count_for_themselves() -> None:
    one, other = Metrics(), Metrics()
    one.corrections.inc()
    assert "whatsit_corrections_total 0\n" in other.text()
