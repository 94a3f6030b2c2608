"""The application: every address, one shape of every no, and what other systems do not have."""

from __future__ import annotations

import subprocess
import sys

import pytest

from serving import Site
from whatsit.serving.app import ROUTES

PATHS = [route.path.replace("{version}", "1").replace("{name}", "x") for route in ROUTES]


@pytest.mark.parametrize("path", PATHS)
def test_every_address_says_no_in_one_shape(site: Site, path: str) -> None:
    reply = site.ask("DELETE", path)
    assert reply.status == 405
    assert set(reply.json) == {"error", "hint"}
    allowed = next(route.methods for route, one in zip(ROUTES, PATHS, strict=True) if one == path)
    assert set(reply.headers["allow"].split(", ")) == allowed


def test_a_page_that_is_not_there_is_said_to_a_person_as_a_page(site: Site) -> None:
    reply = site.get("/nothing", accept="text/html")
    assert (reply.status, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"There is nothing here." in reply.body


WITHOUT_UNIX = """
import signal, socket, sys
sys.modules['resource'] = sys.modules['fcntl'] = None
del socket.AF_UNIX, signal.SIGHUP, signal.SIGUSR1
import whatsit.serving.app, whatsit.serving.server, whatsit.reviewing.server, whatsit.deploying
from whatsit.errors import UserError
from whatsit.serving.door.listening import address_of, listen
from whatsit.serving.door.protocol import PatientProtocol
from whatsit.serving.options import ServeOptions
from whatsit.serving.notify import tell
with listen(ServeOptions(port=0)) as listener:
    assert address_of(listener).startswith('http://127.0.0.1:')
try:
    listen(ServeOptions(socket='s'))
except UserError as error:
    print(error.sentence)
tell('READY=1')
"""


def test_where_there_is_no_unix_it_is_imported_and_listens_on_a_port() -> None:
    environment = {"NOTIFY_SOCKET": "/x", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", WITHOUT_UNIX], capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == ("This system has no Unix sockets.\n", "")
