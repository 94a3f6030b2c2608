"""A kit: a folder that puts a run online. What kits share: options, files, how they are written."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from whatsit import clock
from whatsit.errors import UserError
from whatsit.files import read_json, remove, sha256_of, write_bytes, write_json
from whatsit.model.facts.file import ModelFacts
from whatsit.version import __version__

FILES = Path(__file__).parent / "files"
MARK = "kit.json"
FORMAT = 1
_SLOT = re.compile(r"@([A-Z0-9_]+)@")


@dataclass(frozen=True)
class DeployOptions:
    """How a run goes online. The defaults ask for nothing that is not there yet."""

    title: str = "What is it?"
    "The heading of the page."

    domain: str = ""
    "The name people will type, as in birds.example.org; then the ec2 kit gets a certificate for it."

    bucket: str = ""
    "The bucket that the ec2 kit is put into (else asked for when it goes online)."

    region: str = ""
    "The region of the ec2 kit, as in eu-central-1 (else asked for when it goes online)."

    ort_web: Path | None = None
    "The folder of the npm package onnxruntime-web, for the browser kit (else downloaded, and checked)."

    def __post_init__(self) -> None:
        _must_match("domain", self.domain, r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+", "birds.example.org")
        _must_match("bucket", self.bucket, r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "my-models")
        _must_match("region", self.region, r"[a-z]{2}(-[a-z]+)+-\d", "eu-central-1")


@dataclass(frozen=True)
class Product:
    """What goes online: a model file with its facts, under a name, and the page that asks it.

    page: an HTML page given the address of an asset by its name, and whether a server answers behind it
    """

    name: str
    model: bytes
    facts: ModelFacts
    page: Callable[[Callable[[str], str], bool], str]

    @property
    def digest(self) -> str:
        """The SHA-256 of the model file."""
        return sha256(self.model).hexdigest()


@dataclass(frozen=True)
class KitFile:
    """A file of a kit; a program is one that is run."""

    content: bytes
    is_program: bool = False


Kit = Mapping[str, KitFile]  # path within the kit → file
MakeKit = Callable[[Product, DeployOptions], Kit]


def fill_template(template: str, values: Mapping[str, str], is_program: bool = False) -> KitFile:
    """A file of FILES with every @NAME@ in it filled in; KeyError where a value is missing."""
    text = (FILES / template).read_text(encoding="utf-8")
    return KitFile(_SLOT.sub(lambda slot: values[slot[1]], text).encode(), is_program)


def write_kit(kit: Kit, out: Path, kind: str, product: Product) -> None:
    """Write a kit's files to `out`, whole or not at all; a kit of ours that nobody changed is replaced.

    Raises UserError where `out` has something else in it.
    """
    refuse_foreign(out)
    part = out.with_name(f".{out.absolute().name}.part")
    remove(part)
    for name, file in kit.items():
        write_bytes(part / name, file.content)
        (part / name).chmod(0o755 if file.is_program else 0o644)
    listed = {name: sha256(file.content).hexdigest() for name, file in sorted(kit.items())}
    mark = {"format": FORMAT, "kit": kind, "whatsit": __version__, "name": product.name}
    write_json(part / MARK, {**mark, "model": product.digest, "files": listed})
    remove(out)
    part.rename(out)


def zip_kit(kit: Path, out: Path) -> None:
    """Write the files of a kit to a .zip; where SOURCE_DATE_EPOCH is set, the same kit is the same bytes."""
    stamp = clock.zip_stamp()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(path for path in kit.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(kit).as_posix(), stamp)
            entry.external_attr = (0o755 if file.stat().st_mode & 0o100 else 0o644) << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def refuse_foreign(out: Path) -> None:
    """Raise UserError where a folder holds anything but an unchanged kit."""
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir() or out.is_symlink():
        raise UserError(f"{str(out)!r} is no folder.", hint="Name a folder that is not there yet.")
    there = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if not path.is_dir()}
    if not there:
        return
    mark = read_json(there.pop(MARK)) if MARK in there else {}
    listed = mark.get("files", {}) if isinstance(mark, dict) else {}
    for name, path in sorted(there.items()):
        if name not in listed or not path.is_file() or listed[name] != sha256_of(path):  # others are not opened
            raise UserError(
                f"{str(out)!r} has something else in it: {name!r}.",
                hint="Name a folder that is not there yet, or empty this one.",
            )


def _must_match(name: str, value: str, pattern: str, example: str) -> None:
    if value and not re.fullmatch(pattern, value):
        raise UserError(f"--{name} {value!r} is no {name}.", hint=f"Write it as in {example}")
