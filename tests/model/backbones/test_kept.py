"""Graphs of pretrained networks: made once, kept, made again where damaged, refused where nobody can make one."""

from __future__ import annotations

from pathlib import Path

import pytest

from whatsit.errors import UserError
from whatsit.files import cache_dir
from whatsit.image import Size
from whatsit.model.backbones.find import Backbone
from whatsit.model.backbones.kept import load_kept_graph

NET = Backbone("owner/net", Path("nowhere"), "0123456789abcdef" * 4, (32, 32), "MIT")


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))


def test_a_graph_is_made_once_for_a_size_and_needs_nobody_afterwards() -> None:
    made: list[Size] = []

    def convert(_backbone: Backbone, size: Size) -> bytes:
        made.append(size)
        return f"graph for {size}".encode()

    first = load_kept_graph(NET, (32, 32), convert)
    assert load_kept_graph(NET, (32, 32), convert) == load_kept_graph(NET, (32, 32)) == first
    assert load_kept_graph(NET, (64, 32), convert) != first
    assert made == [(32, 32), (64, 32)]


def test_a_damaged_graph_is_made_again() -> None:
    load_kept_graph(NET, (32, 32), lambda _backbone, _size: b"whole")
    (file,) = (cache_dir() / "backbones").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert load_kept_graph(NET, (32, 32), lambda _backbone, _size: b"again") == b"again"
    assert load_kept_graph(NET, (32, 32)) == b"again"


def test_without_a_graph_and_without_a_way_to_make_one_it_says_how_to_get_it() -> None:
    with pytest.raises(UserError, match=r"owner/net was not used for photos of 48 × 32 on this machine") as caught:
        load_kept_graph(NET, (32, 48))
    assert "--backbone owner/net" in caught.value.hint
