"""What a server needs, whatever it runs on."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from models import Tiny
from whatsit.deploying.kit import Product
from whatsit.deploying.lock import FACES_LOCK, LOCK
from whatsit.deploying.release import build_release, write_nginx_headers
from whatsit.deploying.wheel import build_wheel, wheel_name
from whatsit.web.assets import address, read_answering, read_assets
from whatsit.web.security import HEADERS, page_policy


@pytest.fixture
def product(tiny: Tiny) -> Product:
    def page(asset: Callable[[str], str], has_server: bool) -> str:
        return f"{asset('whatsit.css')} {has_server}"

    return Product("colours", b"a model", tiny.model.facts, page)


def test_it_has_the_model_the_program_and_what_to_install(product: Product) -> None:
    files = build_release(product)
    assert files["model/colours/model.onnx"].content == b"a model"
    assert files[wheel_name()].content == build_wheel()
    assert files["serve.lock"].content == LOCK.read_bytes()
    assert not any(file.is_program for file in files.values())


def test_a_model_of_faces_brings_what_finds_them(product: Product) -> None:
    of_faces = replace(product, facts=replace(product.facts, crop="face"))
    assert build_release(of_faces)["serve.lock"].content.endswith(FACES_LOCK.read_bytes())


def test_the_page_lies_there_with_its_files_where_it_looks_for_them(product: Product) -> None:
    files = build_release(product)
    assert files["page/index.html"].content.decode() == f"{address('whatsit.css')} True"
    for name, asset in read_answering().items():
        assert files[f"page{address(name)}"].content == asset.content
        assert gzip.decompress(files[f"page{address(name)}.gz"].content) == asset.content
    of_review = read_assets().keys() - read_answering().keys()
    assert "review.js" in of_review
    assert not [name for name in files if name.rpartition("/")[2].removesuffix(".gz") in of_review]


def test_nginx_sends_the_headers_that_the_server_does() -> None:
    lines = dict(re.findall(r'^add_header (\S+) "(.*)" always;$', write_nginx_headers(), re.MULTILINE))
    assert lines.pop("content-security-policy") == page_policy()
    assert lines == {name.decode(): value.decode() for name, value in HEADERS}
