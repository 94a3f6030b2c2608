"""What those who run the server ask."""

from __future__ import annotations

import pytest

from models import Tiny
from serving import Site, running


def test_it_lives_whatever_its_models_do(site: Site) -> None:
    assert site.get("/healthz").json == {"status": "alive"}
    assert site.get("/healthz").headers["cache-control"] == "no-store"


def test_it_is_ready_when_each_model_has_answered_and_proves_it_anew_each_second(tiny: Tiny) -> None:
    with running(tiny.run.folder) as site:
        assert site.service.proof.at == 0
        assert site.get("/readyz").json == {"status": "ready", "models": ["colours"]}
        proven = site.service.proof.at
        assert proven > 0
        site.get("/readyz")
        assert site.service.proof.at == proven  # within the second nothing is computed
        site.service.proof.at -= 2
        site.get("/readyz")
        assert site.service.proof.at > proven


def test_without_a_place_for_a_photo_it_is_not_ready(tiny: Tiny) -> None:
    with running(tiny.run.folder, lanes=1, queue=0) as site:
        site.service.lanes.taken = 1
        reply = site.get("/readyz")
        site.service.lanes.taken = 0
    assert (reply.status, reply.json["error"]) == (503, "Too many photos are waiting.")


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "via"])
def test_the_figures_are_not_for_who_comes_through_a_proxy(site: Site, header: str) -> None:
    assert site.get("/metrics").status == 200
    assert site.get("/metrics", **{header: "203.0.113.9"}).status == 404


def test_the_figures_say_what_answers_now_and_how_much_fits(tiny: Tiny) -> None:
    with running(tiny.run.folder, lanes=2) as site:
        text = site.get("/metrics").body.decode()
        assert site.get("/metrics").headers["cache-control"] == "no-store"
    assert "whatsit_lanes 2\n" in text
    assert "whatsit_places_taken 0\n" in text
    assert text.count("whatsit_model_info{") == 1
