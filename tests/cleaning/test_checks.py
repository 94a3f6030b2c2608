from __future__ import annotations

from pathlib import Path

import pytest

from checked import found
from whatsit.cleaning.checks import CHECKS

OF_EVERY_PHOTO = [name for name, check in CHECKS.items() if not check.asked_by]


@pytest.mark.parametrize("check", OF_EVERY_PHOTO)
def test_no_check_finds_anything_in_good_photos(folder: Path, check: str) -> None:
    assert found(folder, check) == {}


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_says_what_it_finds(check: str) -> None:
    assert CHECKS[check].help
