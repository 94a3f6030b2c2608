"""What cleaning holds in memory of each photo, beside its name and what lies in mapped files."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from whatsit.cleaning.check import Survey
from whatsit.cleaning.looks import RECORD
from whatsit.cleaning.remember import remember_photos
from whatsit.data.catalog import open_catalog
from whatsit.data.dataset import dataset_of
from whatsit.data.photos import Files
from whatsit.mapped import map_file

FEW, MANY = 4000, 16_000


def drawn_survey(folder: Path, photos: int) -> Survey:
    """What would have been measured of photos that are not there, each unlike all others."""
    random = np.random.default_rng(photos)
    names = sorted(f"{'ab'[number % 2]}/{number:06}.jpg" for number in range(photos))
    records = np.zeros(photos, RECORD)
    records["sha256"] = random.integers(0, 256, (photos, 32))
    records["low"] = random.normal(0, 50, (photos, 8, 8))
    records["thumb"] = random.integers(0, 256, (photos, 16, 16))
    records["width"] = records["height"] = 300
    records["format"] = b"JPEG"
    folder.mkdir()
    records.tofile(folder / "records")
    dataset = dataset_of("drawn", Files(folder, names), [name[0] for name in names], root=folder)
    survey = Survey(dataset, map_file(folder / "records", RECORD, (photos,)), np.arange(photos))
    assert len(survey.names) == photos  # kept with the survey
    return survey


def highest(work: Callable[[], object]) -> int:
    """The most bytes that were held while work was done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bytes_a_photo(tmp_path: Path, work: Callable[[Survey], int]) -> float:
    few, many = (work(drawn_survey(tmp_path / str(photos), photos)) for photos in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def test_duplicates_are_looked_for_without_what_was_looked_at_in_memory(tmp_path: Path) -> None:
    found = bytes_a_photo(tmp_path, lambda survey: highest(lambda: survey.duplicates))
    assert found < 200


@pytest.mark.parametrize("times", [1, 2], ids=["new", "known"])
def test_photos_are_remembered_one_after_the_other(tmp_path: Path, times: int) -> None:
    def remember(survey: Survey) -> int:
        assert survey.dataset.root is not None
        with open_catalog(survey.dataset.root) as catalog:
            for _ in range(times):
                found = highest(lambda: remember_photos(catalog, survey))
            assert len(catalog.photos()) == len(survey)
        return found

    found = bytes_a_photo(tmp_path, remember)
    assert found < 200
