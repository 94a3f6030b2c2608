"""What is written down of a request: enough for an operator, nothing of people."""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import ask, free_port, listens

from models import Tiny
from serving import Site, form, photo, running
from whatsit.image import Pixels
from whatsit.model.answer import Answer
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.serving.log import Log
from whatsit.serving.work.models import open_shelf
from whatsit.web.assets import version


class Broken(Classifier):
    """A model with a bug."""

    def answers(self, pixels: Pixels, names: Sequence[str] | None = None) -> list[Answer]:
        raise ZeroDivisionError(f"{pixels.shape} {names}")


SECRETS = ("203.0.113.9", "holiday.jpg", "Mozilla", "hf_secret", "example.com", '"red"', "JFIF")


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_request_is_one_line_of_json_without_people(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tiny.run.folder, log="json", behind_proxy=True) as site:
        body, kind = form(("photo", "holiday.jpg", photo()))
        person = {"x-forwarded-for": "203.0.113.9", "user-agent": "Mozilla", "authorization": "Bearer hf_secret"}
        reply = site.post("/api/predict?top=1&secret=example.com", body, kind, **person)
        site.post("/predict", b'{"url": "http://example.com/red.jpg"}', "application/json", **person)
        site.get("/holiday.jpg", **person)
    written = capsys.readouterr().err
    for secret in SECRETS:
        assert secret not in written
    asked = next(line for line in lines(written) if line.get("id") == reply.headers["x-request-id"])
    assert asked["event"] == "request"
    assert (asked["method"], asked["route"], asked["status"]) == ("POST", "/api/predict", 200)
    assert (asked["bytes"], asked["photos"]) == (len(body), 1)
    assert set(asked["ms"]) == {"wait", "decode", "answer", "all"}  # type: ignore[call-overload]
    refused = next(line for line in lines(written) if line.get("code") == "no-addresses")
    assert (refused["route"], refused["status"]) == ("/predict", 403)
    assert next(line for line in lines(written) if line.get("status") == 404)["route"] == "none"


def test_a_request_may_bring_its_id_if_it_is_harmless(site: Site) -> None:
    assert site.get("/healthz", **{"x-request-id": "abc-123"}).headers["x-request-id"] == "abc-123"
    for bad in ("a b", "x" * 65, 'a"b', "a;b", ""):
        given = site.get("/healthz", **{"x-request-id": bad}).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_a_bug_is_written_down_with_its_traceback_and_told_without(
    tiny: Tiny, capsys: pytest.CaptureFixture[str]
) -> None:
    content = (tiny.run.folder / MODEL_FILE).read_bytes()
    shelf = open_shelf([tiny.run.folder], prepare=lambda _model: Broken(content))
    with running(tiny.run.folder, parts={"shelf": shelf}, log="json") as site:
        reply = site.post("/api/predict", photo())
    assert (reply.status, reply.json["error"]) == (500, "Something went wrong on the server.")
    assert "ZeroDivisionError" not in reply.body.decode()
    bug = next(line for line in lines(capsys.readouterr().err) if line["event"] == "bug")
    assert bug["id"] == reply.headers["x-request-id"]
    assert "ZeroDivisionError" in str(bug["traceback"])


def test_in_a_terminal_a_request_is_a_line_of_words(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tiny.run.folder, log="text") as site:
        site.post("/api/predict", b"<html>")
        assert site.get(f"/static/{version()}/whatsit.css").status == 200
    told = capsys.readouterr().err
    assert re.search(r"POST /api/predict 422 \(unreadable\) \d+ ms", told)
    assert "/static/" not in told  # of the files of a page nobody at a terminal wants to know


def test_the_figures_are_for_this_machine_and_not_for_who_comes_through_a_proxy(site: Site, tiny: Tiny) -> None:
    assert site.get("/metrics").status == 200
    assert site.get("/metrics", **{"x-forwarded-for": "203.0.113.9"}).status == 404
    with running(tiny.run.folder, metrics="off") as other:
        assert other.get("/metrics").status == 404
    with running(tiny.run.folder, metrics="all") as other:
        assert other.get("/metrics", **{"x-forwarded-for": "203.0.113.9"}).status == 200


def served_with(tiny: Tiny, stderr: int, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "whatsit", "serve", str(tiny.run.folder), "--log", "json", *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)


def answers(process: subprocess.Popen[bytes], port: int, times: int) -> list[int]:
    gives_up = time.monotonic() + 30
    while not listens(port):
        assert process.poll() is None
        assert time.monotonic() < gives_up
        time.sleep(0.05)
    return [ask(port, "/api/predict", photo())[0] for _ in range(times)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_log_that_cannot_be_written_does_not_keep_the_server_from_answering(tiny: Tiny) -> None:
    port = free_port()
    with Path("/dev/full").open("wb", buffering=0) as full:
        process = served_with(tiny, full.fileno(), "--port", str(port))
        try:
            assert answers(process, port, 3) == [200] * 3
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_a_log_that_nobody_reads_does_not_hold_the_server_up(tiny: Tiny) -> None:
    port, (reads, writes) = free_port(), os.pipe()
    fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 16_384)
    process = served_with(tiny, writes, "--port", str(port))
    os.close(writes)
    try:
        assert answers(process, port, 100) == [200] * 100
        first = os.read(reads, 65_536)
        assert answers(process, port, 1) == [200]
        process.terminate()
        with os.fdopen(reads, "rb") as rest:
            later = rest.read()
        assert process.wait(30) == 0
    finally:
        process.kill()
    assert b'"event": "started"' in first
    lost = [line for line in lines(later.decode()) if line["event"] == "lines lost"]
    assert int(str(lost[0]["count"])) > 10


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_a_stream_that_is_closed_or_none_loses_lines_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    if stream is not None:
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    log = Log("auto")
    log.event("started")
    log.bug("an-id", ValueError("x"))
    assert log.lost == 2
