"""The ec2 kit: from its archive to answers through a real nginx, upgraded and rolled back while it is asked."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import platform
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import threading
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from manager import Manager

from models import Tiny, tiny_run
from whatsit.deploying.kit import DeployOptions
from whatsit.deploying.lock import CERTBOT_LOCK
from whatsit.image import encode_jpeg
from whatsit.road.deploy import deploy

needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx on this machine")
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
MAIN = """
{user}
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{}}
http {{
    client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/f;
    uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
    include {etc}/nginx/conf.d/*.conf;
}}
"""


@dataclass
class Server:
    """A machine that releases are put on: folders in place of a server's, a port in place of 80."""

    place: Path
    port: int
    tls_port: int
    manager: Manager

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        given = {"HOME": self.place / "opt", "RUN": self.place / "run", "ETC": self.place / "etc"}
        given |= {
            "PORT": self.port,
            "TLS_PORT": self.tls_port,
            "PYTHON": sys.executable,
            "NGINX": shlex_join(self.manager.nginx),
        }
        variables = {f"WHATSIT_{name}": str(value) for name, value in given.items()}
        environment = {**os.environ, **variables, "PATH": self.manager.path}
        environment.pop("PYTHONPATH", None)
        return subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True)

    def unpack(self, kit_folder: Path) -> Path:
        """A release of a kit, unpacked where `fetch` would, in an environment that has the packages already."""
        (archive,) = kit_folder.glob("whatsit-*.tar.gz")
        releases = self.place / "opt/releases"
        with tarfile.open(archive) as packed:
            packed.extractall(releases, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        release = releases / archive.name.removesuffix(".tar.gz")
        environment_of(release)
        return release

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            return response.status, response.read(), response.headers
        finally:
            line.close()


def shlex_join(words: list[str]) -> str:
    return " ".join(words)


def environment_of(release: Path) -> None:
    """What `release install` makes from the index, made from this very Python's packages instead."""
    venv.create(release / "venv", symlinks=True)
    library = release / "venv/lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (wheel,) = release.glob("whatsit-*.whl")
    shutil.unpack_archive(wheel, library, "zip")
    others = [path for path in sys.path if path.endswith("site-packages")]
    (library / "others.pth").write_text("\n".join(others))
    program = release / "venv/bin/whatsit"
    program.write_text(f"#!{release}/venv/bin/python\nfrom whatsit.cli import main\nmain()\n")
    program.chmod(0o755)
    (release / "venv/machine").write_text(platform.machine() + "\n")
    (release / "venv/whole").touch()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with a_server(tmp_path) as one:
        yield one


@contextlib.contextmanager
def a_server(folder: Path) -> Iterator[Server]:
    """A machine in a folder; what runs on it ends with the block."""
    place = Path(os.path.realpath(folder))
    (place / "etc").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, tls_port = (probe.getsockname()[1] for probe in (one, other))
    user = "user root;" if os.geteuid() == 0 else ""
    (place / "nginx.conf").write_text(MAIN.format(place=place, etc=place / "etc", user=user))
    manager = Manager(
        place / "systemd",
        place / "etc",
        ["nginx", "-e", str(place / "early.log"), "-c", str(place / "nginx.conf")],
    )
    with contextlib.closing(manager):
        yield Server(place, port, tls_port, manager)


def photo() -> bytes:
    import numpy as np

    return encode_jpeg(np.full((60, 80, 3), (200, 60, 60), np.uint8))


@needs_nginx
def test_a_release_installs_itself_and_answers_through_nginx(ec2: Path, server: Server) -> None:
    done = server.run(server.unpack(ec2) / "release", "install")
    assert done.returncode == 0, done.stderr
    assert wait_until_up(server)
    status, body, _ = server.ask("POST", "/api/predict", photo())
    assert (status, json.loads(body)["label"]) == (200, "red")
    status, body, headers = server.ask("GET", "/")
    assert status == 200
    assert b"<h1>What is it?</h1>" in body
    assert "default-src 'none'" in headers["content-security-policy"]
    scripts = re.findall(r'(?:href|src)="(/static/[^"]+)"', body.decode())
    assert len(scripts) > 3
    for address in scripts:
        status, _, headers = server.ask("GET", address)
        assert (status, "immutable" in headers["cache-control"]) == (200, True), address
    assert [server.ask("GET", path)[0] for path in ("/healthz", "/readyz", "/metrics")] == [200, 404, 404]
    status, body, _ = server.ask("POST", "/api/predict", b"x" * (11 << 20))
    assert (status, "10 MB" in json.loads(body)["error"]) == (413, True)


@needs_nginx
def test_clients_that_ask_too_often_are_told_so_as_the_api_tells(ec2: Path, server: Server) -> None:
    assert server.run(server.unpack(ec2) / "release", "install").returncode == 0
    assert wait_until_up(server)
    replies = [server.ask("GET", "/api/models") for _ in range(90)]
    refused = [body for status, body, _ in replies if status == 429]
    assert refused
    assert json.loads(refused[0])["hint"] == "Ask again in a second."


@needs_nginx
def test_an_upgrade_and_the_way_back_fail_no_request(ec2: Path, server: Server, tmp_path: Path) -> None:
    other = tiny_run(tmp_path / "other" / "colours", seed=3)
    deploy(other.run, tmp_path / "second", "ec2", DeployOptions(title="Second"))
    first, second = server.unpack(ec2), server.unpack(tmp_path / "second")
    assert server.run(first / "release", "install").returncode == 0
    assert wait_until_up(server)
    with asked_all_the_while(server) as statuses:
        done = server.run(second / "release", "install")
        assert done.stdout == f"Answering: {second.name}\n", done.stderr
        assert b"Second" in server.ask("GET", "/")[1]
        done = server.run(server.place / "opt/current/release", "back")
        assert done.stdout == f"Answering: {first.name}\n", done.stderr
        assert b"Second" not in server.ask("GET", "/")[1]
    assert len(statuses) >= 20
    assert set(statuses) == {200}
    assert server.manager.starts == 3


@needs_nginx
def test_a_release_that_does_not_answer_changes_nothing(ec2: Path, server: Server) -> None:
    good = server.unpack(ec2)
    assert server.run(good / "release", "install").returncode == 0
    assert wait_until_up(server)
    bad = shutil.copytree(good, good.with_name("whatsit-000000000000"), symlinks=True)
    environment_of(bad)
    (model,) = bad.glob("model/*/model.onnx")
    model.write_bytes(model.read_bytes()[:-40])
    done = server.run(bad / "release", "install")
    assert done.returncode == 1
    assert "does not answer here" in done.stderr
    assert "cut short" in done.stderr
    assert server.ask("POST", "/api/predict", photo())[0] == 200
    assert server.manager.starts == 1


def test_a_release_on_another_machine_says_so(ec2: Path, server: Server) -> None:
    release = server.unpack(ec2)
    (release / "venv/machine").write_text("riscv64\n")
    done = server.run(release / "start")
    assert (done.returncode, "installed on riscv64" in done.stderr) == (1, True)


def test_a_python_the_lock_does_not_know_is_refused_with_a_sentence(ec2: Path, server: Server) -> None:
    release = server.unpack(ec2)
    shutil.rmtree(release / "venv")
    old = server.place / "python3.9"
    old.write_text("#!/bin/sh\necho 3.9\n")
    old.chmod(0o755)
    environment = {**os.environ, "WHATSIT_HOME": str(server.place / "opt"), "WHATSIT_PYTHON": str(old)}
    done = subprocess.run([release / "release", "install"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"This kit is for Python 3.11 3.12 3.13 3.14, and {old} is 3.9." in done.stderr


@pytest.mark.parametrize("program", ["online", "upgrade", "back"])
def test_a_missing_region_is_asked_for(ec2: Path, tmp_path: Path, program: str) -> None:
    (tmp_path / "aws").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "aws").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BUCKET": "models"}
    done = subprocess.run([ec2 / program], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr[:13]) == (1, "Which region?")


def test_a_missing_bucket_is_asked_for(ec2: Path, tmp_path: Path) -> None:
    (tmp_path / "aws").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "aws").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "REGION": "eu-central-1"}
    done = subprocess.run([ec2 / "online"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr[:13]) == (1, "Which bucket?")


CERTBOT = """#!/bin/sh
# What certbot does for us, with a certificate of its own making.
[ "$1" = certonly ] || exit 1
while [ $# -gt 0 ]; do case $1 in
    --domain) domain=$2 ;;
    --config-dir) keys=$2/live/$domain ;;
    --webroot-path) [ -d "$2" ] || exit 1 ;;
esac; shift; done
mkdir -p "$keys"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj "/CN=$domain" \
    -addext "subjectAltName=DNS:$domain" -keyout "$keys/privkey.pem" -out "$keys/fullchain.pem" 2> /dev/null
"""


def test_a_name_without_somebody_to_warn_is_asked_for(ec2: Path, tmp_path: Path) -> None:
    (tmp_path / "aws").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "aws").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "REGION": "eu-central-1", "BUCKET": "models"}
    environment["DOMAIN"] = "birds.example.org"
    done = subprocess.run([ec2 / "online"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "A certificate for birds.example.org needs an address" in done.stderr


@needs_nginx
@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
def test_a_name_gets_a_certificate_that_a_timer_renews(ec2: Path, server: Server) -> None:
    assert server.run(server.unpack(ec2) / "release", "install").returncode == 0
    assert wait_until_up(server)
    certbot = server.place / "opt/certbot/bin/certbot"
    certbot.parent.mkdir(parents=True)
    certbot.write_text(CERTBOT)
    certbot.chmod(0o755)
    done = server.run(server.place / "opt/current/secure", "birds.example.org", "me@example.org")
    assert (done.returncode, done.stdout) == (0, "Answering: https://birds.example.org/\n"), done.stderr
    assert "warn" not in done.stderr
    for _ in range(200):  # until nginx has the new file: it is reloaded, and the old workers end first
        status, _, headers = server.ask("GET", "/", Host="birds.example.org")
        if status == 301:
            break
        threading.Event().wait(0.05)
    assert (status, headers["location"]) == (301, "https://birds.example.org/")
    for _ in range(200):  # a worker that still has the old file may have let go of the port
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", server.tls_port)) == 0:
                break
        threading.Event().wait(0.05)
    status, body, _ = asked_encrypted(server, "birds.example.org")
    assert (status, json.loads(body)["label"]) == (200, "red")
    assert server.manager.timers == ["whatsit-certificate.timer"]
    for path in ("/", "/static/nothing", "/api/models", "/nowhere"):
        assert asked_encrypted(server, "birds.example.org", "GET", path)[2] == "max-age=31536000", path
        assert "strict-transport-security" not in server.ask("GET", path)[2], path


def asked_encrypted(
    server: Server, name: str, method: str = "POST", path: str = "/api/predict"
) -> tuple[int, bytes, str | None]:
    """The answer over TLS, by a client that trusts this certificate alone, and checks the name; and the header
    that says how long to come so."""
    context = ssl.create_default_context(cafile=server.place / f"etc/letsencrypt/live/{name}/fullchain.pem")
    with (
        socket.create_connection(("127.0.0.1", server.tls_port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=name) as line,
    ):
        asked = http.client.HTTPConnection(name)
        asked.sock = line
        asked.request(method, path, photo() if method == "POST" else None)
        response = asked.getresponse()
        return response.status, response.read(), response.headers["strict-transport-security"]


UNITS = ("whatsit.service", "whatsit.socket", "whatsit-certificate.service", "whatsit-certificate.timer")


@needs_systemd
@needs_nginx
def test_systemd_finds_no_fault_in_the_units(ec2: Path, server: Server) -> None:
    assert server.run(server.unpack(ec2) / "release", "install").returncode == 0
    certbot = server.place / "opt/certbot/bin/certbot"
    certbot.parent.mkdir(parents=True)
    certbot.symlink_to("/bin/true")
    units = [server.place / "etc/systemd/system" / name for name in UNITS]
    assert [unit for unit in units[0].parent.iterdir() if unit not in units] == []
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize(("name", "most"), [("whatsit.service", 1.5), ("whatsit-certificate.service", 4.0)])
def test_the_services_are_locked_up(ec2: Path, server: Server, name: str, most: float) -> None:
    release = server.unpack(ec2)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", release / name],
        capture_output=True, text=True,
    )  # fmt: skip
    score = float(re.search(rf"exposure level for {name}: ([\d.]+)", done.stdout)[1])  # type: ignore[index]
    assert score <= most


def test_the_stack_has_no_way_in_but_the_web(ec2: Path) -> None:
    text = (ec2 / "template.yaml").read_text()
    assert "HttpTokens: required" in text
    assert re.findall(r"FromPort: (\d+), ToPort: (\d+), CidrIp: 0.0.0.0/0, Description: HTTPS?}", text) == [
        ("80", "80"),
        ("443", "443"),
    ]
    assert "KeyName" not in text
    ways_out = text[text.index("SecurityGroupEgress:") : text.index("Role:")]
    assert re.findall(r"IpProtocol: (\w+), FromPort: (\d+), ToPort: (\d+)", ways_out) == [("tcp", "443", "443")]


def test_the_stack_keeps_itself_up_to_date(ec2: Path) -> None:
    text = (ec2 / "template.yaml").read_text()
    assert "packages: [nginx, python3.11, dnf-automatic]" in text
    assert "upgrade_type = security" in text
    assert "systemctl enable --now dnf-automatic.timer" in text
    assert "AWS::SSM::Parameter" not in text  # it would be another image, and so another server, each month


@needs_nginx
def test_what_is_started_by_hand_keeps_nothing_and_makes_no_folder(ec2: Path, server: Server) -> None:
    release = server.unpack(ec2)
    assert server.run(release / "release", "install").returncode == 0
    program = server.place / "opt/current/venv/bin/whatsit"
    program.unlink()
    program.write_text('#!/bin/sh\necho "$WHATSIT_CACHE"\n')
    program.chmod(0o755)
    assert server.run(server.place / "opt/current/start").stdout == "/dev/null\n"  # where no folder can be made


def test_what_fetches_certificates_is_pinned_by_hashes(ec2: Path, server: Server) -> None:
    release = server.unpack(ec2)
    assert "--require-hashes --only-binary=:all: --no-deps" in (release / "secure").read_text()
    assert (release / "certbot.lock").read_bytes() == CERTBOT_LOCK.read_bytes()


def test_the_stack_passes_cfn_lint(ec2: Path) -> None:
    lint = shutil.which("cfn-lint")
    if not lint:
        pytest.skip("no cfn-lint on this machine")
    done = subprocess.run([lint, ec2 / "template.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def wait_until_up(server: Server) -> bool:
    for _ in range(200):
        with contextlib.suppress(OSError):
            if server.ask("GET", "/healthz")[0] == 200:
                return True
        threading.Event().wait(0.05)
    return False


@contextlib.contextmanager
def asked_all_the_while(server: Server) -> Iterator[list[int]]:
    """The statuses of questions asked one after the other by two clients while the block runs."""
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.wait(0.25):
            try:
                statuses.append(server.ask("POST", "/api/predict", photo())[0])
            except OSError:
                statuses.append(0)

    clients = [threading.Thread(target=ask) for _ in range(2)]
    for client in clients:
        client.start()
    try:
        yield statuses
    finally:
        while len(statuses) < 20 and 0 not in statuses:
            enough.wait(0.1)
        enough.set()
        for client in clients:
            client.join()


def test_the_same_run_gives_the_same_archive(ec2: Path, tiny: Tiny, tmp_path: Path) -> None:
    deploy(tiny.run, tmp_path / "again", "ec2", DeployOptions())
    (first,), (second,) = ec2.glob("*.tar.gz"), (tmp_path / "again").glob("*.tar.gz")
    assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())
