"""What is published: a wheel that works without this folder, and a source distribution that can test itself."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from models import COLOURS
from whatsit.image import encode_png
from whatsit.version import __version__

ROOT = Path(__file__).parents[1]
HOME_PAGE = "https://example.org/me/whatsit"
LINK = re.compile(r"\]\(([^)\s]+)\)")


def surroundings(**more: str) -> dict[str, str]:
    """The environment without what leads to this folder."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more


def call(*command: str | Path, folder: Path, **more: str) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=surroundings(**more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both, the wheel made from the source distribution."""
    for needed in ("build", "hatchling", "twine"):
        pytest.importorskip(needed)
    out = tmp_path_factory.mktemp("dist")
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT)
    call(*command, folder=out, WHATSIT_HOME_PAGE=HOME_PAGE)
    return out


def metadata_of(built: Path) -> Message:
    (wheel,) = built.glob("*.whl")
    with ZipFile(wheel) as files:
        name = next(name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        return BytesParser().parsebytes(files.read(name))


@pytest.mark.slow
def test_a_package_index_takes_both(built: Path) -> None:
    said = call(sys.executable, "-m", "twine", "check", "--strict", *built.iterdir(), folder=built)
    assert said.count("PASSED") == 2


@pytest.mark.slow
def test_the_links_of_the_readme_lead_to_files_of_its_version(built: Path) -> None:
    stated = metadata_of(built)
    addresses = dict(line.split(", ") for line in stated.get_all("Project-URL", []))
    assert addresses["Homepage"] == HOME_PAGE
    links = LINK.findall(str(stated.get_payload()))
    assert len(links) > 15
    for link in links:
        assert link.startswith(("https://", "#")), link
        if link.startswith(HOME_PAGE):
            place = link.removeprefix(f"{HOME_PAGE}/blob/v{__version__}/").partition("#")[0]
            assert (ROOT / place).is_file(), link


@pytest.mark.slow
def test_the_source_distribution_tests_itself(built: Path, tmp_path: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as files:
        files.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    tests = ("tests/test_words.py", "tests/test_records.py", "tests/test_imports.py", "tests/test_dependencies.py")
    call(sys.executable, "-m", "pytest", "-q", *tests, folder=folder)
    call(sys.executable, "docs/generate.py", "--check", folder=folder, PYTHONPATH=str(folder / "src"))
    call(sys.executable, "docs/generate.py", folder=folder, PYTHONPATH=str(folder / "src"))
    call(sys.executable, "-m", "mkdocs", "build", "--strict", folder=folder, NO_MKDOCS_2_WARNING="1")
    assert (folder / "site" / "index.html").is_file()
    assert {"Makefile", "mkdocs.yml", "constraints.txt", "benchmarks", "Dockerfile"} <= {
        one.name for one in folder.iterdir()
    }
    assert not list(folder.rglob("node_modules"))


@pytest.mark.slow
def test_the_wheel_trains_and_answers_in_an_environment_of_its_own(built: Path, tmp_path: Path) -> None:
    """Its libraries are those of this environment; that they are declared is tested in test_dependencies.py."""
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "clean"
    venv.create(place, with_pip=True, symlinks=True)
    python = place / "bin" / "python"
    call(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, folder=tmp_path)
    packages = next((place / "lib").glob("python*/site-packages"))
    (packages / "libraries.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    lies_at = call(python, "-c", "import whatsit; print(whatsit.__file__)", folder=tmp_path)
    assert lies_at.startswith(str(packages))
    whatsit = place / "bin" / "whatsit"
    assert call(whatsit, "--version", folder=tmp_path).strip() == __version__
    random = np.random.default_rng(0)
    for label, colour in COLOURS.items():
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(20):
            pixels = np.clip(random.normal(colour, 20, (24, 24, 3)), 0, 255).astype(np.uint8)
            (tmp_path / "photos" / label / f"{number}.png").write_bytes(encode_png(pixels))
    call(whatsit, "train", "photos", "--recipe", "classical", "--name", "colours", folder=tmp_path)
    said = call(whatsit, "predict", "runs/colours", "photos/red/0.png", "--json", folder=tmp_path)
    assert '"label": "red"' in said
    call(whatsit, "export", "runs/colours", "--to", "onnx-ort", "--into", "out", folder=tmp_path)
    assert '"label": "red"' in call(python, "out/use.py", "photos/red/0.png", folder=tmp_path)


@pytest.fixture(scope="module")
def wheelhouse(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels of all that the package needs, and of what builds it."""
    house = tmp_path_factory.mktemp("wheelhouse")
    (wheel,) = built.glob("*.whl")
    fetch = (sys.executable, "-m", "pip", "download", "--quiet", "--constraint", ROOT / "constraints.txt")
    try:
        call(*fetch, "--dest", house, wheel, "hatchling", "pip", "setuptools", folder=built)
    except AssertionError as error:
        pytest.skip(f"the package index cannot be reached: {error}")
    return house


def from_files(house: Path, tmp_path: Path) -> dict[str, str]:
    """The environment for installers that keep to a folder of wheels, and put things into another."""
    places = {name: str(tmp_path / name.lower()) for name in ("PIPX_HOME", "PIPX_BIN_DIR", "PIPX_MAN_DIR")}
    places |= {name: str(tmp_path / name.lower()) for name in ("UV_TOOL_DIR", "UV_TOOL_BIN_DIR", "UV_CACHE_DIR")}
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(house), "PIP_CONFIG_FILE": os.devnull}
    offline |= {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(house), "UV_NO_CONFIG": "1", "UV_PYTHON": sys.executable}
    return places | offline | {"HOME": str(tmp_path), "PIPX_DEFAULT_PYTHON": sys.executable}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_pipx_and_uv_install_it(built: Path, wheelhouse: Path, tmp_path: Path, kind: str) -> None:
    (package,) = built.glob(kind)
    tools = Path(sysconfig.get_path("scripts"))
    pipx, uv = (shutil.which(name, path=str(tools)) for name in ("pipx", "uv"))
    if pipx is None or uv is None:
        pytest.skip("needs pipx and uv")
    environment = from_files(wheelhouse, tmp_path)
    call(uv, "tool", "install", package, folder=tmp_path, **environment)
    assert call(tmp_path / "uv_tool_bin_dir" / "whatsit", "--version", folder=tmp_path).strip() == __version__
    assert call(uv, "tool", "run", "--from", package, "whatsit", "--version", folder=tmp_path, **environment) == (
        f"{__version__}\n"
    )
    call(pipx, "install", package, folder=tmp_path, **environment)
    installed = tmp_path / "pipx_bin_dir" / "whatsit"
    assert call(installed, "--version", folder=tmp_path).strip() == __version__
    if kind == "*.whl":
        said = call(installed, "demo", folder=tmp_path, WHATSIT_CACHE=str(tmp_path / "cache"))
        assert "runs" in said or (tmp_path / "runs").exists()


