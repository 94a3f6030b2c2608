"""Behind a real nginx: no request fails while the server is restarted, and slow clients stay outside."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from commands import ask, listening, serving
from proxied import nginx

from models import Tiny
from serving import photo

RESTARTS = 3  # twenty by `benchmarks/serve.py restarts`


@pytest.mark.slow
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
