"""What `--prefer` may say, and what a table of costs decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whatsit.data.target import NEVER_SAID, ONE_CLASS, SEVERAL, Rule, Target, Wish, read_wish
from whatsit.errors import UserError

CLASSES = ("cat", "dog")
WHOLE = "truth,cat,dog,not sure\ncat,0,9,1\ndog,1,0,1\n"


@pytest.mark.parametrize(
    ("text", "target", "wish"),
    [
        ("precision=0.99", ONE_CLASS, Wish("precision", 0.99)),
        ("recall=.5", SEVERAL, Wish("recall", 0.5)),
        ("recall", SEVERAL, Wish("recall")),
        ("f1", SEVERAL, Wish("f1")),
    ],
)
def test_words_are_wishes(text: str, target: Target, wish: Wish) -> None:
    assert read_wish(text, target, CLASSES) == wish


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("precision", "does not say how much of it, and a photo has one class. Write precision=0.95"),
        ("f1", "does not say how much"),
        ("precision=1.5", "names no share that can be promised"),
        ("precision=1", "Nobody can promise 1"),
        ("precision=0", "names no share"),
        ("precision=nan", "names no share"),
        ("recall=abc", "names no share"),
        ("precision=", "names no share"),
        ("f1=0.9", "'f1=0.9' is no wish"),
        ("accuracy=0.9", "is no wish"),
        ("speed", "Write precision=0.99, recall=0.95, or the .csv file"),
        ("missing.csv", "cannot be read"),
    ],
)
def test_what_is_none_is_said(text: str, match: str) -> None:
    with pytest.raises(UserError, match=match):
        read_wish(text, ONE_CLASS, CLASSES)


def test_a_table_of_costs_is_read_in_the_order_of_the_classes(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text("truth, not sure,dog,cat\ndog,1,0,1\n\ncat,1,9,0\n")
    wish = read_wish(str(tmp_path / "costs.csv"), ONE_CLASS, CLASSES)
    assert wish == Wish("costs", costs=((0, 9, 1), (1, 0, 1)))
    (tmp_path / "two.csv").write_text("label,miss,false alarm\ndog,1,3\ncat,0,1\n")
    assert read_wish(str(tmp_path / "two.csv"), SEVERAL, CLASSES).costs == ((0, 1), (1, 3))


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ("", "is no table of costs"),
        ("truth,cat,dog\n", "is no table of costs"),
        (WHOLE.replace("dog,1,0,1\n", ""), "has no row 'dog'"),
        (WHOLE.replace("cat,dog", "cat,wolf"), "has a column 'wolf', which is none of the data set's"),
        (WHOLE.replace("cat,dog,not sure", "cat"), "too many cells in row 'cat'"),
        ("truth,cat\ncat,0\ndog,1\n", "has no column 'dog'"),
        (WHOLE + "wolf,1,1,1\n", "has a row 'wolf'"),
        (WHOLE + "cat,1,1,1\n", "has the row 'cat' twice"),
        (WHOLE.replace("not sure", "cat"), "has a column twice"),
        (WHOLE.replace("9", "-9"), "row 'cat', column 'dog', is '-9'"),
        (WHOLE.replace("9", "inf"), "is 'inf'"),
        (WHOLE.replace("9", "much"), "is 'much'"),
        (WHOLE.replace("9", ""), "is empty"),
        ("truth,cat,dog\ncat,0,1\ndog,1\n", "row 'dog', column 'dog', is empty"),
    ],
)
def test_a_table_that_does_not_say_every_cost_is_refused(table: str, match: str, tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text(table)
    with pytest.raises(UserError, match=match):
        read_wish(str(tmp_path / "costs.csv"), ONE_CLASS, CLASSES)


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_bytes(b"truth,\xff\xfe\n")
    with pytest.raises(UserError, match="no CSV file in UTF-8"):
        read_wish(str(tmp_path / "costs.csv"), ONE_CLASS, CLASSES)


def test_a_label_whose_mistakes_cost_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text("label,miss,false alarm\ncat,0,0\ndog,1,1\n")
    with pytest.raises(UserError, match="mistakes with 'cat' cost nothing"):
        read_wish(str(tmp_path / "costs.csv"), SEVERAL, CLASSES)


def test_no_other_answer_costs_less_on_average() -> None:
    random = np.random.default_rng(0)
    costs = tuple((*row, 0.35) for row in random.random((4, 4)).tolist())
    shares, rule = random.dirichlet(np.ones(4), 200), Rule(costs=costs)
    labels = np.array([random.choice(4, p=row) for row in shares])
    expected = shares @ np.array(costs)
    decided, sure = ONE_CLASS.decide(shares, rule), ONE_CLASS.are_sure(shares, rule)
    given = np.where(sure, decided, 4)
    assert np.allclose(expected[np.arange(200), given], expected.min(axis=1))
    assert 0 < sure.sum() < 200
    assert np.array_equal(decided[~sure], shares.argmax(axis=1)[~sure])
    paid = ONE_CLASS.weigh(decided, labels, sure, costs)
    assert np.array_equal(paid, [costs[truth][answer] for truth, answer in zip(labels, given, strict=True)])


def test_a_label_is_said_where_that_costs_less_than_to_miss_it() -> None:
    rule = SEVERAL.fit_rule(
        np.zeros((0, 3)), np.zeros((0, 3), np.int64), Wish("costs", costs=((1, 3), (3, 1), (0, 1)))
    )
    assert rule.labels == (0.75, 0.25, NEVER_SAID)
    decided = SEVERAL.decide(np.array([[0.8, 0.8, 1.0], [0.7, 0.2, 0.9]]), rule)
    assert decided.tolist() == [[1, 1, 0], [0, 0, 0]]
    labels = np.array([[0, 1, 1], [1, 1, -1]])
    assert SEVERAL.weigh(decided, labels, np.array([True, True]), ((1, 3), (3, 1), (0, 1))).tolist() == [3, 4]


def test_labels_keep_a_promise_each_by_itself() -> None:
    shares = np.tile(np.linspace(0.01, 0.99, 400)[:, None], 2)
    labels = np.column_stack([shares[:, 0] > 0.5, np.arange(400) % 2 == 0]).astype(np.int64)
    sure, never = SEVERAL.fit_rule(shares, labels, Wish("precision", 0.95)).labels or ()
    assert 0.4 < sure < 0.6
    assert never == NEVER_SAID
    found, always = SEVERAL.fit_rule(shares[-70:], labels[-70:], Wish("recall", 0.95)).labels or ()
    assert found > 0.8
    assert always == 0  # 35 photos are too few
