"""sbom.cdx.json: what a kit is made of, as CycloneDX lists it, for whoever has to know what they run.

It says what the kit says: the model, whatsit, and every package of its locks at its version, with the hashes of
the wheels that pip takes for it. It has no time in it, so the same kit has the same list.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from whatsit.deploying.kit import KitFile, Product
from whatsit.deploying.lock import PACKAGES, read_locks
from whatsit.version import __version__

BILL = "sbom.cdx.json"
SPECIFICATION = "1.6"

Component = dict[str, Any]


def write_bill(product: Product, components: Iterable[Component], model: bytes | None = None) -> KitFile:
    """The list of a kit that has these components beside its model.

    model: the model's file, where the kit has another than the run
    """
    digest = product.digest if model is None else sha256(model).hexdigest()
    listed = [
        {
            "type": "machine-learning-model",
            "bom-ref": "model",
            "name": product.name,
            "hashes": _hashes([digest]),
        },
        *components,
    ]
    whole: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "whatsit", "version": __version__}]},
            "component": {"type": "application", "bom-ref": "kit", "name": product.name},
        },
        "components": listed,
        "dependencies": _dependencies(listed),
    }
    content = json.dumps(whole, sort_keys=True)
    whole["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}"
    return KitFile((json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode())


def list_served(wheel: bytes, lock: bytes, beside: bytes = b"") -> list[Component]:
    """whatsit and what it is served with.

    wheel:  that of whatsit
    lock:   of the service's environment; beside: of one beside it, whose packages the service does without
    """
    ours = {
        "type": "application",
        "bom-ref": "whatsit",
        "name": "whatsit",
        "version": __version__,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": _hashes([sha256(wheel).hexdigest()]),
    }
    needed = {(name, version): hashes for name, version, hashes in read_locks(lock)}
    optional = {
        (name, version): hashes for name, version, hashes in read_locks(beside) if (name, version) not in needed
    }
    return [
        ours,
        *(_package(*one, hashes, "required") for one, hashes in needed.items()),
        *(_package(*one, hashes, "optional") for one, hashes in optional.items()),
    ]


def describe_package(kind: str, name: str, version: str, hashes: Iterable[str], scope: str) -> Component:
    """A package of an index, as "pypi" or "npm"; hashes: SHA-256 of each of its files that may be taken."""
    address = f"pkg:{kind}/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "scope": scope,
        "purl": address,
        "hashes": _hashes(hashes),
    }


def _package(name: str, version: str, hashes: Iterable[str], scope: str) -> Component:
    return describe_package("pypi", name, version, hashes, scope)


def _hashes(digests: Iterable[str]) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest} for digest in digests]


def _dependencies(listed: list[Component]) -> list[dict[str, Any]]:
    """What the kit begins with, and what whatsit asks for; what packages ask of each other no lock says."""
    found = [one["bom-ref"] for one in listed]
    direct = [one["bom-ref"] for one in listed if one["name"] in PACKAGES]
    if "whatsit" not in found:
        return [{"ref": "kit", "dependsOn": found}]
    return [{"ref": "kit", "dependsOn": ["model", "whatsit"]}, {"ref": "whatsit", "dependsOn": direct}]
