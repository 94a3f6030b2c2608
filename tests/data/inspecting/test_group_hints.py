"""Groups that nobody said are proposed by names and judged by looks; and what keeping them together changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whatsit.data.dataset import Dataset
from whatsit.data.inspecting.group_effect import measure_group_effect
from whatsit.data.inspecting.group_hints import find_group_hint
from whatsit.data.pixels import Decoded, decode_photos
from whatsit.data.readers import read
from whatsit.data.splitting.grouping import keep_together
from whatsit.image import encode_png

GROUPS, PHOTOS = 6, 5  # of each class, of each group


def draw(root: Path, name: str, alike: bool) -> Path:
    """Two classes of groups of photos, each photo its group's picture (or one of its own) with some noise.

    name: of a file, with places for the class, the group and the photo
    """
    for label in range(2):
        for group in range(GROUPS):
            for at in range(PHOTOS):
                seed = 100 * label + group if alike else 1000 + 100 * label + 10 * group + at
                base = np.random.default_rng(seed).integers(0, 200, (4, 4, 3)).repeat(8, 0).repeat(8, 1)
                noise = np.random.default_rng(10_000 + seed * 10 + at).normal(0, 12, base.shape)
                path = root / name.format(label="ab"[label], group=f"{group:02}{'xy'[label]}", at=at * 3)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(encode_png(np.clip(base + noise, 0, 255).astype(np.uint8)))
    return root


def seen(path: Path) -> tuple[Dataset, Decoded]:
    return decode_photos(read(path), (32, 32))


NAMES = {
    "{label}/{group}/{at}.png": "folder",
    "{label}/{group}_{at}.png": "^([0-9]+[A-Za-z]+)_",
    "{label}/plant-{group}-{at}.png": "^([A-Za-z]+-[0-9]+[A-Za-z]+)-",
    "{label}/s{group} ({at}).png": "^([A-Za-z]+[0-9]+[A-Za-z]+) \\(",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_whose_photos_look_alike_are_said_with_the_option_that_keeps_them_together(tmp_path, name):
    dataset, decoded = seen(draw(tmp_path, name, alike=True))
    hint = find_group_hint(dataset, decoded)
    assert hint is not None
    assert hint.rule.startswith(NAMES[name])
    assert hint.alike > 0.9 > 0.3 > hint.chance
    assert hint.rule in str(hint)
    kept = keep_together(dataset, hint.rule)
    assert find_group_hint(kept, decoded) is None  # it was said


@pytest.mark.parametrize("name", NAMES)
def test_names_whose_photos_do_not_look_alike_are_no_groups(tmp_path, name):
    assert find_group_hint(*seen(draw(tmp_path, name, alike=False))) is None


def test_copies_are_no_evidence_of_groups(tmp_path):
    folder = draw(tmp_path, "{label}/{group}_{at}.png", alike=False)
    for file in sorted(folder.glob("*/*_0.png")):
        for at in range(PHOTOS):
            file.with_name(file.name.replace("_0", f"_{at * 3}")).write_bytes(file.read_bytes())
    assert find_group_hint(*seen(folder)) is None


def test_a_figure_without_groups_flatters_where_groups_look_alike(tmp_path):
    dataset, decoded = seen(draw(tmp_path, "{label}/{group}/{at}.png", alike=True))
    kept = keep_together(dataset, "folder")
    effect = measure_group_effect(kept, decoded, kept.groups)
    assert (effect.by, effect.groups, effect.photos) == ("folder", 2 * GROUPS, 2 * GROUPS * PHOTOS)
    assert effect.apart > 0.9
    assert effect.together < 0.8
    assert measure_group_effect(dataset, decoded, np.arange(len(dataset))) is None  # nobody said so


def test_nothing_is_compared_where_a_class_is_one_group(tmp_path):
    dataset, decoded = seen(draw(tmp_path, "{label}/{group}/{at}.png", alike=True))
    whole = replace(dataset, groups=dataset.labels, grouped_by="place")
    assert measure_group_effect(whole, decoded, whole.groups) is None
