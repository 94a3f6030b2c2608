"""Behind a real nginx: no request fails while the server is restarted, and slow clients stay outside."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import PATIENCE_S, ask, listening, serving
from serving import photo

from models import Tiny

RESTARTS = 3  # twenty by `benchmarks/serve.py restarts`

CONFIG = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream whatsit {{ server 127.0.0.1:{upstream} max_fails=0; keepalive 16; }}
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 10m;
    location = /metrics {{ return 404; }}
    location / {{
      proxy_pass http://whatsit;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_next_upstream error timeout non_idempotent;
      proxy_next_upstream_tries 3;
    }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[int]:
    """The port of an nginx before a server on this machine."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None:
        pytest.skip("no nginx on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir()
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, upstream=upstream, port=port))
    process = subprocess.Popen([binary, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        gives_up = time.monotonic() + PATIENCE_S
        while not _answers(port):
            assert time.monotonic() < gives_up
            time.sleep(0.02)
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_no_request_fails_while_the_server_is_restarted(tiny: Tiny, tmp_path: Path) -> None:
    statuses: list[int] = []
    stop = threading.Event()
    with listening() as held, nginx(tmp_path / "nginx", held.getsockname()[1]) as port:

        def ask_on() -> None:
            while not stop.is_set():
                statuses.append(ask(port, "/api/predict", photo())[0])

        askers = [threading.Thread(target=ask_on) for _ in range(4)]
        for asker in askers:
            asker.start()
        for turn in range(RESTARTS + 1):
            log, fd = tmp_path / f"log{turn}", held.fileno()
            with serving(log, tiny.run.folder, "--fd", str(fd), "--behind-proxy", fds=[fd]) as process:
                process.wait_for("request", 10)
                if turn == RESTARTS:
                    stop.set()
                    for asker in askers:
                        asker.join()
                assert process.stop() == 0
    assert set(statuses) == {200}
    assert len(statuses) >= 10 * (RESTARTS + 1)


def test_the_figures_do_not_go_out(tiny: Tiny, tmp_path: Path) -> None:
    with listening() as held, nginx(tmp_path / "nginx", held.getsockname()[1]) as port:
        fd = held.fileno()
        with serving(tmp_path / "log", tiny.run.folder, "--fd", str(fd), "--behind-proxy", fds=[fd]):
            assert ask(held.getsockname()[1], "/metrics")[0] == 200
            assert ask(port, "/metrics")[0] == 404
