"""What those who run the server ask."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from models import Tiny
from serving import Site, photo, running
from whatsit.serving.work.proofs import PROVEN_LATELY_S


def test_it_lives_whatever_its_models_do(site: Site) -> None:
    assert site.get("/healthz").json == {"status": "alive"}
    assert site.get("/healthz").headers["cache-control"] == "no-store"


def test_it_is_ready_when_each_model_has_answered_and_proves_it_anew_each_second(tiny: Tiny) -> None:
    with running(tiny.run.folder) as site:
        proven = site.service.proofs.answered
        assert proven == {}
        assert site.get("/readyz").json == {"status": "ready", "models": ["colours"]}
        first = proven["colours"]
        site.get("/readyz")
        assert proven["colours"] == first  # within the second nothing is computed
        proven["colours"] -= 2
        site.get("/readyz")
        assert proven["colours"] > first


def test_a_photo_that_was_answered_is_a_proof_and_one_that_was_not_is_none(tiny: Tiny) -> None:
    with running(tiny.run.folder) as site:
        site.post("/api/predict", b"nonsense")
        assert site.service.proofs.answered == {}
        site.post("/api/predict", photo())
        assert set(site.service.proofs.answered) == {"colours"}


def test_who_never_proved_itself_is_not_ready_and_who_is_only_busy_is(tiny: Tiny) -> None:
    with running(tiny.run.folder, lanes=1, queue=0) as site:
        site.service.lanes.taken = 1
        reply = site.get("/readyz")
        assert (reply.status, reply.json["error"]) == (503, "A model has not answered lately.")
        assert reply.headers["retry-after"] == "1"
        site.service.proofs.answered["colours"] = time.monotonic() - PROVEN_LATELY_S / 2
        assert site.get("/readyz").status == 200
        site.service.proofs.answered["colours"] -= PROVEN_LATELY_S
        assert site.get("/readyz").status == 503
        site.service.lanes.taken = 0


def test_a_model_that_fails_its_proof_is_not_ready_however_lately_it_answered(tiny: Tiny) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    with running(tiny.run.folder) as site:
        site.service.proofs.answered["colours"] = time.monotonic() - 2
        site.service.shelf.get().answers = break_down  # type: ignore[method-assign, assignment]
        assert site.get("/readyz").status == 503
        assert site.service.proofs.answered == {}


def test_however_many_ask_whether_it_is_ready_one_lane_is_asked_once(tiny: Tiny) -> None:
    with running(tiny.run.folder, lanes=1, queue=40) as site:
        began, go_on = threading.Event(), threading.Event()
        answers, asked = site.service.shelf.get().answers, []

        def answer_slowly(*given: Any) -> Any:
            asked.append(given)
            began.set()
            go_on.wait(20)
            return answers(*given)

        site.service.shelf.get().answers = answer_slowly  # type: ignore[method-assign]
        statuses: list[int] = []
        askers = [threading.Thread(target=lambda: statuses.append(site.get("/readyz").status)) for _ in range(30)]
        for asker in askers:
            asker.start()
        assert began.wait(20)
        assert site.service.lanes.taken == 1
        go_on.set()
        for asker in askers:
            asker.join()
    assert statuses == [200] * 30
    assert len(asked) == 1


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
