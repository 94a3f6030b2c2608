"""Pages need nothing beside them, let nothing run but their own script, and write figures for people."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from whatsit.evaluating.compare import Comparison
from whatsit.evaluating.report.drawing.charts import Chart
from whatsit.evaluating.report.render import FILTERS, render

THIN = "\N{NARROW NO-BREAK SPACE}"


NASTY = "<script>alert(1)</script>"


def page(name: str) -> str:
    """The page of a comparison of nothing, with a chart that has a name in it."""
    chart = Chart(Markup(""), name)
    nothing = Comparison((), ())
    values = {"comparison": nothing, "set_apart": nothing, "accuracies": chart, "differences": chart, "curves": []}
    return render("compare.html", **values).decode()


def test_its_style_and_script_are_in_it_and_nothing_else_may_run() -> None:
    text = page("a chart")
    assert "<link" not in text
    assert "<script src" not in text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;; img-src data:;")
    assert "<figcaption>a chart</figcaption>" in text


def test_a_name_is_text_whatever_it_says() -> None:
    assert NASTY not in page(NASTY)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(NASTY)


def test_a_name_that_is_no_text_is_written_with_a_mark() -> None:
    assert "caf?.jpg" in page("caf\udce9.jpg")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("percent", 0.9876, f"98.8{THIN}%"),
        ("percent", None, "–"),
        ("percent", float("nan"), "–"),
        ("number", 0.12345, "0.123"),
        ("number", None, "–"),
        ("count", 12345, "12,345"),
        ("sentence", "95 % of 10 %", f"95{THIN}% of 10{THIN}%"),
        ("sentence", "3 % are קפה", f"3{THIN}% are \u2068קפה\u2069"),
        ("bytes", 1536, "1.5 kB"),
        ("fact", True, "yes"),
        ("fact", False, "no"),
        ("fact", 419107, "419,107"),
        ("fact", 0.5, "0.5"),
        ("fact", {"train": 31, "val": 6}, "train 31, val 6"),
        ("fact", ["a", 2000], "a, 2,000"),
        ("fact", [], "–"),
    ],
)
def test_values_are_written_for_people(name: str, value: object, text: str) -> None:
    assert FILTERS[name](value) == text
