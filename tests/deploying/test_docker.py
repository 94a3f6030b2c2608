"""The docker kit: its Dockerfile linted, its compose file read, its nginx in front of the real server."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import Tiny
from whatsit.deploying.kit import DeployOptions
from whatsit.image import encode_jpeg
from whatsit.road.deploy import deploy


@pytest.fixture(scope="session")
def docker(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kits") / "docker"
    deploy(tiny.run, out, "docker", DeployOptions())
    return out


def test_everything_the_dockerfile_copies_is_in_the_kit(docker: Path) -> None:
    left_out = (docker / ".dockerignore").read_text().split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (docker / "Dockerfile").read_text(), re.MULTILINE)
    for pattern in " ".join(copied).split():
        assert list(docker.glob(pattern)), pattern
        assert pattern not in left_out


def test_the_image_runs_as_nobody_and_says_how_it_is(docker: Path) -> None:
    last_stage = (docker / "Dockerfile").read_text().split("FROM ")[-1]
    assert "USER 10001:10001" in last_stage
    assert "HEALTHCHECK" in last_stage
    assert "pip install" not in last_stage


def test_the_dockerfile_passes_hadolint(docker: Path) -> None:
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    lint = shutil.which("hadolint", path=beside)
    if not lint:  # its package has no program for this system
        pytest.skip("no hadolint on this machine")
    done = subprocess.run([lint, docker / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_only_nginx_can_be_reached_and_nothing_can_be_written(docker: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    whole = yaml.safe_load((docker / "compose.yaml").read_text())
    for service in whole["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        (temporary,) = re.findall(r"/tmp:size=(\d+)m", str(service["tmpfs"]))
        assert int(service["mem_limit"].removesuffix("m")) >= int(temporary) + 128  # what lies there counts, too
    assert [name for name, service in whole["services"].items() if "ports" in service] == ["nginx"]
    assert whole["networks"]["inside"] == {"internal": True}
    assert whole["services"]["whatsit"]["networks"] == ["inside"]


@pytest.fixture(scope="session")
def manifests(docker: Path) -> dict[str, Any]:
    """What is to be applied, by its kind."""
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    return {one["kind"]: one for one in yaml.safe_load_all((docker / "kubernetes.yaml").read_text())}


@pytest.mark.parametrize("version", ["1.29", "1.33", "1.37"])
def test_the_manifests_are_what_kubernetes_takes(manifests: dict[str, Any], version: str) -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="needs kubernetes-validate")
    for manifest in manifests.values():
        kubernetes_validate.validate(manifest, version, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifests["Service"] | {"spec": {"ports": [{"port": "http"}]}}, version)


def test_a_pod_may_do_as_little_as_the_container_of_compose(manifests: dict[str, Any]) -> None:
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert manifests["NetworkPolicy"]["spec"]["egress"] == []


def test_its_manifests_belong_together(manifests: dict[str, Any]) -> None:
    deployment, service = manifests["Deployment"]["spec"], manifests["Service"]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    for selector in (
        deployment["selector"]["matchLabels"],
        service["selector"],
        manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector == labels
    assert "replicas" not in deployment  # else each `apply` would undo what the autoscaler did
    scaler = manifests["HorizontalPodAutoscaler"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == manifests["Deployment"]["metadata"]["name"]
    (rule,) = manifests["Ingress"]["spec"]["rules"]
    assert "host" not in rule
    given_out = [one["path"] for one in rule["http"]["paths"]]
    assert not {"/metrics", "/readyz", "/v2"} & set(given_out)
    assert all(one["backend"]["service"]["name"] == "whatsit" for one in rule["http"]["paths"])


def test_an_ingress_answers_to_the_domain_that_was_named(tiny: Tiny, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    deploy(tiny.run, tmp_path / "kit", "docker", DeployOptions(domain="birds.example.org"))
    whole = list(yaml.safe_load_all((tmp_path / "kit" / "kubernetes.yaml").read_text()))
    assert whole[-1]["spec"]["rules"][0]["host"] == "birds.example.org"


def test_the_server_takes_the_options_of_the_pod_and_answers_its_probes(
    docker: Path, manifests: dict[str, Any]
) -> None:
    (container,) = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    (port,) = free_ports(1)
    entry = json.loads(re.search(r"ENTRYPOINT (\[.*\])", (docker / "Dockerfile").read_text())[1])  # type: ignore[index]
    words = [*entry[1:], *container["args"]]
    words = [str(docker / word[1:]) if word.startswith("/model") else word for word in words]
    words = [str(port) if word == "8000" else word for word in words]
    command = [sys.executable, "-m", "whatsit", *words]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": "src"}, stderr=subprocess.DEVNULL) as server:
        try:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                assert asked(port, "GET", container[probe]["httpGet"]["path"])[0] == 200
            status, figures = asked(port, "GET", "/metrics")
            metric = manifests["HorizontalPodAutoscaler"]["spec"]["metrics"][0]["pods"]["metric"]["name"]
            assert status == 200
            assert re.search(rf"^{metric} \d".encode(), figures, re.MULTILINE)
            for path in manifests["Ingress"]["spec"]["rules"][0]["http"]["paths"]:
                if path["pathType"] == "Exact" and path["path"] != "/predict":  # which takes a form
                    assert asked(port, "GET", path["path"])[0] == 200
        finally:
            server.terminate()


def test_both_base_images_can_be_named_by_digest(docker: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    services = yaml.safe_load((docker / "compose.yaml").read_text())["services"]
    assert services["whatsit"]["build"]["args"] == {"BASE": "${BASE:-python:3.13-slim}"}
    assert services["nginx"]["image"] == "${NGINX:-nginxinc/nginx-unprivileged:stable}"
    assert "BASE=python:3.13-slim@sha256:" in (docker / "README.md").read_text()


@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx on this machine")
def test_its_nginx_asks_the_server_and_gives_out_the_page(docker: Path, tmp_path: Path) -> None:
    ports = free_ports(2)
    for file in ("site.conf", "answers.conf", "headers.conf"):
        text = (docker / "nginx" / file).read_text().replace("/opt/whatsit/current/nginx", str(tmp_path))
        text = text.replace("/opt/whatsit/current/page", str(docker / "page"))
        text = text.replace("server whatsit:8000", f"server 127.0.0.1:{ports[0]}")
        (tmp_path / file).write_text(text.replace("listen 8080", f"listen 127.0.0.1:{ports[1]}"))
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ client_body_temp_path {tmp_path}/body; {temporary} include {tmp_path}/site.conf; }}\n"
    )
    entry = json.loads(re.search(r"ENTRYPOINT (\[.*\])", (docker / "Dockerfile").read_text())[1])  # type: ignore[index]
    more = json.loads(re.search(r"^CMD (\[.*\])", (docker / "Dockerfile").read_text(), re.MULTILINE)[1])  # type: ignore[index]
    words = [str(docker / word[1:]) if word.startswith("/model") else word for word in [*entry[1:], *more]]
    words = [str(ports[0]) if word == "8000" else word for word in words]
    environment = {**os.environ, "PYTHONPATH": "src"}
    with (
        subprocess.Popen(
            [sys.executable, "-m", "whatsit", *words], env=environment, stderr=subprocess.DEVNULL
        ) as server,
        subprocess.Popen(
            ["nginx", "-e", str(tmp_path / "early.log"), "-c", str(tmp_path / "nginx.conf")],
            stdout=subprocess.DEVNULL,
        ) as nginx,
    ):
        try:
            body = encode_jpeg(np.full((60, 80, 3), (200, 60, 60), np.uint8))
            status, answer = asked(ports[1], "POST", "/api/predict", body)
            assert (status, json.loads(answer)["label"]) == (200, "red")
            ours = {"Host": f"lab.example:{ports[1]}", "Origin": f"http://lab.example:{ports[1]}"}
            assert asked(ports[1], "POST", "/api/predict", body, ours)[0] == 200  # a page over plain http
            theirs = {**ours, "Origin": f"http://evil.example:{ports[1]}"}
            assert asked(ports[1], "POST", "/api/predict", body, theirs)[0] == 403
            assert [asked(ports[1], "GET", path)[0] for path in ("/healthz", "/readyz")] == [200, 404]
            status, answer = asked(ports[1], "GET", "/")
            assert (status, b"<h1>What is it?</h1>" in answer) == (200, True)
        finally:
            nginx.terminate()
            server.terminate()


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def asked(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """The reply, once there is one that is not "not there just now"."""
    for _ in range(300):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            line.request(method, path, body, headers or {})
            response = line.getresponse()
            if response.status != 503:
                return response.status, response.read()
        except OSError:
            pass
        finally:
            line.close()
        time.sleep(0.1)
    raise AssertionError("nothing answers")
