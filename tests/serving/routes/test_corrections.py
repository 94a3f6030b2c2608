"""Corrections: kept where the owner wants them, without anything of the person who sent them."""

from __future__ import annotations

import json
from pathlib import Path

from models import Tiny, tiny_run
from serving import Site, photo, running
from whatsit.serving.door.limits import Rate
from whatsit.serving.work.corrections import Correction, Room

RED, BLUE = (200, 60, 60), (60, 80, 200)


def wrong(is_class: str = "blue") -> Correction:
    return Correction(is_class, "red", 0.9, True, "f" * 64)


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.jpg"))


def test_a_correction_is_kept_with_its_class_and_what_was_answered(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "colours")
    with running(tiny.run.folder, corrections=True) as site:
        reply = site.post("/api/corrections?class=blue", photo(RED))
    folder = tiny.run.folder / "corrections"
    assert reply.json == {"kept": reply.json["kept"], "class": "blue"}
    assert files(folder) == [f"%proposed/blue/{reply.json['kept']}"]
    line = json.loads((folder / "journal.jsonl").read_text())
    assert (line["class"], line["answered"], line["known"]) == ("blue", "red", True)
    assert set(line) == {"time", "photo", "class", "answered", "probability", "known", "model"}


def test_unless_the_owner_wants_them_none_are_kept(site: Site, tiny: Tiny) -> None:
    reply = site.post("/api/corrections?class=blue", photo(RED))
    assert (reply.status, reply.json["error"]) == (403, "This server keeps no corrections.")
    assert not (tiny.run.folder / "corrections").exists()


def test_a_class_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    with running(tiny_run(tmp_path / "colours").run.folder, corrections=True) as site:
        for name in ("pink", "../../etc", "%none"):
            assert site.ask("POST", f"/api/corrections?class={name}", photo()).status == 422
        assert site.post("/api/corrections?class=blue", b"<html>").status == 422
        assert site.post("/api/corrections?class=blue", b"").status == 400
    assert not (tmp_path / "colours" / "corrections").exists()


def test_there_is_an_end_to_what_is_kept(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "colours").run.folder
    with running(run, parts={"room": Room(photos=1)}, corrections=True) as site:
        assert site.post("/api/corrections?class=blue", photo(RED)).status == 200
        full = site.post("/api/corrections?class=blue", photo(BLUE))
        assert (full.status, full.json["error"]) == (507, "There is no more room for corrections.")
        assert site.post("/api/corrections?class=green", photo(RED)).status == 200  # kept before: it moves


def test_there_is_an_end_to_the_journal_too(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "colours").run.folder
    with running(run, parts={"room": Room(journal=1000)}, corrections=True) as site:
        statuses = []
        for turn in range(20):
            statuses.append(site.post(f"/api/corrections?class={('blue', 'green')[turn % 2]}", photo(RED)).status)
    assert statuses[0] == 200
    assert 507 in statuses[:12]
    assert (run / "corrections" / "journal.jsonl").stat().st_size <= 1000
    assert len(files(run)) == 1


def test_saying_the_same_again_writes_nothing(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "colours").run.folder
    with running(run, corrections=True) as site:
        for _ in range(3):
            assert site.post("/api/corrections?class=blue", photo(RED)).status == 200
    assert len((run / "corrections" / "journal.jsonl").read_text().splitlines()) == 1


def test_one_client_says_so_many_a_day(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "colours").run.folder
    parts = {"correction_rate": Rate(2 / 86_400, 2)}
    with running(run, parts=parts, corrections=True, behind_proxy=True) as site:
        away = {"x-forwarded-for": "203.0.113.9"}
        path = "/api/corrections?class=blue"
        assert [site.post(path, photo(RED), **away).status for _ in range(2)] == [200, 200]
        reply = site.post(path, photo(RED), **away)
        assert (reply.status, reply.json["error"]) == (429, "These are too many corrections for a day.")
        assert 40_000 < int(reply.headers["retry-after"]) < 86_400
        assert site.post(path, photo(RED), **{"x-forwarded-for": "203.0.113.10"}).status == 200


def test_a_disk_that_takes_nothing_is_no_bug(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "colours").run.folder
    (run / "corrections").write_text("in the way")
    with running(run, corrections=True) as site:
        assert site.post("/api/corrections?class=blue", photo(RED)).status == 507