@pytest.mark.slow
def test_two_builds_are_the_same_bytes(built: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    dated = {"WHATSIT_HOME_PAGE": HOME_PAGE, "SOURCE_DATE_EPOCH": "1000000000"}
    made = []
    for build in ("first", "second"):
        call(*command, tmp_path / build, ROOT, folder=built, **dated)
        made.append({file.name: file.read_bytes() for file in (tmp_path / build).iterdir()})
    assert made[0] == made[1]
    (wheel,) = (tmp_path / "first").glob("*.whl")
    with ZipFile(wheel) as files:
        assert {one.date_time[:3] for one in files.infolist()} == {(2001, 9, 9)}


def test_the_shell_completes_commands_and_options(tmp_path: Path) -> None:
    if not shutil.which("bash"):
        pytest.skip("needs bash")
    home = {"HOME": str(tmp_path), "SHELL": "/bin/bash", "PYTHONPATH": str(ROOT / "src")}
    command = (sys.executable, "-m", "whatsit", "--install-completion", "--shell", "bash")
    call(*command, folder=tmp_path, **home)
    (script,) = (tmp_path / ".local/share/bash-completion/completions").iterdir()
    ask = (
        f"source {script}; "
        "COMP_WORDS=(whatsit exp); COMP_CWORD=1; _whatsit; echo ${COMPREPLY[@]}; "
        "COMP_WORDS=(whatsit train --rec); COMP_CWORD=2; _whatsit; echo ${COMPREPLY[@]}"
    )
    assert call("bash", "-c", ask, folder=tmp_path).split() == ["export", "--recipe"]


def test_links_become_those_of_a_version() -> None:
    pytest.importorskip("hatchling")
    make_absolute = runpy.run_path(str(ROOT / "tools" / "published.py"))["make_absolute"]
    text = "[a](docs/a.md#b) ![p](docs/p.png) [c](https://c.org) [d](#d) `[e]` [f](mailto:f@example.org)"
    assert make_absolute(text, HOME_PAGE, "v1") == (
        f"[a]({HOME_PAGE}/blob/v1/docs/a.md#b) ![p]({HOME_PAGE}/raw/v1/docs/p.png) [c](https://c.org) [d](#d) "
        "`[e]` [f](mailto:f@example.org)"
    )
