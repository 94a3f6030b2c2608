"""The document of the API against the API, by a fuzzer that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import tiny_run
from serving import Site, photo, running
from whatsit.serving.app import ROUTES
from whatsit.serving.door import refusals
from whatsit.serving.door.refusals import Refusal
from whatsit.serving.routes.openapi import PHOTO_TYPES, describe

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")
checks = pytest.importorskip("schemathesis.specs.openapi.checks", reason="needs schemathesis")


def test_every_address_of_the_api_is_in_its_document() -> None:
    of_the_api = {route.path for route in ROUTES if route.path.startswith("/api/")} - {"/api/openapi.json"}
    assert set(describe(["cats"], [], has_token=False)["paths"]) == of_the_api


def test_every_refusal_has_its_own_code_and_a_sentence_with_a_hint() -> None:
    kinds = [value for value in vars(refusals).values() if isinstance(value, Refusal)]
    assert len({kind.code for kind in kinds}) == len(kinds) > 20
    for kind in kinds:
        assert kind.error.endswith(".")
        assert kind.hint
        assert 400 <= kind.status < 600


def test_the_token_is_in_the_document_where_one_is_asked_for() -> None:
    assert describe(["cats"], [], has_token=True)["security"] == [{"token": []}]
    assert "security" not in describe(["cats"], [], has_token=False)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    run = tiny_run(tmp_path_factory.mktemp("fuzzed") / "colours").run.folder
    with running(run, corrections=True, max_mb=1.0) as site:
        yield site


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", sorted(describe(["cats"], [], has_token=False)["paths"]))
def test_a_fuzzer_finds_no_answer_that_the_document_does_not_know(fuzzed: Site, path: str, mode: Any) -> None:
    for kind in PHOTO_TYPES:
        schemathesis.openapi.media_type(kind, st.sampled_from([photo(), photo()[:700], b"GIF89a"]) | st.binary())
    schema = schemathesis.openapi.from_url(f"{fuzzed.address}/api/openapi.json").include(path=path)
    (operation,) = (found.ok() for found in schema.get_all_operations())
    if mode.is_negative and path == "/api/models":
        pytest.skip("it takes nothing that could be wrong")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def fuzz(case: Any) -> None:
        response = case.call()
        # random bytes of a right kind are still no photo, and some wrong things are simply not looked at
        case.validate_response(
            response, excluded_checks=[checks.positive_data_acceptance, checks.negative_data_rejection]
        )
        assert response.status_code < 500
        if response.status_code >= 400:
            assert set(response.json()) == {"error", "hint"}

    fuzz()
