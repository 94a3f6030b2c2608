"""What a kit says it is made of, checked by CycloneDX's own schema, and against what it really has."""

from __future__ import annotations

import json
import re
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from models import Tiny
from whatsit.deploying.bill_of_materials import BILL
from whatsit.deploying.kit import DeployOptions
from whatsit.deploying.lock import CERTBOT_LOCK, LOCK, PACKAGES, read_locked_versions, read_locks
from whatsit.deploying.ort_web import HASHES, VERSION
from whatsit.road.deploy import deploy
from whatsit.version import __version__


@pytest.fixture(scope="module")
def docker(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("listed") / "docker"
    deploy(tiny.run, out, "docker", DeployOptions())
    return out


def read(kit: Path) -> dict[str, Any]:
    """The list of a kit, which keeps to the schema strictly and names nothing twice."""
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema")
    text = (kit / BILL).read_text(encoding="utf-8")
    error = validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(text)
    assert error is None, error
    found: dict[str, Any] = json.loads(text)
    names = [one["bom-ref"] for one in found["components"]]
    assert len(set(names)) == len(names)
    known = {*names, found["metadata"]["component"]["bom-ref"]}
    assert {ref for one in found["dependencies"] for ref in (one["ref"], *one["dependsOn"])} <= known
    return found


def packages_of(found: dict[str, Any], scope: str) -> dict[str, str]:
    return {
        one["name"]: one["version"]
        for one in found["components"]
        if one["type"] == "library" and one["scope"] == scope
    }


def digests(component: dict[str, Any]) -> list[str]:
    return [one["content"] for one in component["hashes"]]


def test_the_container_lists_what_its_lock_has(docker: Path, tiny: Tiny) -> None:
    found = read(docker)
    text = (docker / "serve.lock").read_text()
    assert packages_of(found, "required") == read_locked_versions(text)
    assert packages_of(found, "optional") == {}
    by_ref = {one["bom-ref"]: one for one in found["components"]}
    numpy = by_ref[f"pkg:pypi/numpy@{read_locked_versions(text)['numpy']}"]
    assert numpy["purl"] == numpy["bom-ref"]
    block = re.search(r"^numpy==.*(?:\n    --hash.*)+", text, re.MULTILINE)
    assert block is not None
    assert digests(numpy) == re.findall("sha256:([0-9a-f]{64})", block[0])
    (wheel,) = docker.glob("*.whl")
    assert by_ref["whatsit"]["version"] == __version__
    assert digests(by_ref["whatsit"]) == [sha256(wheel.read_bytes()).hexdigest()]
    assert digests(by_ref["model"]) == [tiny.model.digest]
    (asked,) = [one["dependsOn"] for one in found["dependencies"] if one["ref"] == "whatsit"]
    assert {by_ref[ref]["name"] for ref in asked} == set(PACKAGES)


def test_the_server_lists_what_fetches_certificates_too(ec2: Path) -> None:
    found = read(ec2)
    required, optional = packages_of(found, "required"), packages_of(found, "optional")
    assert required == read_locked_versions(LOCK.read_text())
    assert "certbot" in optional
    locked = read_locked_versions(CERTBOT_LOCK.read_text())
    assert {**required, **locked} == {**required, **optional}
    (release,) = ec2.glob("*.tar.gz")
    with tarfile.open(release) as archive:
        names = {Path(name).name for name in archive.getnames()}
    assert {"serve.lock", "certbot.lock"} <= names


def test_the_page_lists_the_runtime_and_its_own_model(tiny: Tiny, tmp_path: Path, ort_web: Path) -> None:
    deploy(tiny.run, tmp_path / "page", "browser", DeployOptions(ort_web=ort_web))
    found = read(tmp_path / "page")
    by_ref = {one["bom-ref"]: one for one in found["components"]}
    assert set(digests(by_ref[f"pkg:npm/onnxruntime-web@{VERSION}"])) == set(HASHES.values())
    (model,) = (tmp_path / "page").glob("static/*/model.onnx")
    assert digests(by_ref["model"]) == [sha256(model.read_bytes()).hexdigest()]


def test_the_same_kit_has_the_same_list_and_another_has_another(
    docker: Path, ec2: Path, tiny: Tiny, tmp_path: Path
) -> None:
    deploy(tiny.run, tmp_path / "again", "docker", DeployOptions())
    assert (tmp_path / "again" / BILL).read_bytes() == (docker / BILL).read_bytes()
    assert read(ec2)["serialNumber"] != read(docker)["serialNumber"]


def test_a_lock_is_read_with_its_hashes() -> None:
    one, two = "0" * 64, "1" * 64
    first, second = (f"    --hash=sha256:{digest}" for digest in (one, two))
    text = f"# a lock\n\nattrs==26.1.0 \\\n{first}\nzipp==4.0 \\\n{first} \\\n{second}\n"
    assert read_locks(text.encode()) == [("attrs", "26.1.0", [one]), ("zipp", "4.0", [one, two])]
