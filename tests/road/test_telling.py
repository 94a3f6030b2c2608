"""What training says of the photos that it reads."""

from __future__ import annotations

import pytest

from models import colours
from whatsit import events
from whatsit.road.telling import tell_data


@pytest.mark.parametrize(("photos", "said"), [(3, "3 classes, 1 photo each"), (6, "3 classes, 2 photos each")])
def test_of_one_photo_it_speaks_in_the_singular(photos: int, said: str) -> None:
    heard: list[events.Event] = []
    with events.listening(heard.append):
        tell_data(colours(photos))
    assert [one.text for one in heard if isinstance(one, events.Note)] == [f"Reading colours: {said}."]
