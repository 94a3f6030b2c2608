"""The files beside the pages."""

from __future__ import annotations

import gzip
import hashlib
import re

import pytest

from whatsit.web.assets import FOLDER, address, extract_colours, read_assets, version


def test_the_colours_are_those_of_the_style_light_and_dark_and_nothing_else() -> None:
    found = extract_colours()
    assert found in read_assets()["whatsit.css"].content.decode()
    assert found.count("--ground:") == 2
    assert "prefers-color-scheme: dark" in found
    assert found.count("{") == found.count("}") == 3


def test_every_style_script_and_icon_is_there_whole_and_packed() -> None:
    files = {file.name: file for file in FOLDER.rglob("*") if file.suffix in (".css", ".js", ".svg")}
    assert read_assets().keys() == files.keys()
    for name, asset in read_assets().items():
        assert asset.content == files[name].read_bytes()
        assert gzip.decompress(asset.packed) == asset.content
    kinds = {name.rpartition(".")[2]: asset.media_type for name, asset in read_assets().items()}
    assert kinds == {
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }


def test_an_address_holds_the_version_of_all_files_together() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", version())
    assert address("whatsit.css") == f"/static/{version()}/whatsit.css"


def test_a_page_cannot_point_at_a_file_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="whatever"):
        address("whatever.css")


def test_the_script_of_others_is_the_one_that_is_named() -> None:
    """preact/standalone.module.js of the npm package htm 3.1.1; its licences stand in preact.txt beside it."""
    digest = "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7"
    assert hashlib.sha256(read_assets()["preact.js"].content).hexdigest() == digest
    assert "MIT" in (FOLDER / "studio" / "preact.txt").read_text(encoding="utf-8")
