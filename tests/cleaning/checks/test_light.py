"""Photos in which nothing is dark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from checked import found, seen
from photos import scene
from whatsit.cleaning.checks import light
from whatsit.image import encode_png


def test_a_foggy_photo_is_light(folder: Path) -> None:
    (folder / "dog" / "fog.png").write_bytes(encode_png(220 + scene(seed=51) // 8))
    assert list(found(folder, "light")) == ["dog/fog.png"]


@pytest.mark.parametrize(("shadow", "value"), [(0, 240), (2, 20)])
def test_a_photo_is_as_light_as_its_darkest_hundredth(shadow: int, value: int) -> None:
    picture = np.full((100, 100, 3), 240)
    picture[:shadow] = 20
    assert light.measure(seen(picture)) == pytest.approx(value, abs=0.1)
