"""What systemd does for a kit, as far as its units ask for it: holds the socket, starts, waits for READY, stops.

Tests have no systemd that runs. This reads the very units that `release install` wrote, and is asked by a
`systemctl` on the PATH, so the kit's programs run as they are.
"""

from __future__ import annotations

import configparser
import os
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path

SYSTEMCTL = """#!{python}
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({control!r})
line.sendall(" ".join(sys.argv[1:]).encode())
line.shutdown(socket.SHUT_WR)
answer = line.makefile().read()
sys.stderr.write(answer)
sys.exit(1 if answer else 0)
"""

# systemd hands the socket over as descriptor 3
AS_3 = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"


class Manager:
    """The units in `etc`/systemd/system, and nginx with the configuration `nginx`."""

    def __init__(self, place: Path, etc: Path, nginx: list[str]) -> None:
        self.etc, self.nginx, self.place = etc, nginx, place
        self.starts = 0
        self.timers: list[str] = []
        self._service: subprocess.Popen[bytes] | None = None
        self._listener: socket.socket | None = None
        self._nginx: subprocess.Popen[bytes] | None = None
        programs = place / "bin"
        programs.mkdir(parents=True)
        systemctl = programs / "systemctl"
        systemctl.write_text(SYSTEMCTL.format(python=sys.executable, control=str(place / "control")))
        systemctl.chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"
        self._control = socket.socket(socket.AF_UNIX)
        self._control.bind(str(place / "control"))
        self._control.listen()
        threading.Thread(target=self._obey, daemon=True).start()

    def _obey(self) -> None:
        while True:
            try:
                line, _ = self._control.accept()
            except OSError:
                return
            with line:
                words = line.makefile().read().split()
                try:
                    self._do([word for word in words if not word.startswith("-")])
                except Exception as error:
                    line.sendall(f"{error!r}\n".encode())

    def _do(self, words: list[str]) -> None:
        match words:
            case ["daemon-reload"]:
                pass
            case ["enable", "whatsit.socket"]:
                self._listen()
            case ["restart", "whatsit.service"]:
                self._stop()
                self._start()
            case ["enable", "nginx"]:
                if self._nginx is None:
                    self._nginx = subprocess.Popen([*self.nginx, "-g", "daemon off;"])
            case ["enable", str(timer)] if timer.endswith(".timer"):
                unit = self._unit(timer)
                assert unit["Install"]["WantedBy"] == "timers.target"  # else it is gone after a restart
                self.timers.append(timer)
            case ["reload", "nginx"]:
                subprocess.run([*self.nginx, "-s", "reload"], check=True)
            case _:
                raise ValueError(f"no systemctl {words}")

    def _unit(self, name: str) -> configparser.ConfigParser:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.read(self.etc / "systemd/system" / name)
        return unit

    def _listen(self) -> None:
        if self._listener is None:
            place = Path(self._unit("whatsit.socket")["Socket"]["ListenStream"])
            place.parent.mkdir(parents=True, exist_ok=True)
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(place))
            self._listener.listen(2048)

    def _start(self) -> None:
        assert self._listener is not None
        command = shlex.split(self._unit("whatsit.service")["Service"]["ExecStart"])
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            told = self.place / "notify"
            told.unlink(missing_ok=True)
            ear.bind(str(told))
            ear.settimeout(60)
            held = self._listener.fileno()
            cache = self.place / "cache"
            with (self.place / "journal").open("ab") as journal:
                self._service = subprocess.Popen(
                    [sys.executable, "-c", AS_3, str(held), *command],
                    pass_fds=[held],
                    env={**os.environ, "NOTIFY_SOCKET": str(told), "CACHE_DIRECTORY": str(cache)},
                    stderr=journal,
                )
            self.starts += 1
            while ear.recv(4096) != b"READY=1":
                pass

    def _stop(self) -> None:
        if self._service is not None:
            self._service.terminate()
            self._service.wait(20)
            self._service = None

    def close(self) -> None:
        self._control.close()
        self._stop()
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait(10)
        if self._listener is not None:
            self._listener.close()
