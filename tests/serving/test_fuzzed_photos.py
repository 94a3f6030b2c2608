"""Photos gone wrong are answered or refused, whatever is wrong with them, and leave nothing behind."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from mutations import KINDS, drawn

from serving import Site, form

PHOTOS = 400  # ten thousand by `benchmarks/serve.py fuzz`


def test_no_photo_gone_wrong_is_a_bug(site: Site) -> None:
    seen: Counter[int] = Counter()
    for seed in range(PHOTOS):
        reply = site.post("/api/predict", drawn(seed), "application/octet-stream")
        assert reply.status in (200, 400, 422), f"seed {seed}: {reply}"
        if reply.status != 200:
            assert set(reply.json) == {"error", "hint"}
        seen[reply.status] += 1
    assert min(seen[200], seen[422]) > PHOTOS / 10
    assert site.service.bodies.held == 0
    assert site.service.lanes.taken == 0


@pytest.mark.slow
def test_nor_in_a_form(site: Site) -> None:
    for seed in range(0, 40):
        body, kind = form(*(("photo", f"{n}.jpg", drawn(1000 + 8 * seed + n)) for n in range(8)))
        reply = site.post("/api/predict", body, kind)
        assert reply.status == 200
        assert len(reply.json["answers"]) == 8


def test_every_kind_is_drawn() -> None:
    assert len({drawn(seed)[:4] for seed in range(PHOTOS)}) > len(KINDS)


def test_awkward_real_photos_are_answered_or_refused(site: Site) -> None:
    data = os.environ.get("WHATSIT_DATA")
    if not data or not Path(data, "odd-images").is_dir():
        pytest.skip("needs odd-images in $WHATSIT_DATA")
    for file in sorted(Path(data, "odd-images").iterdir()):
        reply = site.post("/api/predict", file.read_bytes())
        assert reply.status in (200, 400, 413, 422), file.name
