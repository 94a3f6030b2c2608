from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photos import scene
from reviewing import Reviewing, reviewing
from whatsit.cleaning.cleaning import clean
from whatsit.data.catalog import Decision, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.image import encode_jpeg


@pytest.fixture
def page(folder: Path) -> Iterator[Reviewing]:
    with reviewing(folder) as running:
        yield running


def kept(folder: Path) -> set[str]:
    return set(apply_decisions(read(folder)).photos.names)


def test_a_decision_is_on_disk_when_the_answer_comes(folder: Path, page: Reviewing) -> None:
    status, _, answer = page.ask("/api/decide", {"photos": [0, 2], "decision": "leave-out"})
    assert (status, answer["states"]) == (200, [[0, "leave-out", "cat", []], [2, "leave-out", "cat", []]])
    assert set(read(folder).photos.names) - kept(folder) == {"cat/0.jpg", "cat/2.jpg"}


def test_undo_takes_back_one_key_press_after_the_other(page: Reviewing) -> None:
    page.ask("/api/decide", {"photos": [0, 1], "decision": "leave-out"})
    page.ask("/api/decide", {"photos": [1], "decision": "relabel", "label": "dog"})
    assert page.ask("/api/undo", {})[2]["states"] == [[1, "leave-out", "cat", []]]
    assert page.ask("/api/undo", {})[2]["states"] == [[0, "", "cat", []], [1, "", "cat", []]]
    assert page.ask("/api/undo", {})[2]["states"] == []


def test_what_was_decided_survives_kill_9(folder: Path) -> None:
    with reviewing(folder) as page:
        page.ask("/api/decide", {"photos": [3], "decision": "relabel", "label": "dog"})
        page.kill()
    with reviewing(folder) as page:
        names = page.ask("/api/queue/relabelled")[2]
        assert (names["photos"], names["labels"]) == ([3], ["dog"])
        assert page.ask("/api/undo", {})[2]["states"] == [[3, "", "cat", []]]


