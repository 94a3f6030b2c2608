"""The candidates of a search in the report: in words, the chosen one marked, and how it was chosen."""

from __future__ import annotations

import pytest

from whatsit.evaluating.report.candidates import GRID, HEADS, SHOWN, list_candidates


def head(name: str, loss: str, calibrated: str, chosen: str = "") -> dict[str, str]:
    return {
        "candidate": name,
        "accuracy": "0.996",
        "loss": loss,
        "calibrated_loss": calibrated,
        "chosen": chosen,
    }


def model(name: str, mean: str = "0.9", **more: str) -> dict[str, str]:
    whole = {"features": "hog", "model": name, "parameters": "C=1", "photos": "90", "folds": "5", "mean": mean}
    return {**whole, "spread": "0.02", "seconds": "0.3", "mean_of": "accuracy", **more}


def test_of_heads_the_one_that_was_chosen_is_marked_and_not_the_one_that_looks_best() -> None:
    table = list_candidates([head("linear, strength 1", "0.5", "0.4"), head("means", "0.6", "0.45", "yes")])
    assert table is not None
    assert [title.text for title in table.titles] == ["Candidate", "Right", "Loss", "Calibrated"]
    assert [title.is_number for title in table.titles] == [False, True, True, True]
    assert [cell.text for cell in table.rows[0].cells] == ["linear, strength 1", "99.6 %", "0.500", "0.400"]
    assert [row.is_chosen for row in table.rows] == [False, True]
    assert table.caption == HEADS


def test_of_a_grid_the_first_was_chosen_and_each_is_one_cell_of_words() -> None:
    table = list_candidates([model("svm-rbf"), model("forest", "", spread="", left_out="the time was up")])
    assert table is not None
    assert [title.text for title in table.titles] == ["Candidate", "Photos", "Right", "Seconds", "Left out"]
    assert [cell.text for cell in table.rows[0].cells] == ["svm-rbf C=1 on hog", "90", "90.0 % ± 2.0", "0.3", ""]
    assert table.rows[1].cells[-1].text == "the time was up"
    assert [row.is_chosen for row in table.rows] == [True, False]
    assert table.caption == GRID


def test_of_several_labels_it_is_no_accuracy() -> None:
    table = list_candidates([model("logistic", mean_of="mean average precision")])
    assert table is not None
    assert "mean average precision" in [title.text for title in table.titles]


def test_a_single_candidate_was_not_compared_and_very_many_are_counted() -> None:
    alone = list_candidates([head("linear, strength 1", "", "", "yes")])
    many = list_candidates([model(str(number)) for number in range(SHOWN + 3)])
    assert alone is not None
    assert many is not None
    assert (alone.caption, len(many.rows), many.left_out) == ("", SHOWN, 3)
    assert list_candidates([]) is None


@pytest.mark.parametrize("row", [{"epoch": "1", "loss": "0.5"}, {"": ""}])
def test_a_table_of_another_kind_is_shown_as_it_stands(row: dict[str, str]) -> None:
    table = list_candidates([row])
    assert table is not None
    assert [cell.text for cell in table.rows[0].cells] == list(row.values())
