"""What can be seen here of systems that lack something of Linux: nothing asks for it before it has looked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dependencies import third_party_imports

SRC = Path(__file__).parents[1] / "src"

# Windows has no module of these, and its os, socket and signal lack what follows. Other people's libraries are
# loaded first: what they do there is their matter, and those that are not installed are passed over.
ELSEWHERE = """
import importlib, json, os, signal, socket, sys
src, modules, libraries, checks = json.loads(sys.stdin.read())
sys.path.insert(0, src)
for name in libraries:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty", "syslog", "uvloop"):
    sys.modules[name] = None
for module, names in (
    (os, ("posix_fallocate", "sched_getaffinity", "sysconf", "getuid", "geteuid", "fork", "statvfs")),
    (socket, ("AF_UNIX",)),
    (signal, ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL")),
):
    for name in names:
        delattr(module, name)
failed = {}
for name in modules:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in libraries:
            failed[name] = repr(error)
    except Exception as error:
        failed[name] = repr(error)
for check in checks:
    try:
        exec(check, {})
    except Exception as error:
        failed[check] = repr(error)
print(json.dumps(failed))
"""
CHECKS = {
    "processors": "from whatsit.engine import cores\nassert cores() >= 1",
    "disk": f"from whatsit import files\nfrom pathlib import Path\nassert files.folder_bytes(Path({str(SRC)!r}))",
    "machine": "from whatsit.examining import examine\nexamine()",
    "port": "from whatsit.serving.door import listening as door\n"
    "from whatsit.serving.options import ServeOptions\n"
    "with door.listen(ServeOptions(port=0)) as listener:\n"
    "    assert door.is_local(listener) and door.address_of(listener).startswith('http')",
}


@pytest.fixture(scope="module")
def failed() -> dict[str, str]:
    """What failed where a system has none of it: the error by module or by check."""
    modules = sorted(
        ".".join(file.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        for file in SRC.rglob("*.py")
        if file.name != "__main__.py"
    )
    libraries = sorted({library for libraries in third_party_imports().values() for library in libraries})
    asked = json.dumps([str(SRC), modules, libraries, list(CHECKS.values())])
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], input=asked, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_module_can_be_imported_where_a_system_lacks_what_linux_has(failed: dict[str, str]) -> None:
    assert {name: error for name, error in failed.items() if name.startswith("whatsit")} == {}


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_asked_of_the_system_has_an_answer_where_it_has_none(name: str, failed: dict[str, str]) -> None:
    assert CHECKS[name] not in failed, failed
