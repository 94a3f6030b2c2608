"""Connections: slow, silent, greedy and rude clients, spoken to by hand."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from models import Tiny
from serving import Site, photo, running
from whatsit.image import WEB_LIMITS
from whatsit.serving.door.leaving import note_leaving
from whatsit.serving.door.patience import Patience
from whatsit.serving.door.protocol import PatientProtocol
from whatsit.serving.work.memory import Allowance
from whatsit.web.assets import version

PATIENCE = 20.0  # until a test gives up; nothing here waits so long


HASTY = Patience(head_s=0.3, unread_s=0.3, linger_s=0.5, tick_s=0.05, body_s=0.3)


@pytest.fixture
def hasty(tiny: Tiny) -> Iterator[Site]:
    """A server with short patience."""
    with running(tiny.run.folder, parts={"patience": HASTY}) as site:
        yield site


@contextlib.contextmanager
def line_to(site: Site) -> Iterator[socket.socket]:
    with socket.create_connection((site.host, site.port), PATIENCE) as line:
        yield line


def rest(line: socket.socket) -> bytes:
    """All that still comes until the server closes."""
    out = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(65536):
            out += piece
    return out


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds: the server hears a little later than we do that a client has left."""
    gives_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < gives_up
        time.sleep(0.01)


def head(length: int, *more: str) -> bytes:
    lines = ["POST /api/predict HTTP/1.1", "Host: localhost", f"Content-Length: {length}", *more, "", ""]
    return "\r\n".join(lines).encode()


def test_a_client_that_says_nothing_is_let_go(hasty: Site) -> None:
    with line_to(hasty) as line:
        assert rest(line) == b""


def test_half_a_head_is_not_waited_for(hasty: Site) -> None:
    with line_to(hasty) as line:
        line.sendall(b"POST /api/predict HTTP/1.1\r\nHost: loc")
        assert rest(line) == b""


def test_a_head_that_drips_is_not_waited_for(hasty: Site) -> None:
    with line_to(hasty) as line, contextlib.suppress(OSError):
        for letter in head(5, "X-Slow: " + "x" * 500):
            line.sendall(bytes([letter]))
            time.sleep(0.01)
        pytest.fail("a head of 5 s was waited for")


def test_half_a_head_after_an_answer_is_not_waited_for(hasty: Site) -> None:
    with line_to(hasty) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in line.recv(65536)
        line.sendall(b"GET /heal")
        assert rest(line) == b""


@pytest.mark.parametrize("body", [b"", b"\xff\xd8\xff"])
def test_a_body_that_does_not_come_is_refused_and_then_cut(hasty: Site, body: bytes) -> None:
    with line_to(hasty) as line:
        line.sendall(head(1000) + body)
        answer = rest(line)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"The photo arrived too slowly." in answer


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(hasty: Site) -> None:
    with line_to(hasty) as line:
        line.sendall(head(50_000) + b"\xff\xd8\xff" * 1000)
    content = photo()
    with line_to(hasty) as line:
        line.sendall(head(len(content)) + content)  # and this one before it is answered
    assert hasty.post("/api/predict", content).status == 200
    eventually(lambda: hasty.service.bodies.held == 0 and hasty.service.lanes.taken == 0)


