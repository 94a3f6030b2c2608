"""A PostgreSQL of the tests' own, on loopback: made in a temporary folder, started and stopped by them."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROLE, PASSWORD = "reviewer", "a password of the tests"
DEBIAN = Path("/usr/lib/postgresql")  # where Debian's package has the programs that no user needs


@dataclass
class Postgres:
    """A running server; its programs, and the folder of its data."""

    programs: Path
    folder: Path
    port: int

    def database(self, encoding: str = "UTF8") -> str:
        """The address of a new, empty database."""
        name = f"photos_{secrets.token_hex(4)}"
        how = f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
        self.ask("postgres", f"CREATE DATABASE {name} OWNER {ROLE} {how}")
        return f"postgresql://{ROLE}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{name}"

    def ask(self, database: str, statement: str) -> str:
        """What a statement gives to the server's owner, by its own client."""
        command = [
            "psql",
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.folder,
            "-p",
            str(self.port),
            "-d",
            database,
        ]
        return self._run(self.programs / command[0], *command[1:], "-c", statement)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run(
            self.programs / "pg_ctl",
            "-w",
            "-D",
            self.folder / "data",
            "-l",
            self.folder / "log",
            "-o",
            options,
            "start",
        )

    def stop(self) -> None:
        """Stop it at once, as a power cut would."""
        self._run(self.programs / "pg_ctl", "-w", "-m", "immediate", "-D", self.folder / "data", "stop")

    def make(self) -> None:
        """Make its data, with a role that is let in by a password only."""
        where = self.folder / "data"
        self._run(
            self.programs / "initdb",
            "-D",
            where,
            "-A",
            "scram-sha-256",
            "-U",
            "postgres",
            "--auth-local=trust",
            "--no-sync",
            "--locale=C.UTF-8",
            "-E",
            "UTF8",
            "--pwfile",
            self._password_file(),
        )
        self.start()
        self.ask("postgres", f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")

    def _password_file(self) -> Path:
        file = self.folder / "password"
        file.write_text(PASSWORD)
        file.chmod(0o644)
        return file

    def _run(self, *command: object) -> str:
        """Run a program as the server's owner: it refuses to be started by root."""
        who = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        whole = [*who, "env", "-u", "PGOPTIONS", "PGUSER=postgres", *map(str, command)]
        with tempfile.TemporaryFile() as said:  # not a pipe: the server would keep it open
            done = subprocess.run(whole, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/", timeout=120)
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
        assert done.returncode == 0, text
        return text


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server, for as long as the block runs."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'whatsit[postgresql]'")
    folders = sorted(DEBIAN.glob("*/bin"), key=lambda one: int(one.parent.name))
    found = shutil.which("initdb")
    programs = folders[-1] if folders else Path(found).resolve().parent if found else None
    if programs is None or not (programs / "initdb").exists():
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # short: its socket lies in it
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Postgres(programs, folder, port)
    try:
        server.make()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