def test_another_program_s_decision_is_heard_of(folder: Path, page: Reviewing) -> None:
    place = page.ask("/api/queues")[2]["place"]
    (folder / "cat" / "copy.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    clean(folder)
    with open_catalog(folder) as catalog:
        from whatsit.data.catalog import Decision

        catalog.decide(Decision("cat/4.jpg", "keep", by="someone"))
    assert page.ask(f"/api/changes?since={place}")[2]["states"] == [[4, "keep", "cat", []]]


def test_queues_come_with_what_was_found(folder: Path) -> None:
    (folder / "cat" / "copy.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    clean(folder)
    with reviewing(folder) as page:
        queues = {one["name"]: one["count"] for one in page.ask("/api/queues")[2]["queues"]}
        assert queues == {"exact-duplicate": 1, "left-out": 1, "all": 13}
        pair = page.ask("/api/queue/exact-duplicate")[2]
        names = list(read(folder).photos.names)
        assert [names[pair["photos"][0]], names[pair["of"][0]]] == ["cat/copy.jpg", "cat/1.jpg"]


def test_a_photo_comes_as_a_small_jpeg(page: Reviewing) -> None:
    status, headers, content = page.ask("/photo/0?side=256")
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    assert content.startswith(b"\xff\xd8")
    assert page.ask("/photo/99")[0] == 404
    assert page.ask("/photo/0?side=100000")[0] == 404


ROUTES = ("/", "/api/queues", "/api/queue/all", "/api/facts?rows=0", "/api/changes", "/photo/0")


@pytest.mark.parametrize("path", ROUTES)
def test_nothing_is_shown_without_the_token(page: Reviewing, path: str) -> None:
    status, _, answer = page.ask(path, Cookie="")
    assert status == 403
    assert answer == {
        "error": "This page needs its token.",
        "hint": "Open the whole address that whatsit printed, with the token at its end.",
    }


def test_a_wrong_token_opens_nothing(page: Reviewing) -> None:
    status, headers, _ = page.ask("/enter?token=guess")
    assert (status, headers.get("set-cookie")) == (403, None)


@pytest.mark.parametrize("path", ["/", "/api/decide", "/enter?token=x"])
def test_a_foreign_name_for_this_machine_is_refused(page: Reviewing, path: str) -> None:
    assert page.ask(path, Host="evil.example")[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_foreign_page_changes_nothing_though_the_browser_sends_the_cookie(
    folder: Path, page: Reviewing, headers: dict[str, str]
) -> None:
    status, _, _ = page.ask("/api/decide", {"photos": [0], "decision": "leave-out"}, **headers)
    assert status == 403
    assert kept(folder) == set(read(folder).photos.names)


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        [],
        {},
        {"photos": [], "decision": "keep"},
        {"photos": [99], "decision": "keep"},
        {"photos": [-1], "decision": "keep"},
        {"photos": ["0"], "decision": "keep"},
        {"photos": [0], "decision": "burn"},
        {"photos": [0], "decision": "relabel", "label": "wolf"},
        {"photos": [0], "decision": "relabel", "label": 7},
    ],
)
def test_nonsense_is_answered_with_a_sentence(folder: Path, page: Reviewing, body: object) -> None:
    status, _, answer = page.ask("/api/decide", body)
    assert status == 400
    assert answer["error"]
    assert kept(folder) == set(read(folder).photos.names)


def test_every_answer_has_the_security_headers(page: Reviewing) -> None:
    for path in (*ROUTES, "/nothing", "/enter?token=x"):
        _, headers, _ = page.ask(path)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_each_decision_says_how_many_its_queues_have_now(folder: Path) -> None:
    (folder / "cat" / "copy.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    clean(folder)
    with reviewing(folder) as page:

        def counts(answer: dict[str, Any]) -> dict[str, tuple[int, int]]:
            return {one["name"]: (one["count"], one["waiting"]) for one in answer["queues"]}

        copy = page.ask("/api/queue/left-out")[2]["photos"]
        kept = page.ask("/api/decide", {"photos": copy, "decision": "keep"})[2]
        assert counts(kept) == {"exact-duplicate": (1, 0), "all": (13, 0)}
        moved = page.ask("/api/decide", {"photos": [2, 3], "decision": "relabel", "label": "dog"})[2]
        assert counts(moved) == {"exact-duplicate": (1, 0), "relabelled": (2, 0), "all": (13, 0)}
        with open_catalog(folder) as catalog:
            catalog.decide_batch([Decision("dog/0.jpg", "leave-out", "", "elsewhere", "by hand")])
        heard = page.ask(f"/api/changes?since={moved['place']}")[2]
        assert counts(heard)["left-out"] == (1, 0)
        page.ask("/api/undo", {})
        undone = page.ask("/api/undo", {})[2]
        assert counts(undone) == counts(page.ask("/api/queues")[2])
        assert "queues" not in page.ask(f"/api/changes?since={undone['place']}")[2]


def test_a_browser_is_refused_by_a_page_and_a_program_by_json(page: Reviewing) -> None:
    browser = {"Accept": "text/html,*/*"}
    for path, status, words, headers in (
        ("/zzz", 404, b"There is nothing at this address.", {}),
        ("/", 403, b"This page needs its token.", {"Cookie": ""}),
        ("/enter?token=guess", 403, b"This is not the token of this page.", {"Cookie": ""}),
    ):
        answer = page.ask(path, **browser, **headers)
        assert (answer[0], answer[1]["content-type"]) == (status, "text/html; charset=utf-8")
        assert words in answer[2]
        assert (b"Back to the start" in answer[2]) == (status == 404)
        assert "'unsafe-inline'" not in answer[1]["content-security-policy"]
        assert set(page.ask(path, **headers)[2]) == {"error", "hint"}


def test_a_queue_comes_in_windows_that_stay_as_they_were_when_it_was_opened(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(300):
            (tmp_path / label / f"{number:03}.jpg").write_bytes(encode_jpeg(scene(24, 24, seed=number)))
    with reviewing(tmp_path) as page:
        page.ask("/api/decide", {"photos": list(range(600)), "decision": "leave-out"})
        queue = page.ask("/api/queue/left-out")[2]
        assert (queue["count"], queue["size"], queue["begin"], len(queue["photos"])) == (600, 500, 0, 500)
        page.ask("/api/decide", {"photos": list(range(10)), "decision": "keep"})  # no longer in that queue
        rest = page.ask(f"/api/window/{queue['number']}?begin=500")[2]
        assert queue["photos"] + rest["photos"] == list(range(600))
        assert page.ask("/api/queue/left-out")[2]["photos"][0] == 10
        assert page.ask(f"/api/window/{queue['number']}?begin=600")[2]["photos"] == []
        assert page.ask(f"/api/window/{queue['number']}?begin=-1")[0] == 404
        status, _, answer = page.ask("/api/window/999?begin=0")
        assert (status, answer["error"]) == (400, "This queue was opened too long ago.")
