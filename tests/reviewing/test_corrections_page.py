"""Deciding about proposed corrections: the page is asked as a browser asks it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import whatsit
from drawing import put
from models import tiny_run
from whatsit.data.catalog import KEEP, open_catalog
from whatsit.data.corrections import proposals_in, read_proposals
from whatsit.reviewing.desk import Desk


def test_what_is_kept_on_the_page_is_accepted(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "colours").run.folder
    put(run / "corrections" / "%proposed" / "blue" / "a.jpg", seed=1)
    proposals = read_proposals(run, ["blue", "green", "red"])
    with open_catalog(proposals_in(run)) as catalog:
        desk = Desk(proposals, catalog, {})
        assert desk.queues()[-1].photos.tolist() == [0]
        desk.decide([0], KEEP)
        assert catalog.decisions()["blue/a.jpg"].decision == KEEP


def test_without_proposals_there_is_nothing_to_open(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "colours").run.folder
    with pytest.raises(whatsit.UserError, match="no proposed corrections"):
        whatsit.review(run, corrections=True, started=lambda _: threading.Event().wait(9))
