"""What is missing stays missing in frames of either library, and each column has its kind."""

from __future__ import annotations

import math

import pytest

from whatsit.frames.columns import Columns, flags, lists, make_pandas, make_polars, numbers, texts, wholes

WHOLE: Columns = {
    "text": texts(["a", "é"]),
    "number": numbers([1, 2.5]),
    "whole": wholes([1, 2]),
    "flag": flags([True, False]),
    "list": lists([["a", "b"], []]),
}
GAPS: Columns = {
    "text": texts([None, "a"]),
    "number": numbers([None, math.nan]),
    "whole": wholes([None, 2**60]),
    "flag": flags([None, True]),
    "list": lists([None, ("a",)]),
}
NONE: Columns = {name: type(one)(one.kind, []) for name, one in WHOLE.items()}


def test_a_column_knows_whether_something_is_missing_in_it():
    assert not any(one.has_gaps for one in WHOLE.values())
    assert {name for name, one in GAPS.items() if one.has_gaps} == {"text", "whole", "flag", "list"}
    assert [math.isnan(value) for value in GAPS["number"].values] == [True, True]


def test_a_byte_that_is_no_text_is_written_as_one():
    assert texts(["a\udcff"]).values == ["a\\xff"]
    assert lists([["a\udcff"]]).values == [["a\\xff"]]


def test_pandas_has_its_plain_kinds_where_all_is_there():
    pandas = pytest.importorskip("pandas")
    frame = make_pandas(WHOLE)
    assert isinstance(frame["text"].dtype, pandas.StringDtype)
    assert [str(kind) for kind in frame.dtypes[1:]] == ["float64", "int64", "bool", "object"]
    assert frame.to_dict("list") == {
        "text": ["a", "é"],
        "number": [1.0, 2.5],
        "whole": [1, 2],
        "flag": [True, False],
        "list": [["a", "b"], []],
    }


def test_pandas_keeps_whole_numbers_whole_where_some_are_missing():
    pytest.importorskip("pandas")
    frame = make_pandas(GAPS)
    assert [str(frame[name].dtype) for name in ("number", "whole", "flag")] == ["float64", "Int64", "boolean"]
    assert frame["whole"][1] == 2**60
    assert frame.isna().sum().to_dict() == {"text": 1, "number": 2, "whole": 1, "flag": 1, "list": 1}
    assert len(make_pandas(NONE)) == 0


def test_polars_has_the_same_with_nothing_for_what_is_missing():
    polars = pytest.importorskip("polars")
    kinds = [polars.String, polars.Float64, polars.Int64, polars.Boolean, polars.List(polars.String)]
    for columns in (WHOLE, GAPS, NONE):
        assert make_polars(columns).dtypes == kinds
    assert make_polars(WHOLE).rows() == [("a", 1.0, 1, True, ["a", "b"]), ("é", 2.5, 2, False, [])]
    assert make_polars(GAPS).rows() == [(None, None, None, None, None), ("a", None, 2**60, True, ["a"])]


@pytest.mark.parametrize("make", [make_pandas, make_polars])
def test_names_of_columns_that_are_no_text_are_written_as_text(make):
    pytest.importorskip(make.__name__.removeprefix("make_"))
    assert list(make({"right(a\udcff)": texts(["x"])}).columns) == ["right(a\\xff)"]
