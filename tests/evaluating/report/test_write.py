"""The report of a run, opened in a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from axe import violations
from evaluating import asked, measured, reported
from models import Tiny, colours, tiny_run
from screens import PHONE, RTL, find_faults
from whatsit.errors import UserError
from whatsit.records import as_json

NASTY = ("<script>document.title='owned'</script>", "\"><img src=x onerror=document.title='owned'>", "猫 & 'chat'")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return measured(tmp_path_factory.mktemp("runs") / "colours", colours(900))


def opened(browser: Any, file: Path, **options: Any) -> tuple[Any, list[str]]:
    """A page with the report, and everything it complained of or asked the network for."""
    page = browser.new_page(**options)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else trouble.append(request.url),
    )
    page.goto(file.as_uri())
    return page, trouble


def test_its_figures_are_plain_json_and_what_the_predictions_say(tiny: Tiny) -> None:
    figures, test = as_json(tiny.run.info.figures), asked(tiny, "test")
    assert json.loads(json.dumps(figures)) == figures
    assert (figures["part"], figures["n"], figures["right"]) == ("test", len(test), int(test.hits.sum()))
    assert figures["interval"][0] < figures["accuracy"] < figures["interval"][1]
    assert [row["class"] for row in figures["per_class"]] == ["blue", "green", "red"]
    assert figures["val"]["n"] == len(tiny.split.rows("val"))
    confusion = tiny.run.rows("confusion")
    assert sum(int(row["photos"]) for row in confusion if row["part"] == "test") == len(test)


def test_the_same_run_gives_the_same_report(tiny: Tiny) -> None:
    once = tiny.run.report.read_bytes()
    reported(tiny)
    assert tiny.run.report.read_bytes() == once


def test_it_needs_nothing_beside_it_and_raises_no_complaint(tiny: Tiny, browser: Any) -> None:
    page, trouble = opened(browser, tiny.run.report)
    assert page.title() == f"colours: {100 * tiny.run.info.figures.accuracy:.1f}\N{NARROW NO-BREAK SPACE}% right"
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert trouble == []


def test_its_policy_allows_only_its_own_style_and_script(tiny: Tiny) -> None:
    text = tiny.run.report.read_text(encoding="utf-8")
    policy = (
        re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1).replace("&#39;", "'")
    )
    assert policy.startswith("default-src 'none'; img-src data:;")
    for kind, content in (("style", r"<style>(.*?)</style>"), ("script", r"<script>(.*?)</script>")):
        found = re.search(content, text, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "style=" not in text.split("</style>")[1].split("<script>")[0]


def test_a_cell_of_the_confusion_matrix_shows_its_photos(tiny: Tiny, browser: Any) -> None:
    page, _ = opened(browser, tiny.run.report)
    test = asked(tiny, "test")
    of_cell = (test.labels == 0) & (test.chosen == 1)
    cell = page.locator("button[data-cell='0-1']")
    assert page.locator("#cell").is_hidden()
    cell.click()
    assert page.locator("#cell h3").inner_text().startswith(f"{of_cell.sum()} of ")
    shown = page.locator("#cell img").evaluate_all("images => images.map(image => image.alt)")
    sure = sorted(np.flatnonzero(of_cell), key=lambda place: -test.claimed[place])
    assert shown == [test.names[place] for place in sure[:12]]
    assert cell.get_attribute("aria-pressed") == "true"


def test_the_confusion_matrix_is_walked_with_the_keyboard(tiny: Tiny, browser: Any) -> None:
    page, _ = opened(browser, tiny.run.report)
    page.locator("button[data-cell='0-0']").focus()
    at = "document.activeElement.dataset.cell"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(at) == "0-1"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(at) == "1-1"
    page.keyboard.press("Enter")
    heading = page.locator("#cell h3").inner_text()
    assert "\N{FIRST STRONG ISOLATE}green\N{POP DIRECTIONAL ISOLATE} called" in heading
    assert page.locator(".matrix button[tabindex='0']").count() == 1


def test_cells_show_counts_or_shares(tiny: Tiny, browser: Any) -> None:
    page, _ = opened(browser, tiny.run.report)
    cell, row = page.locator("button[data-cell='1-1']"), tiny.run.info.figures.per_class[1]
    assert cell.inner_text() == str(row.right)
    page.get_by_label("shares of the row").check()
    assert cell.inner_text() == str(round(100 * row.recall))


def test_classes_sort_by_the_column_that_is_chosen(tiny: Tiny, browser: Any) -> None:
    page, _ = opened(browser, tiny.run.report)
    heading = page.locator("#classes th").filter(has_text="Precision")
    heading.get_by_role("button").click()
    rows = page.locator("#classes tbody tr")
    order = [row.class_ for row in sorted(tiny.run.info.figures.per_class, key=lambda row: row.precision)]
    assert rows.locator("th").all_inner_texts() == order
    heading.get_by_role("button").click()
    assert rows.locator("th").all_inner_texts() == order[::-1]
    assert heading.get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(tiny: Tiny, browser: Any, width: int, scheme: str) -> None:
    page, _ = opened(browser, tiny.run.report, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_opened_as_a_whole_it_is_accessible_on_a_phone(tiny: Tiny, browser: Any) -> None:
    page, _ = opened(browser, tiny.run.report, viewport={"width": 390, "height": 844}, bypass_csp=True)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []


def test_on_a_phone_nothing_is_cut_and_names_turn_nothing(tmp_path: Path, browser: Any) -> None:
    long = "a_name_as_long_as_names_of_classes_come_where_people_write_them"
    tiny = tiny_run(tmp_path / "run", colours(300, names=(RTL, long, "cat")))
    warned = replace(tiny.run.info, warnings=(f"With few photos of {RTL} (3) it is set roughly.",))
    run = reported(replace(tiny, run=replace(tiny.run, info=warned)))
    page, _ = opened(browser, run.report, **PHONE)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for cell in page.locator(".matrix .miss button").all()[:1]:
        cell.click()
    assert find_faults(page, RTL) == []


def test_the_surest_mistakes_are_named_and_led_to(tmp_path: Path, browser: Any) -> None:
    tiny = tiny_run(tmp_path / "run", colours(900))
    test = asked(tiny, "test")
    shares = test.probabilities.copy()
    wrong = np.flatnonzero(test.hits)[:20]
    shares[wrong] = 0.0001
    shares[wrong, (test.labels[wrong] + 1) % 3] = 0.9998
    run = reported(tiny, test=replace(test, probabilities=shares))
    page, _ = opened(browser, run.report)
    links = page.locator("#next a")
    assert links.count() == 3
    assert set(links.all_inner_texts()) <= {test.names[place] for place in wrong}
    links.first.click()
    assert page.evaluate("() => document.querySelector(':target .file').textContent") == links.first.inner_text()


def test_printed_everything_is_open_and_light(tiny: Tiny, browser: Any) -> None:
    page, _ = opened(browser, tiny.run.report, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("nav").is_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_names_are_text_whatever_is_in_them(tmp_path: Path, browser: Any) -> None:
    tiny = measured(tmp_path / "nasty", colours(300, names=NASTY))
    page, trouble = opened(browser, tiny.run.report)
    assert "owned" not in page.title()
    for label in NASTY:
        assert page.locator("#classes tbody th").get_by_text(label, exact=True).count() == 1
    for button in page.locator(".matrix button").all():
        button.click()
    names = page.locator("#cell img").evaluate_all("images => images.map(image => image.alt)")
    assert any(label in name for name in names for label in NASTY)
    assert "owned" not in page.title()
    assert trouble == []


def test_a_name_that_is_no_text_is_shown_with_a_mark(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    test = replace(asked(tiny, "test"), names=("caf\udce9.jpg",) * len(asked(tiny, "test")))
    reported(tiny, test=test)
    assert "caf?.jpg" in tiny.run.report.read_text(encoding="utf-8")


def test_without_test_photos_it_says_that_validation_chose_the_model(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    nobody = replace(asked(tiny, "test"))
    nobody = type(nobody)((), nobody.rows[:0], nobody.labels[:0], nobody.probabilities[:0], nobody.distances[:0])
    assert reported(tiny, test=nobody).info.figures.part == "val"
    assert "There is no test part" in tiny.run.report.read_text(encoding="utf-8")
    with pytest.raises(UserError, match="neither test nor validation"):
        reported(tiny, test=nobody, val=nobody)


def test_copies_across_the_split_are_counted_and_the_figure_without_them_given(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    test = asked(tiny, "test")
    leaked = replace(tiny.split, leaked=np.sort(test.rows[:7]))
    figures = reported(tiny, ready=replace(tiny.ready, split=leaked)).info.figures
    assert (figures.leaked, figures.test_leaked) == (7, 7)
    assert figures.without_leaked.n == len(test) - 7
    assert figures.without_leaked.right == int(test.hits[7:].sum())
    text = tiny.run.report.read_text(encoding="utf-8")
    assert "Copies of training photos among the test photos: 7, so the accuracy flatters." in text


def test_a_search_is_shown_as_a_table_of_its_candidates(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    (tmp_path / "run" / "history.csv").write_text("model,C,score\nsvm,10,0.91\nforest,,0.88\n")
    reported(tiny)
    text = tiny.run.report.read_text(encoding="utf-8")
    assert '<th scope="col" class="n">score</th>' in text
    assert '<th scope="row">svm</th><td class="n">10</td><td class="n">0.91</td>' in text


def test_no_line_ends_between_a_number_and_its_per_cent_sign(tiny: Tiny) -> None:
    page = re.sub(r"(?s)<(style|script|pre|code|svg)\b.*?</\1>", "", tiny.run.report.read_text(encoding="utf-8"))
    assert "95\u202f% confidence" in page
    assert [page[one.start() - 60 : one.end() + 20] for one in re.finditer(r"\d %", page)] == []


def test_only_options_that_did_something_are_listed(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    reported(replace(tiny, run=replace(tiny.run, info=replace(tiny.run.info, uses=("recipe", "seed")))))
    listed = tiny.run.report.read_text(encoding="utf-8").split("How to repeat it")[1]
    assert "<dt>seed</dt>" in listed
    assert "<dt>learning rate</dt>" not in listed
    assert "--name" in listed


def test_the_candidates_of_a_search_are_drawn_with_their_spread(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    (tmp_path / "run" / "history.csv").write_text(
        "features,model,parameters,mean,spread,seconds,left_out\n"
        "hog,svm-rbf,C=10 gamma=1,0.91,0.02,1.5,\n"
        "hog,forest,trees=200 leaf=1,0.88,0.03,4.0,\n"
        "hog,forest,trees=200 leaf=3,,,,the time was up\n"
    )
    reported(tiny)
    text = tiny.run.report.read_text(encoding="utf-8")
    assert "Candidates of the search" in text
    assert "The best 2 candidates of the search." in text
    assert "hog svm-rbf C=10 gamma=1" in text
    assert "<td>the time was up</td>" in text


def test_a_large_report_stays_below_3_megabytes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    tiny = tiny_run(tmp_path / "run", colours(1500, side=96), size=96)
    pixels = random.integers(0, 256, tiny.decoded.pixels.shape, dtype=np.uint8)  # noise: nothing packs worse
    noisy = replace(tiny.decoded, pixels=pixels)
    reported(tiny, test=asked(tiny, "test"), val=asked(tiny, "val"), ready=replace(tiny.ready, decoded=noisy))
    assert tiny.run.report.stat().st_size < 3_000_000
