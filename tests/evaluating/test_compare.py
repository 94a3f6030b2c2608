"""Runs side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluating import asked, measured
from models import Tiny, colours
from screens import PHONE, RTL, find_faults
from whatsit.errors import UserError
from whatsit.evaluating.compare import Side, compare
from whatsit.evaluating.figures import share_figures
from whatsit.evaluating.metrics import paired_difference
from whatsit.evaluating.predictions import write_predictions
from whatsit.evaluating.report.comparison import write_comparison
from whatsit.model.facts.figures import PointFigures
from whatsit.model.share import share
from whatsit.words import keep_together


def worse(tiny: Tiny, wrong: int) -> Tiny:
    """The run with `wrong` more of its answers wrong."""
    test = asked(tiny, "test")
    shares = test.probabilities.copy()
    turned = np.flatnonzero(test.hits)[:wrong]
    shares[turned] = np.roll(shares[turned], 1, axis=1)
    write_predictions(
        tiny.run.folder / "predictions.csv",
        replace(test, probabilities=shares),
        tiny.model.classes,
        tiny.model.facts.thresholds,
    )
    return tiny


def test_a_clear_difference_names_the_better_run(tmp_path: Path) -> None:
    good, bad = measured(tmp_path / "good", colours(900)), worse(measured(tmp_path / "bad", colours(900)), 40)
    for order in ([good, bad], [bad, good]):
        (pair,) = compare([each.run for each in order]).pairs
        assert pair.better == "good"
        assert pair.sentence().startswith("good is better than bad by ")
        assert pair.difference.n == len(asked(good, "test"))


def test_within_the_interval_there_is_no_winner(tmp_path: Path) -> None:
    one, other = measured(tmp_path / "one"), worse(measured(tmp_path / "other"), 1)
    (pair,) = compare([one.run, other.run]).pairs
    assert pair.better == ""
    assert pair.sentence().startswith("one and other cannot be told apart on the ")


def test_only_shared_test_photos_are_compare(tmp_path: Path) -> None:
    one, other = measured(tmp_path / "one", seed=0), measured(tmp_path / "other", seed=1)
    shared = set(one.split.rows("test")) & set(other.split.rows("test"))
    (pair,) = compare([one.run, other.run]).pairs
    assert 0 < pair.difference.n == len(shared)


def test_the_intervals_of_many_differences_hold_together(tmp_path: Path) -> None:
    runs = [worse(measured(tmp_path / f"{wrong}", colours(600)), wrong).run for wrong in (0, 3, 6)]
    pairs = compare(runs).pairs
    assert [(pair.first, pair.second) for pair in pairs] == [("0", "3"), ("0", "6"), ("3", "6")]
    alone = compare(runs[:2]).pairs[0].difference
    together = pairs[0].difference
    assert together.value == alone.value
    assert together.low < alone.low < alone.high < together.high
    wider = "The intervals are wider than those of two runs alone: all of them hold together."
    assert compare(runs).sentences()[3:] == [wider]
    assert wider not in compare(runs[:2]).sentences()
    hits = np.arange(90) >= 3
    assert alone.n == 90
    assert alone.high - alone.low == pytest.approx(
        (lambda found: found.high - found.low)(paired_difference(np.ones(90, bool), hits)), abs=1e-9
    )


def test_runs_without_a_shared_photo_cannot_be_compare(tmp_path: Path) -> None:
    one, other = measured(tmp_path / "one"), measured(tmp_path / "other", colours(seed=7))
    with pytest.raises(UserError, match="no test photo in common"):
        compare([one.run, other.run])


def test_it_takes_two_different_runs(tmp_path: Path) -> None:
    one = measured(tmp_path / "one")
    for runs in ([one.run], [one.run, one.run]):
        with pytest.raises(UserError, match="two different runs"):
            compare(runs)


def test_runs_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    runs = [measured(tmp_path / place / "run").run for place in ("a", "b")]
    assert [side.name for side in compare(runs).sides] == [str(run.folder) for run in runs]


def with_point(side: Side, answered: int, right: int) -> Side:
    """The run in the comparison as if so many of its photos were answered at an operating point."""
    shares = [
        share_figures(share(*of))
        for of in (
            (answered, side.figures.n),
            (right, answered),
            (min(right, side.figures.right), side.figures.right),
        )
    ]
    figures = replace(side.figures, point=PointFigures("precision=0.99", *shares))
    return replace(side, run=replace(side.run, info=replace(side.run.info, figures=figures)))


def test_an_operating_point_that_only_one_has_is_said_of_both(tmp_path: Path) -> None:
    found = compare([measured(tmp_path / name).run for name in ("wished", "plain")])
    assert found.list_points() == ()
    one, other = found.sides
    n = one.figures.n
    said = replace(found, sides=(with_point(one, 10, 9), other)).sentences()[1:]
    assert said[0].startswith("wished at precision=0.99 answers ")
    assert f" of its {n} photos, 90.0 % (" in said[0]
    assert said[1] == "plain has no operating point: it is never “not sure”."
    assert replace(found, sides=(one, with_point(other, n, n))).sentences()[1].startswith("wished has no ")


def test_where_nothing_was_answered_nothing_is_called_right_or_wrong(tmp_path: Path) -> None:
    found = compare([measured(tmp_path / name).run for name in ("shy", "plain")])
    said = replace(found, sides=(with_point(found.sides[0], 0, 0), found.sides[1])).sentences()
    assert said[1] == f"shy at precision=0.99 answers none of its {found.sides[0].figures.n} photos."


def test_a_name_from_right_to_left_turns_nothing_around_it(tmp_path: Path, browser: Any) -> None:
    found = compare(
        [worse(measured(tmp_path / name, colours(600)), wrong).run for name, wrong in ((RTL, 0), ("y", 30))]
    )
    write_comparison(
        tmp_path / "compare.html", replace(found, sides=(with_point(found.sides[0], 10, 9), found.sides[1]))
    )
    page = browser.new_page(**PHONE)
    page.goto((tmp_path / "compare.html").as_uri())
    assert find_faults(page, RTL) == []


def test_the_page_has_the_table_the_curves_and_the_verdict(tmp_path: Path, browser: Any) -> None:
    runs = [worse(measured(tmp_path / name, colours(600)), wrong).run for name, wrong in (("<b>x", 0), ("y", 30))]
    found = compare(runs)
    write_comparison(tmp_path / "compare.html", found)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.goto((tmp_path / "compare.html").as_uri())
    assert page.locator("#verdict li").all_inner_texts() == [keep_together(found.isolated().pairs[0].sentence())]
    assert page.locator("#figures tbody th").all_inner_texts() == ["<b>x", "y"]
    assert page.locator("svg.chart").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert trouble == []
