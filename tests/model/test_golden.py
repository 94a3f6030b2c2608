"""Golden pictures: the same pixels however they are decoded, and proved by what the file itself says."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.image import RESIZES, decode, encode_jpeg, encode_png, resize_pixels
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.container import seal
from whatsit.model.facts.file import Golden
from whatsit.model.golden import PIXEL_TOLERANCE, draw_golden


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.mark.parametrize("resize", RESIZES)
def test_they_are_the_same_shrunk_by_the_decoder_or_after_it(resize: Any) -> None:
    for side in range(4, 40):
        for kind, file in draw_golden():
            within = decode(file, (side, side), resize).astype(int)
            after = resize_pixels(decode(file), (side, side), resize).astype(int)
            assert np.abs(within - after).max() < PIXEL_TOLERANCE, (kind, side)


def test_turned_or_mirrored_they_are_other_pictures() -> None:
    """So that a decoder that lays photos another way is found out."""
    for _, file in draw_golden():
        whole = decode(file).astype(int)
        for other in (whole[::-1], whole[:, ::-1], whole[::-1, ::-1]):
            assert np.abs(whole - other).max() > 5 * PIXEL_TOLERANCE


def resealed(tiny: Tiny, golden: tuple[Golden, ...]) -> bytes:
    import onnx

    graph = onnx.load_from_string((tiny.run.folder / MODEL_FILE).read_bytes())
    del graph.metadata_props[:]
    return seal(graph.SerializeToString(), replace(tiny.model.facts, golden=golden))


def test_a_file_with_other_pictures_than_ours_is_proved_on_its_own(tiny: Tiny) -> None:
    facts = tiny.model.facts
    pixels = np.full((*facts.size, 3), (200, 60, 60), np.uint8)
    probabilities, distances = tiny.model.run(pixels[None])
    coded = base64.b64encode(encode_png(pixels)).decode()
    answer = {"probabilities": tuple(map(float, probabilities[0])), "distance": float(distances[0])}
    Classifier(resealed(tiny, (Golden("png", coded, coded, **answer),)), "other").prove()


def test_a_decoder_that_turns_nothing_is_found_out(tiny: Tiny) -> None:
    lying = []
    for entry in tiny.model.facts.golden:
        upright = decode(base64.b64decode(entry.file))
        turned = encode_jpeg(np.rot90(upright), quality=95)
        lying.append(replace(entry, file=base64.b64encode(turned).decode()))
    with pytest.raises(UserError, match=r"its jpeg picture decodes \d+ levels apart"):
        Classifier(resealed(tiny, tuple(lying)), "turned").prove()


def test_other_probabilities_than_the_trainers_are_found_out(tiny: Tiny) -> None:
    altered = tuple(replace(entry, probabilities=(0.1, 0.2, 0.7)) for entry in tiny.model.facts.golden)
    with pytest.raises(UserError, match=r"its probabilities are 0\.\d+ off"):
        Classifier(resealed(tiny, altered), "altered").prove()


def test_a_file_without_pictures_is_refused(tiny: Tiny) -> None:
    with pytest.raises(UserError, match="has no pictures to prove itself on"):
        Classifier(resealed(tiny, ()), "bare")
