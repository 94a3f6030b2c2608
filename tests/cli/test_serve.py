"""The command: how it starts, is told things, and ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from commands import ask, listening, serving

from models import Tiny, colours, tiny_run
from serving import photo


def told(log: Path) -> str:
    return log.read_text()


def port_in(log: Path) -> int:
    found = re.search(r"The page: http://127\.0\.0\.1:(\d+)/", told(log))
    assert found
    return int(found[1])


def refused(*arguments: str | Path) -> str:
    """What the command says that ends at once with 1."""
    command = [sys.executable, "-m", "whatsit", "serve", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_a_term_ends_it_when_all_is_answered(tiny: Tiny, tmp_path: Path) -> None:
    with serving(tmp_path / "log", tiny.run.folder, "--port", "0") as process:
        port, statuses = port_in(process.log), []
        content = photo(height=2000, width=2000)
        askers = [
            threading.Thread(target=lambda: statuses.append(ask(port, "/api/predict", content)[0]))
            for _ in range(8)
        ]
        for asker in askers:
            asker.start()
        process.wait_for("request")
        assert process.stop() == 0
        for asker in askers:
            asker.join()
        assert process.events("stopped")
    assert statuses == [200] * 8


def test_control_c_ends_it_with_a_sentence(tiny: Tiny, tmp_path: Path) -> None:
    with serving(tmp_path / "log", tiny.run.folder, "--port", "0") as process:
        assert process.stop(signal.SIGINT) == 130
    assert "Traceback" not in told(process.log)
    assert "Stopped. What had been asked was answered; the same command serves again." in told(process.log)


def test_a_hangup_makes_it_look_for_a_new_model_and_usr1_takes_it_back(tmp_path: Path) -> None:
    tiny_run(tmp_path / "a")
    tiny_run(tmp_path / "b", colours(names=("bleu", "rouge", "vert"), seed=1))
    with serving(tmp_path / "log", tmp_path / "a", "--port", "0", "--watch", "0") as process:
        port = port_in(process.log)
        shutil.copy(tmp_path / "b" / "model.onnx", tmp_path / "a" / "new")
        (tmp_path / "a" / "new").replace(tmp_path / "a" / "model.onnx")
        process.popen.send_signal(signal.SIGHUP)
        process.wait_for("model taken")
        assert "rouge" in json.loads(ask(port, "/api/models")[1])["models"][0]["classes"]
        process.popen.send_signal(signal.SIGUSR1)
        process.wait_for("model taken", 2)
        assert "red" in json.loads(ask(port, "/api/models")[1])["models"][0]["classes"]


def test_a_model_that_is_no_good_is_said_in_the_log_and_does_not_answer(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "a")
    with serving(tmp_path / "log", tmp_path / "a", "--port", "0", "--watch", "0.1") as process:
        (tmp_path / "a" / "model.onnx").write_bytes(b"nonsense")
        (event,) = process.wait_for("model refused")
        assert "is no model file, or was cut short" in event["problem"]
        assert json.loads(ask(port_in(process.log), "/api/models")[1])["models"][0]["digest"] == tiny.model.digest


def test_a_socket_that_somebody_holds_loses_no_request_over_a_restart(tiny: Tiny, tmp_path: Path) -> None:
    with listening() as held:
        port, statuses = held.getsockname()[1], []
        stop = threading.Event()

        def ask_on() -> None:
            while not stop.is_set():
                statuses.append(ask(port, "/api/predict", photo())[0])

        askers = [threading.Thread(target=ask_on) for _ in range(3)]
        for asker in askers:
            asker.start()
        for turn in range(3):
            fd = str(held.fileno())
            with serving(tmp_path / f"{turn}", tiny.run.folder, "--fd", fd, fds=[held.fileno()]) as process:
                process.wait_for("request", 5)
                if turn == 2:
                    stop.set()
                    for asker in askers:
                        asker.join()
                assert process.stop() == 0
    assert set(statuses) == {200}


def test_it_listens_on_a_unix_socket(tiny: Tiny, tmp_path: Path) -> None:
    place = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(place))  # left by a server that was killed
    with serving(tmp_path / "log", tiny.run.folder, "--socket", place, "--behind-proxy"):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(place))
            line.sendall(b"GET /readyz HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")
            answer = b""
            while piece := line.recv(4096):
                answer += piece
        assert b'{"status":"ready","models":["colours"]}' in answer
        assert "another server listens there" in refused(tiny.run.folder, "--socket", place)


def test_the_service_manager_is_told_how_it_goes(tiny: Tiny, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        with serving(tmp_path / "log", tiny.run.folder, "--port", "0", **environment) as process:
            states = {manager.recv(100) for _ in range(3)}
            assert states == {b"READY=1", b"WATCHDOG=1"}
            process.stop()
            while (state := manager.recv(100)) != b"STOPPING=1":
                assert state == b"WATCHDOG=1"


def test_off_this_machine_it_makes_a_token_and_says_it(tiny: Tiny, tmp_path: Path) -> None:
    environment = dict.fromkeys(("WHATSIT_TOKEN",), "")
    with serving(tmp_path / "log", tiny.run.folder, "--port", "0", "--host", "0.0.0.0", **environment):
        found = re.search(r"http://127\.0\.0\.1:(\d+)/enter\?token=([\w-]{20,})", told(tmp_path / "log"))
        assert found
        assert ask(int(found[1]), "/api/models")[0] == 401
        assert ask(int(found[1]), f"/enter?token={found[2]}")[0] == 303


def test_what_cannot_be_served_is_said_in_a_sentence(tiny: Tiny, tmp_path: Path) -> None:
    assert "There is no run in" in refused(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    assert "There is no model in" in refused(tmp_path / "empty")
    altered = (tiny.run.folder / "model.onnx").read_bytes().replace(b"blue", b"bleu")
    (tmp_path / "altered.onnx").write_bytes(altered)
    assert "was altered after it was made" in refused(tmp_path / "altered.onnx")
    with listening() as held:
        port = str(held.getsockname()[1])
        assert f"Port {port} is in use. Name another with --port" in refused(tiny.run.folder, "--port", port)
    assert "It is not possible to listen on '203.0.113.1'" in refused(tiny.run.folder, "--host", "203.0.113.1")
    assert "File descriptor 77 is no socket that listens" in refused(tiny.run.folder, "--fd", "77")
    assert "There is no folder" in refused(tiny.run.folder, "--port", "0", "--samples", tmp_path / "none")
    assert "No class of the model has photos" in refused(tiny.run.folder, "--port", "0", "--samples", tmp_path)


def test_no_training_framework_is_loaded_to_serve(tiny: Tiny) -> None:
    code = (
        "import sys, whatsit.serving.server, whatsit.serving.work.models as models, pathlib\n"
        f"models.open_shelf([pathlib.Path({str(tiny.run.folder)!r})])\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'onnx', 'matplotlib', 'pandas', 'cyclopts', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(autouse=True)
def no_token_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHATSIT_TOKEN", raising=False)
