"""A real nginx before a server."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import PATIENCE_S, free_port, listens

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
    client_body_buffer_size 1m;
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
    port = free_port()
    folder.mkdir()
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, upstream=upstream, port=port))
    process = subprocess.Popen([binary, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        gives_up = time.monotonic() + PATIENCE_S
        while not listens(port):
            assert time.monotonic() < gives_up
            time.sleep(0.02)
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait()
