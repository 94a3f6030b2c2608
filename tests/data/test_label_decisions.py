"""Decisions about single labels of a photo: what training sees of them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from labelled import write_labelled
from whatsit import events
from whatsit.data.catalog import Decision, Finding, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.data.waiting import is_answered
from whatsit.listeners import JsonLines


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_labelled(tmp_path / "set", photos=12)


def decide(table: Path, *decisions: Decision) -> None:
    with open_catalog(table.parent) as catalog:
        for one in decisions:
            catalog.decide(one)


def said(table: Path, photo: str) -> str:
    dataset = apply_decisions(read(table))
    return dataset.written(list(dataset.photos.names).index(photo))


def test_the_last_decision_about_each_label_holds(table: Path) -> None:
    decide(
        table,
        Decision("photos/0.png", "has", "red"),
        Decision("photos/0.png", "has-not", "striped"),
        Decision("photos/0.png", "not-looked", "red"),
    )
    assert said(table, "photos/0.png") == "?red"
    decide(table, Decision("photos/0.png", "has", "red"), Decision("photos/0.png", "keep"))
    assert said(table, "photos/0.png") == "red"
    decide(table, Decision("photos/0.png", "leave-out"))
    assert "photos/0.png" not in apply_decisions(read(table)).photos.names


def test_other_labels_follow_the_table(table: Path) -> None:
    lines = table.read_text().splitlines()
    decide(table, Decision("photos/0.png", "has", "red"))
    lines[1] = "photos/0.png,striped"
    table.write_text("\n".join(lines) + "\n")
    assert said(table, "photos/0.png") == "red;striped"


def test_what_makes_no_sense_here_is_left_aside_and_said(table: Path) -> None:
    before = said(table, "photos/0.png")
    decide(table, Decision("photos/0.png", "has", "ships"), Decision("photos/0.png", "relabel", "red"))
    heard = io.StringIO()
    with events.listening(JsonLines(heard)):
        assert said(table, "photos/0.png") == before
    assert "a label that is no longer there, such as 'ships'" in heard.getvalue()
    assert "here it has any number of labels" in heard.getvalue()


def test_one_class_a_photo_knows_no_decision_about_a_label(folder: Path) -> None:
    with open_catalog(folder) as catalog:
        catalog.decide(Decision("cat/0.jpg", "has", "dog"))
    assert apply_decisions(read(folder)).labels.tolist() == read(folder).labels.tolist()


def test_a_renamed_photo_takes_decisions_about_its_labels_along(table: Path) -> None:
    with open_catalog(table.parent) as catalog:
        catalog.decide(Decision("photos/0.png", "has", "red"))
        catalog.carry_decisions({"photos/0.png": "photos/new.png"})
        assert list(catalog.label_decisions()) == ["photos/new.png"]
        assert list(catalog.label_decisions_of("photos/new.png")) == ["red"]
        assert catalog.decisions() == {}


def test_a_doubted_label_waits_until_somebody_decided_about_it() -> None:
    finding = Finding("a.png", "suspect-label", "likely", 0, 0.5, "", {"labels": {"red": True, "striped": False}})
    assert not is_answered(finding, False, ["red"])
    assert is_answered(finding, False, ["red", "striped"])
    assert is_answered(finding, True, [])
    assert not is_answered(Finding("a.png", "dark", "hint", 0, 0.5, ""), False, ["red"])