def test_a_photo_whose_client_left_while_it_waited_is_never_looked_at(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, looked_at, leavings = threading.Event(), [], []

    class Slow(Allowance):
        def hold(self, count: int, pixels: int):  # type: ignore[no-untyped-def]
            looked_at.append(count)
            go.wait(PATIENCE)
            return super().hold(count, pixels)

    def note(scope: dict[str, Any], has_left: Callable[[], bool]) -> None:
        leavings.append(has_left)
        note_leaving(scope, has_left)

    monkeypatch.setattr("whatsit.serving.work.service.SMALL", replace(WEB_LIMITS, memory=Slow()))
    monkeypatch.setattr("whatsit.serving.door.protocol.note_leaving", note)
    content = photo()
    with running(tiny.run.folder, lanes=1, deadline=PATIENCE) as site, line_to(site) as first:
        first.sendall(head(len(content)) + content)
        eventually(lambda: len(looked_at) == 1)
        with line_to(site) as second:
            second.sendall(head(len(content)) + content)
            eventually(lambda: site.service.lanes.taken == 2)
        eventually(lambda: leavings[1]())
        go.set()
        eventually(lambda: site.service.lanes.taken == 0)
        assert first.recv(12) == b"HTTP/1.1 200"
        assert len(looked_at) == 1
        assert site.service.bodies.held == 0


def test_an_answer_nobody_reads_does_not_keep_a_connection(hasty: Site) -> None:
    request = b"GET /static/%s/whatsit.css HTTP/1.1\r\nHost: localhost\r\n\r\n" % version().encode()
    with line_to(hasty) as line:
        line.setblocking(False)
        gives_up = time.monotonic() + PATIENCE
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < gives_up:
                with contextlib.suppress(BlockingIOError):
                    line.send(request * 20)
                    continue
                time.sleep(0.05)
            pytest.fail("a client that never reads was served for ever")


def test_a_head_without_end_is_refused(site: Site) -> None:
    with line_to(site) as line:
        with contextlib.suppress(OSError):
            for _ in range(2000):
                line.sendall(b"GET / HTTP/1.1\r\n" if _ == 0 else b"X-More: " + b"x" * 80 + b"\r\n")
        assert rest(line).startswith(b"HTTP/1.1 431")


def test_what_is_no_http_is_told_so_in_the_shape_of_every_error(site: Site) -> None:
    with line_to(site) as line:
        line.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")  # a browser that tries https
        answer = rest(line)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'{"error": "This is no HTTP request that can be read."' in answer


@pytest.mark.parametrize("more", [[], ["Connection: close"]])
def test_who_sends_too_much_reads_why_even_while_still_sending(site: Site, more: list[str]) -> None:
    size = 30_000_000
    with line_to(site) as line:
        line.sendall(head(size, *more))
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(30):
                line.sendall(b"x" * 1_000_000)
        assert line.recv(65536).startswith(b"HTTP/1.1 413")


def test_a_client_that_asks_first_whether_to_send_is_spared_the_sending(site: Site) -> None:
    with line_to(site) as line:
        line.sendall(head(30_000_000, "Expect: 100-continue"))
        assert line.recv(65536).startswith(b"HTTP/1.1 413")
    with line_to(site) as line:
        content = photo()
        line.sendall(head(len(content), "Expect: 100-continue"))
        assert line.recv(65536).startswith(b"HTTP/1.1 100")
        line.sendall(content)
        assert line.recv(65536).startswith(b"HTTP/1.1 200")


def test_several_requests_on_a_line_are_answered_in_order(site: Site) -> None:
    content = photo()
    with line_to(site) as line:
        line.sendall((head(len(content)) + content) * 3 + b"GET /healthz HTTP/1.0\r\n\r\n")
        answer = rest(line)
    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert answer.index(b'"label"') < answer.index(b'"alive"')


def chunked(*more: str) -> bytes:
    lines = ["POST /api/predict HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", *more, "", ""]
    return "\r\n".join(lines).encode()


def as_chunks(content: bytes, size: int) -> bytes:
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def pour(line: socket.socket, piece: bytes, count: int) -> int:
    """How much is sent of so many pieces until the other side has had enough."""
    sent = 0
    with contextlib.suppress(OSError):
        for _ in range(count):
            line.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.parametrize("size", [7, 1000, 1_000_000])
def test_a_photo_in_chunks_with_a_trailer_is_answered(site: Site, size: int) -> None:
    with line_to(site) as line:
        line.sendall(chunked("Trailer: X-Sum") + as_chunks(photo(), size) + b"0\r\nX-Sum: 1\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")  # and the line goes on
        assert line.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"1\r\nx\r\n0\r\n", b"X-More: " + b"x" * 8000 + b"\r\n"),
        (b"1\r\nx\r\n0\r\nX-More: ", b"x" * 8000),
        (b"1\r\nx\r\n0\r\n", b"a: b\r\n" * 2000),
        (b"1;", b"x" * 8000),
        (b"", b"0" * 8000),
        (b"", b"1\r\nx\r\n" * 10_000),
        (b"", b"1;" + b"x" * 100 + b"\r\nx\r\n"),
    ],
    ids=["trailers", "a trailer", "small trailers", "an extension", "a size", "chunks of one", "extensions"],
)
def test_what_comes_around_a_body_has_an_end(site: Site, begin: bytes, again: bytes) -> None:
    with line_to(site) as line:
        line.sendall(chunked() + begin)
        sent = pour(line, again, 10_000)
        answer = rest(line)
    assert sent < 9_000_000  # what lay in the buffers between
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    eventually(lambda: site.service.bodies.held == 0)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Authorization", "Host", "Content-Type", "Cookie"])
def test_what_comes_after_the_body_says_nothing_of_who_asks(tiny: Tiny, name: str) -> None:
    with running(tiny.run.folder, behind_proxy=True, rate=0.001, burst=2) as site:
        statuses = []
        for turn in range(4):
            with line_to(site) as line:
                value = f"203.0.113.{turn}"
                head = chunked("X-Forwarded-For: 198.51.100.7", "Connection: close")
                line.sendall(head + as_chunks(photo(), 500) + f"0\r\n{name}: {value}\r\n\r\n".encode())
                statuses.append(rest(line)[9:12])
    assert statuses == [b"200", b"200", b"429", b"429"]


