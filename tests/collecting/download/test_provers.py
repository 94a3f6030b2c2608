"""Processes that prove files: whatever a file does to one, the next file is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from photos import scene
from whatsit.collecting.download.provers import Provers
from whatsit.image import encode_jpeg


def test_files_are_proven_side_by_side_each_with_its_own_answer(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(encode_jpeg(scene(seed=1)))
    bad.write_bytes(b"no photo at all")

    async def ask() -> list[str]:
        async with Provers(count=2) as provers:
            files = [good, bad, good, bad, tmp_path / "gone"]
            return [said["kind"] for said in await asyncio.gather(*map(provers.verdict, files))]

    assert asyncio.run(ask()) == ["", "not-photo", "", "not-photo", "file"]


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    photo = tmp_path / "photo"
    photo.write_bytes(encode_jpeg(scene(seed=1)))

    async def ask() -> list[dict[str, str]]:
        async with Provers(count=1, too_long_s=0.001) as provers:  # no process has even begun by then
            return [await provers.verdict(photo), await provers.verdict(photo)]

    assert asyncio.run(ask()) == 2 * [{"kind": "not-photo", "reason": "it takes longer than 0 s to decode"}]


def test_a_file_that_ends_the_process_is_refused_and_the_next_is_answered(tmp_path: Path) -> None:
    photo = tmp_path / "photo"
    photo.write_bytes(encode_jpeg(scene(seed=1)))

    async def ask() -> list[dict[str, str]]:
        async with Provers(count=1) as provers:
            crashed = await provers.verdict(photo, side_px="x")  # type: ignore[arg-type]  # it ends by a TypeError
            return [crashed, await provers.verdict(photo)]

    crashed, after = asyncio.run(ask())
    assert crashed == {"kind": "not-photo", "reason": "it crashes the decoder"}
    assert after["kind"] == ""
