"""What a file is: a photo with its facts, or a kind of fault and a reason."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit.collecting.download.prove import LEAST_SIDE_PX, prove_file
from whatsit.image import encode_jpeg, encode_png, read_header


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_a_photo_has_its_facts(file: Path) -> None:
    content = encode_jpeg(scene(seed=1))
    file.write_bytes(content)
    header = read_header(content)
    digest = hashlib.sha256(content).hexdigest()
    said = prove_file(file, side_px=0)
    assert said == {
        "kind": "",
        "sha256": digest,
        "kept_sha256": digest,
        "bytes": len(content),
        "width": header.width,
        "height": header.height,
        "format": "JPEG",
    }
    assert file.read_bytes() == content


def test_a_large_photo_is_shrunk_to_its_shorter_side_and_the_original_behind_a_link_stays(tmp_path: Path) -> None:
    drawn = np.random.default_rng(0).integers(0, 256, (200, 400, 3), np.uint8)
    original = tmp_path / "original.png"
    original.write_bytes(encode_png(drawn))
    before = original.read_bytes()
    file = tmp_path / "1.part"
    file.hardlink_to(original)
    said = prove_file(file, side_px=100)
    assert (said["height"], said["width"], said["format"]) == (100, 200, "JPEG")
    assert said["sha256"] == hashlib.sha256(before).hexdigest()
    assert said["kept_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert read_header(file.read_bytes()).height == 100
    assert original.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["1.part", "original.png"]


def test_a_photo_that_is_small_enough_is_left_as_it_is(file: Path) -> None:
    content = encode_jpeg(scene(seed=2))
    file.write_bytes(content)
    assert prove_file(file, side_px=10_000)["kept_sha256"] == hashlib.sha256(content).hexdigest()
    assert file.read_bytes() == content


def icon(side: int) -> bytes:
    return encode_png(np.random.default_rng(1).integers(0, 256, (side, 300, 3), np.uint8))


def flat(levels: int) -> bytes:
    drawn = np.full((100, 100, 3), 90, np.uint8)
    drawn[:50] += np.uint8(levels)
    return encode_png(drawn)


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (encode_jpeg(scene(seed=3))[:-200], "broken", "cut short"),
        (b"<html><title>Please  log in</title>", "not-photo", "a web page, 'Please  log in'"),
        (b"<html>nothing", "not-photo", "not a picture"),
        (b"", "not-photo", "an empty file"),
        (icon(LEAST_SIDE_PX - 1), "too-small", "300 × 63 pixels"),
        (icon(LEAST_SIDE_PX), "", ""),
        (flat(2), "blank", "one flat colour"),
        (flat(3), "", ""),
    ],
)
def test_what_is_no_photo_to_keep_is_named_and_why(content: bytes, kind: str, reason: str, file: Path) -> None:
    file.write_bytes(content)
    said = prove_file(file, side_px=0)
    assert said["kind"] == kind
    assert reason in said.get("reason", "")
