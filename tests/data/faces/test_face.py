"""The cut of a face follows from its eyes: level, as large as they are apart, within the photo."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing import drawn
from whatsit.data.faces.face import SIDE, FoundFace, choose_search_size, face_in, face_of
from whatsit.image import Pixels, UnreadablePhoto, encode_jpeg

WIDTH, HEIGHT = 1000, 800
PLACES = st.tuples(st.floats(400, 600), st.floats(350, 450))


def cut(face: FoundFace) -> tuple[float, float, float, float]:
    """The box in pixels."""
    box = face.box
    return box.left * WIDTH, box.top * HEIGHT, box.right * WIDTH, box.bottom * HEIGHT


@given(PLACES, st.floats(10, 60), st.floats(-math.pi, math.pi))
def test_a_face_is_cut_square_below_its_eyes_whichever_way_it_is_turned(middle, apart, turn):
    way = np.array([math.cos(turn), math.sin(turn)]) * apart / 2
    face = face_of(np.array(middle) - way, np.array(middle) + way, 99, WIDTH, HEIGHT)
    left, top, right, bottom = cut(face)
    assert right - left == pytest.approx(2.7 * apart)
    assert bottom - top == pytest.approx(2.7 * apart)
    assert math.remainder(face.box.turn - math.degrees(turn), 360) == pytest.approx(0, abs=1e-6)
    down = np.array([-math.sin(turn), math.cos(turn)])  # away from the forehead
    centre = np.array([left + right, top + bottom]) / 2
    assert centre == pytest.approx(np.array(middle) + 0.45 * apart * down)


def test_eyes_are_shares_of_the_photo_and_the_score_of_its_longer_side():
    face = face_of((400, 200), (500, 240), 250, WIDTH, HEIGHT)
    assert face.eyes == ((0.4, 0.25), (0.5, 0.3))
    assert face.score == 0.25
    assert face_of((40, 20), (50, 20), 250, HEIGHT, WIDTH).score == 0.25


def test_a_face_at_the_edge_is_cut_at_the_edge():
    near = face_of((10, 10), (110, 10), 99, WIDTH, HEIGHT).box
    assert (near.left, near.top) == (0, 0)
    far = face_of((890, 790), (990, 790), 99, WIDTH, HEIGHT).box
    assert (far.right, far.bottom) == (1, 1)
    assert far.left == pytest.approx((940 - 135) / WIDTH)


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(1280, 640, (320, 640)), (640, 640, (640, 640)), (100, 200, (640, 320)), (1, 1, (640, 640))],
)
def test_photos_are_searched_at_one_size_small_ones_enlarged(width, height, size):
    assert choose_search_size(width, height) == size


class Looking:
    """A detector that notes what it was shown."""

    crop, content = "face-test", b""

    def find(self, pixels: Pixels) -> list[FoundFace]:
        self.seen = pixels
        return [face_of((1, 1), (2, 1), 3, 4, 4)]


def test_a_photo_is_shown_to_the_detector_upright_at_the_size_of_the_search():
    detector = Looking()
    faces = face_in(encode_jpeg(drawn(40, 80), orientation=6), detector)
    assert len(faces) == 1
    assert detector.seen.shape == (SIDE, SIDE // 2, 3)
    with pytest.raises(UnreadablePhoto):
        face_in(b"no photo", detector)
