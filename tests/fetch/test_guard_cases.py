"""Every row of ssrf-cases.csv against the real fetcher, a scripted resolver and a real server."""

from __future__ import annotations

import asyncio
import csv
import struct
import time
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from web.server import Answer, Web, endless, in_turn, raw, redirect, status, whole
from whatsit.fetch.client import MARK
from whatsit.fetch.errors import FetchError
from whatsit.fetch.guard import why_forbidden
from whatsit.fetch.photo import (
    ONE_PHOTO,
    PAD_S,
    UNUSABLE,
    FetchRules,
    Unusable,
    fetch_for_stranger,
    fetch_photo,
    is_marked,
)

SELF = "93.184.200.200"  # the web's own address


@dataclass(frozen=True)
class Case:
    id: str
    group: str
    address: str
    why: str
    expected: str
    dns: str
    then: str


def _cases() -> list[Case]:
    with (Path(__file__).parent / "ssrf-cases.csv").open(encoding="utf-8", newline="") as file:
        return [Case(**{name: _decoded(name, text) for name, text in row.items()}) for row in csv.DictReader(file)]


def _decoded(name: str, text: str) -> str:
    if name in ("address", "then") and "\\" in text:
        return text.encode("latin-1", "backslashreplace").decode("unicode_escape")
    return text


CASES = _cases()
# kind of refusal → the groups and single cases that end with it; a single case goes before its group
KINDS = {
    "address": "scheme port parser ipv4-form ipv6 name redirect",
    "private": "parser ipv4-form ipv4-range metadata ipv6 name dns rebinding redirect EN-03 OR-04",
    "dns": "DN-13 OR-03",
    "redirect": "RD-12 RD-13 RD-15",
    "too-big": "RS-01 RS-03",
    "not-photo": "RD-14 RS-02 RS-08 RS-09 RS-10 RS-11 RS-18 OR-06",
    "encoded": "RS-04",
    "timeout": "RS-05 RS-06 RS-14 OR-02",
    "broken": "RS-02 RS-07",
    "status": "RS-12 RS-13",
    "tls": "RS-17 OR-05",
    "connect": "OR-01 OR-05",
}
REFUSED_BY_TEXT = {"scheme", "port", "parser", "ipv4-form", "ipv4-range", "metadata", "ipv6", "name", "dns"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_fetcher_does_what_the_case_expects(
    case: Case, web: Web, jpeg: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _prepare(web, case, jpeg)
    if case.id == "EN-01":
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
    if case.id == "EN-02":
        (tmp_path / ".netrc").write_text("machine example.com login me password secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    if case.expected == "allow":
        assert fetch_photo(case.address, _rules(web)) == jpeg
    else:
        with pytest.raises(FetchError) as refused:
            fetch_photo(case.address, _rules(web))
        assert refused.value.reason
        assert refused.value.kind in _kinds(case), refused.value.reason
        if case.group in REFUSED_BY_TEXT:
            assert web.dialled == []

    assert all(not why_forbidden(number) and number != SELF for number, _port in web.dialled)
    assert all(port in (80, 443) for _number, port in web.dialled)
    for request in web.requests:
        assert not {"cookie", "authorization", "referer"} & set(request.headers)
        assert is_marked(request.headers), MARK
    if case.id == "RB-01":
        assert web.looked_up == ["rebind.example.net"]
        assert web.dialled == [("93.184.215.14", 80)]


def test_the_cases_are_all_there() -> None:
    assert len(CASES) == 273
    assert len({case.group for case in CASES}) == 15
    assert sum(case.expected == "allow" for case in CASES) == 21


@pytest.mark.parametrize("case", [case for case in CASES if case.group == "oracle"], ids=lambda case: case.id)
def test_a_stranger_hears_one_sentence_after_a_padded_time(case: Case, web: Web, jpeg: bytes) -> None:
    _prepare(web, case, jpeg)
    began = time.monotonic()
    with pytest.raises(Unusable) as refused:
        asyncio.run(fetch_for_stranger(case.address, _rules(web)))
    assert str(refused.value) == UNUSABLE
    assert refused.value.cause.reason
    assert time.monotonic() - began >= PAD_S  # never at once, which would tell a refused address from a closed one


def _kinds(case: Case) -> set[str]:
    own = {kind for kind, cases in KINDS.items() if case.id in cases.split()}
    return own or {kind for kind, cases in KINDS.items() if case.group in cases.split()}


def _prepare(web: Web, case: Case, jpeg: bytes) -> None:
    """Let the web be as the case says."""
    for entry in filter(None, case.dns.split(",")):
        name, _, script = entry.partition("=")
        answers = [
            [SELF if one == "@self" else one for one in part.split(";") if one] for part in script.split("|")
        ]
        if name == "*":
            web.everything_leads_to = answers[0]
        else:
            web.names(name, *answers)
    web.serves_everywhere(_answer(case, jpeg))
    if case.id == "OR-01":
        web.refuses("93.184.215.14")
    if case.id == "OR-02":
        web.swallows("93.184.215.14")


def _rules(web: Web) -> FetchRules:
    # a shorter deadline than people get, so that the slow rows do not take eight seconds each
    limits = replace(ONE_PHOTO, deadline_s=1.5, lookup_s=1.0, connect_s=1.0)
    return FetchRules(limits, own_names=frozenset({"serve.example.com"}), net=web.net())


def _answer(case: Case, jpeg: bytes) -> Answer:
    """What the server does in this case."""
    ok = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
    answers = {
        "RD-13": redirect("http://loop.example.org/a.jpg"),
        "RD-14": whole(b"<html><meta http-equiv=refresh>", "text/html", Refresh="0;url=http://127.0.0.1/"),
        "RD-15": redirect(None),
        "RB-03": redirect("http://pool.example.net/b.jpg"),
        "RS-01": raw(ok + b"Content-Length: 999999999\r\n\r\n" + jpeg, then="hold"),
        "RS-02": endless(ok + b"Content-Length: 100\r\n\r\n" + jpeg[:100], b"x" * 65536),
        "RS-03": endless(ok + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        "RS-04": whole(b"\x1f\x8b" + b"\0" * 10_000, Content_Encoding="gzip"),
        "RS-05": raw(ok + b"\r\n" + jpeg, pause_s=0.2, step=len(ok) + 3, then="hold"),
        "RS-06": raw(ok + b"\r\n" + jpeg, pause_s=0.2, step=1),
        "RS-07": endless(ok, b"X-Filler: " + b"y" * 2000 + b"\r\n"),
        "RS-08": whole(b"<!doctype html><title>no</title>", "text/html"),
        "RS-09": whole(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        "RS-10": whole(b"<!doctype html><title>no</title>", "image/png"),
        "RS-11": whole(_png_bomb(60_000, 60_000), "image/png"),
        "RS-12": status(404, jpeg),
        "RS-13": status(206, jpeg),
        "RS-14": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        "RS-16": in_turn(redirect("http://cookie.example.com/b.jpg", Set_Cookie="a=b; Path=/"), whole(jpeg)),
        "RS-18": whole(b'{"secret":1}', "application/json"),
        "OR-06": whole(b"plain text", "text/plain"),
    }
    code, _, location = case.then.partition(" ")
    if code == "302" and case.id not in answers:
        return in_turn(redirect(location), whole(jpeg))
    return answers.get(case.id, whole(jpeg))


def _png_bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 50_000))