@pytest.mark.parametrize(
    "lines",
    [
        ["Host: localhost", "Host: localhost"],
        ["Host: localhost", "Content-Length: " + "0" * 5000 + "5"],
        ["Host: localhost", "Content-Length: 99999999999999999999"],
        ["Host: localhost", "Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Host: localhost", "Content-Length: -1"],
        ["Host: localhost", "X-A : b"],
        ["Host: localhost", "X-A: b", " folded"],
        ["Host: localhost", "X A: b"],
        ["X-A: b"],
    ],
)
def test_a_head_that_is_read_in_two_ways_is_refused(site: Site, lines: list[str]) -> None:
    with line_to(site) as line:
        line.sendall("\r\n".join(["POST /api/predict HTTP/1.1", *lines, "", "hello"]).encode())
        answer = rest(line)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'{"error": "This is no HTTP request that can be read."' in answer


def test_a_head_of_many_small_lines_is_refused(site: Site) -> None:
    with line_to(site) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 500 + b"\r\n")
        assert rest(line).startswith(b"HTTP/1.1 431")


def test_requests_sent_far_ahead_are_not_kept(site: Site) -> None:
    with line_to(site) as line:
        content = photo()
        pour(line, head(len(content)) + content + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5000, 1)
        assert rest(line).count(b"HTTP/1.1 200") < 40


def test_a_refusal_is_not_taken_for_the_answer_before_it(site: Site) -> None:
    content = photo()
    with line_to(site) as line:
        line.sendall(head(len(content)) + content + b"GET / HTTP/1.1\r\n\r\n")
        answer = rest(line)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 200")


def test_another_protocol_that_is_asked_for_is_not_spoken(site: Site) -> None:
    with line_to(site) as line:
        asks = "Connection: Upgrade\r\nUpgrade: h2c\r\n"
        line.sendall(f"GET /healthz HTTP/1.1\r\nHost: localhost\r\n{asks}\r\nPRI * HTTP/2.0\r\n".encode())
        assert rest(line).startswith(b"HTTP/1.1 200")


def test_one_client_does_not_take_every_connection(tiny: Tiny) -> None:
    patience = Patience(connections=3, limits_this_machine=True)
    with running(tiny.run.folder, parts={"patience": patience}) as site, contextlib.ExitStack() as lines:
        for _ in range(3):
            lines.enter_context(line_to(site)).sendall(b"GET /healthz")
        with line_to(site) as one_more, contextlib.suppress(OSError):
            one_more.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert rest(one_more) == b""


def test_what_the_protocol_takes_of_uvicorn_is_there() -> None:
    """The versions that pyproject.toml allows have these; without one, a connection would fail, not the start."""
    inner = ("connection_made", "connection_lost", "data_received", "on_headers_complete", "on_message_complete")
    inner += ("on_response_complete", "shutdown", "pause_writing", "resume_writing", "send_400_response")
    assert [name for name in inner if not hasattr(HttpToolsProtocol, name)] == []
    assert STATUS_LINE[431].startswith(b"HTTP/1.1 431")
    assert issubclass(PatientProtocol, HttpToolsProtocol)
    assert callable(uvicorn.Server.capture_signals)
    assert callable(uvicorn.Server.handle_exit)


def test_everybody_who_was_refused_reads_why_however_much_they_send(tiny: Tiny) -> None:
    body = bytes(3_000_000)
    answers: list[bytes] = []

    def ask(site: Site) -> None:
        with line_to(site) as line:
            line.sendall(head(len(body), "Content-Type: text/html", "Connection: close") + body)
            answers.append(rest(line)[:12])

    with running(tiny.run.folder) as site:
        threads = [threading.Thread(target=ask, args=(site,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [b"HTTP/1.1 415"] * 20


def test_a_further_request_behind_a_refused_body_is_answered(tiny: Tiny) -> None:
    body = bytes(3_000_000)
    with running(tiny.run.folder) as site, line_to(site) as line:
        line.sendall(
            head(len(body), "Content-Type: text/html") + body + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
        )
        line.sendall(b"Connection: close\r\n\r\n")
        answers = rest(line)
    assert answers.startswith(b"HTTP/1.1 415")
    assert b"HTTP/1.1 200" in answers
