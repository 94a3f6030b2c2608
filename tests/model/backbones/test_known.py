"""Networks known by name: each says whose it is, how large, and where its weights come from."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from whatsit.model.backbones.known import BACKBONES, DEFAULT, HubFile, Package
from whatsit.training import backbones

EVERY = pytest.mark.parametrize("name", list(BACKBONES))


@EVERY
def test_a_network_says_what_it_is_good_for_and_under_which_licence(name):
    known = BACKBONES[name]
    assert "ImageNet" in known.purpose
    assert re.search(r"Apache|BSD|MIT", known.licence)
    assert 200 <= known.size < (known.larger or 1000)
    assert known.files
    assert len(set(known.files)) == len(known.files)


@EVERY
def test_weights_are_pinned_to_the_byte_or_told_apart_by_their_file(name):
    source = BACKBONES[name].source
    if isinstance(source, Package):
        assert re.fullmatch(r"[0-9a-f]{64}", source.sha256)
        assert re.fullmatch(rf"[a-z-]+{name}-[a-z-]+==[0-9.]+", source.requirement)
        assert source.requirement.partition("==")[0].replace("-", "_") == source.module
        assert Path(source.file).name in BACKBONES[name].files
        assert source.sha256[:8] in source.file
    else:
        assert isinstance(source, HubFile)
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", source.repository)
        assert source.file.endswith(".safetensors")
    assert 10_000_000 < source.bytes < 1_000_000_000


@EVERY
def test_a_network_that_needs_torch_has_its_layers_in_torch_and_the_others_need_none(name):
    folder = Path(backbones.__file__).parent
    assert (folder / f"{name}.py").exists() == BACKBONES[name].needs_torch


@EVERY
def test_a_network_in_torch_is_shown_photos_that_its_strides_divide(name):
    if BACKBONES[name].needs_torch:
        assert BACKBONES[name].size % 32 == 0
        assert (BACKBONES[name].larger or 0) % 32 == 0


def test_the_default_needs_no_torch_and_comes_as_a_package():
    assert not BACKBONES[DEFAULT].needs_torch
    assert isinstance(BACKBONES[DEFAULT].source, Package)


def test_the_weights_of_an_installed_package_are_the_ones_that_are_pinned():
    import hashlib

    checked = 0
    for known in BACKBONES.values():
        spec = importlib.util.find_spec(known.source.module) if isinstance(known.source, Package) else None
        if spec is None or not spec.submodule_search_locations:
            continue
        assert isinstance(known.source, Package)
        file = Path(next(iter(spec.submodule_search_locations))) / known.source.file
        assert file.stat().st_size == known.source.bytes
        with file.open("rb") as content:
            assert hashlib.file_digest(content, "sha256").hexdigest() == known.source.sha256
        checked += 1
    if not checked:
        pytest.skip("no package of weights is installed")
