"""Why, over the API: the map, and which part of the photo it lies on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import Tiny
from serving import Site, photo
from whatsit.image import Header, encode_png
from whatsit.model.classifier import Classifier
from whatsit.serving.routes.why import find_visible_part


def test_the_map_of_a_photo_shows_where_the_class_is(site: Site) -> None:
    picture = np.full((60, 80, 3), (60, 80, 200), np.uint8)
    picture[:, :40] = (200, 60, 60)
    reply = site.post("/api/why?class=red", encode_png(picture)).json
    heat = np.array(reply["map"])
    assert reply["class"] == "red"
    assert reply["box"] == [0, 0, 1, 1]
    assert heat[:, : heat.shape[1] // 2].mean() > 10 * heat[:, heat.shape[1] // 2 :].mean()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/why", photo(), 422),
        ("/api/why?class=pink", photo(), 422),
        ("/api/why?class=red", b"", 400),
        ("/api/why?class=red", b"<html>", 422),
        ("/api/why?class=red&model=cats", photo(), 404),
    ],
)
def test_what_cannot_be_explained_is_refused(site: Site, path: str, body: bytes, status: int) -> None:
    reply = site.post(path, body)
    assert reply.status == status
    assert set(reply.json) == {"error", "hint"}


def resized_by(model: Classifier, resize: str) -> Classifier:
    other = object.__new__(Classifier)
    other.facts = replace(model.facts, resize=resize, size=(10, 10))  # type: ignore[arg-type]
    return other


def test_the_map_lies_on_the_part_of_the_photo_that_the_model_saw(tiny: Tiny) -> None:
    wide = Header("JPEG", width=200, height=100, frames=1, mode="RGB")
    assert find_visible_part(wide, resized_by(tiny.model, "squish")) == (0, 0, 1, 1)
    assert find_visible_part(wide, resized_by(tiny.model, "crop")) == (0.25, 0, 0.75, 1)
    assert find_visible_part(wide, resized_by(tiny.model, "pad")) == (0, -0.5, 1, 1.5)
