"""Write serve.lock, faces.lock and certbot.lock in src/whatsit/deploying: pinned, with their wheels' hashes.

Run it with a pip from 24 on: python tools/relock.py
It asks pip what it would install on every machine that a kit may be put on, within constraints.txt.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "src"))

from whatsit.deploying.lock import (  # noqa: E402
    CERTBOT_LOCK,
    CERTBOT_PACKAGES,
    FACES_LOCK,
    FACES_PACKAGES,
    LOCK,
    MACHINES,
    PACKAGES,
    PYTHONS,
)

Found = dict[tuple[str, str], set[str]]  # (package, version) → SHA-256 of its wheels


def main() -> None:
    serving = over_machines(PACKAGES)
    faces = over_machines((*PACKAGES, *FACES_PACKAGES))
    LOCK.write_text(lock_text("what `whatsit serve` needs, and nothing that trains", serving), encoding="utf-8")
    more = {package: digests for package, digests in faces.items() if package not in serving}
    FACES_LOCK.write_text(lock_text("what a model of faces needs beside serve.lock", more), encoding="utf-8")
    certbot = lock_text("what fetches certificates, in an environment of its own", over_machines(CERTBOT_PACKAGES))
    CERTBOT_LOCK.write_text(certbot, encoding="utf-8")


def over_machines(packages: tuple[str, ...]) -> Found:
    """What pip would install for these, on every Python and machine that a kit may be put on."""
    found: Found = defaultdict(set)
    for python in PYTHONS:
        for machine in MACHINES:
            print(f"Python {python} on {machine}", file=sys.stderr)
            for name, version, digest in resolved(python, machine, packages):
                found[name, version].add(digest)
    versions = [name for name, _ in found]
    if len(set(versions)) != len(versions):
        sys.exit(f"A package has two versions over the machines: {sorted(found)}")
    return found


def resolved(python: str, machine: str, packages: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(name, version, SHA-256 of the wheel) of everything pip would install there."""
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in (28, 27, 17)] + [f"manylinux2014_{machine}"]
    with tempfile.TemporaryDirectory() as target:
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed"]
        command += ["--only-binary=:all:", "--target", target, "--python-version", python]
        command += [f"--platform={platform}" for platform in platforms]
        command += ["--constraint", str(ROOT / "constraints.txt"), "--report", f"{target}/report.json", *packages]
        subprocess.run(command, check=True)
        report = json.loads(Path(f"{target}/report.json").read_text(encoding="utf-8"))
    return [
        (
            entry["metadata"]["name"].lower().replace("_", "-"),
            entry["metadata"]["version"],
            entry["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for entry in report["install"]
    ]


def lock_text(purpose: str, found: Found) -> str:
    lines = [f"# Written by tools/relock.py: {purpose}.", ""]
    for (name, version), digests in sorted(found.items()):
        hashes = " \\\n".join(f"    --hash=sha256:{digest}" for digest in sorted(digests))
        lines.append(f"{name}=={version} \\\n{hashes}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
