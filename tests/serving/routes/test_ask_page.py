"""The page in a real browser: on a desk and a phone, in the dark, by keys alone, and without script."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from axe import violations
from browser import chromium
from models import colours, tiny_run
from screens import PHONE, RTL, find_faults
from serving import Site, photo, running
from whatsit.image import WEB_FORMATS, encode_jpeg, encode_png
from whatsit.model.asking.batch import answer_photos
from whatsit.model.asking.photos import NamedPhoto
from whatsit.model.asking.tables import write_csv
from whatsit.words import isolate, keep_together, probability

RED, BLUE = (200, 60, 60), (60, 80, 200)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with chromium(*fake, "--host-resolver-rules=MAP lab.example 127.0.0.1") as running_browser:
        yield running_browser


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[Site]:
    """A server that takes corrections and addresses, and shows a photo of a class."""
    samples = tmp_path / "samples" / "red"
    samples.mkdir(parents=True)
    (samples / "0.jpg").write_bytes(photo(RED))
    run = tiny_run(tmp_path / "colours").run.folder
    with running(run, corrections=True, addresses=True, samples=tmp_path / "samples") as site:
        yield site


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    """Photos by name: red, blue, a strange one, and none."""
    strange = np.random.default_rng(0).integers(0, 2, (40, 40, 3), np.uint8) * 255
    contents = {
        "red.jpg": photo(RED),
        "blue.jpg": photo(BLUE),
        "strange.png": encode_png(np.where(strange > 0, [0, 255, 0], [255, 255, 0]).astype(np.uint8)),
        "page.jpg": b"<html>",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {Path(name).stem: tmp_path / name for name in contents}


Open = Callable[..., Any]


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """`opened(site, **options)`: a tab with the page; at the end, no script of it may have failed."""
    faults: list[str] = []
    contexts = []

    def open_tab(site: Site, **options: Any) -> Any:
        contexts.append(browser.new_context(**options))
        tab = contexts[-1].new_page()
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        tab.goto(site.address)
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "status of 422" not in fault] == []


def answered(tab: Any) -> None:
    tab.wait_for_selector("#stage .result:not(.waiting)")


def all_answered(tab: Any) -> None:
    tab.wait_for_function(
        "() => [...document.querySelectorAll('#strip .answer')].every((one) => one.textContent != 'Looking …')"
    )


def rows_of(tab: Any) -> list[Any]:
    return list(tab.query_selector_all("#strip tr"))


def text_of(tab: Any, part: str) -> str:
    return str(tab.text_content(f"#stage [data-part={part}]")).strip()


def test_a_chosen_photo_is_answered_with_bars(opened: Open, open_site: Site, photos: dict[str, Path]) -> None:
    tab = opened(open_site)
    tab.set_input_files("#photo", photos["red"])
    answered(tab)
    assert text_of(tab, "label") == "red"
    assert text_of(tab, "share").endswith("%")
    names = [name.text_content() for name in tab.query_selector_all("#stage .bars th")]
    assert names[0] == "red"
    assert sorted(names) == ["blue", "green", "red"]
    assert tab.query_selector("#stage .bars .sample")  # red has one
    assert "red" in tab.text_content("#status")


def test_its_script_says_a_share_as_the_library_does(opened: Open, open_site: Site) -> None:
    tab = opened(open_site)
    shares = [0.9994, 0.9996, 0.0004, 1 / 3, *(place / 4096 for place in range(4097))]
    said = tab.evaluate(
        """async (shares) => {
          const { percent } = await import(document.querySelector("link[href$='answer.js']").href);
          return shares.map(percent);
        }""",
        shares,
    )
    assert said == [keep_together(probability(share)) for share in shares]


def test_on_a_phone_nothing_is_cut_and_names_turn_nothing(opened: Open, tmp_path: Path) -> None:
    long = "a_name_as_long_as_names_of_classes_come_where_people_write_them"
    run = tiny_run(tmp_path / "run", colours(names=(RTL, long, "cat"))).run.folder
    shades = {"one.jpg": (130, 70, 130), "two.jpg": RED, "three.jpg": (60, 130, 140), "page.jpg": None}
    for name, shade in shades.items():
        (tmp_path / name).write_bytes(b"<html>" if shade is None else photo(shade))
    with running(run, corrections=True, addresses=True) as site:
        tab = opened(site, **PHONE)
        tab.set_input_files("#photo", [tmp_path / name for name in shades])
        tab.wait_for_selector("#strip tr >> nth=3")
        all_answered(tab)
        also = tab.query_selector_all("#strip .also")
        assert also
        assert all(one.is_visible() for one in also)
        before = "(one) => getComputedStyle(one, '::before').content"
        assert also[0].evaluate(before) == '"It could also be "'
        names = tab.query_selector_all("#strip th")
        assert all(one.bounding_box()["width"] > 250 for one in names)  # not a column of syllables
        widest = """(figures) => figures.map((one) => {
          one.textContent = '> 99.9\u202f%';
          return one.scrollWidth - one.clientWidth;
        })"""
        assert max(tab.eval_on_selector_all("#stage .figure, #strip .figure", widest)) <= 0  # not over the bar
        assert "tells only roughly what is not one of these, from" in text_of(tab, "doubt")
        tab.click("#card summary")
        tab.click("#stage [data-part=wrong]")
        assert find_faults(tab, RTL) == []
        tab.goto(f"{site.address}/api")
        assert find_faults(tab, RTL) == []


def test_what_is_none_of_the_classes_is_said(opened: Open, open_site: Site, photos: dict[str, Path]) -> None:
    tab = opened(open_site)
    tab.set_input_files("#photo", photos["strange"])
    answered(tab)
    assert text_of(tab, "label") == "Not one of these"
    assert text_of(tab, "aside").startswith("Unlike anything it has learnt from. The nearest is \u2068")


def test_several_photos_are_a_table_that_a_reload_keeps(
    opened: Open, open_site: Site, photos: dict[str, Path]
) -> None:
    tab = opened(open_site)
    tab.set_input_files("#photo", [photos["red"], photos["blue"], photos["page"]])
    all_answered(tab)
    rows = [[cell.text_content() for cell in row.query_selector_all("th, td")] for row in rows_of(tab)]
    assert [row[:2] for row in rows] == [
        ["red.jpg", "red"],
        ["blue.jpg", "blue"],
        ["page.jpg", "No answer: This photo cannot be read: not a picture."],
    ]
    assert [row[2].endswith("%") for row in rows] == [True, True, False]
    tab.click("#strip tr:nth-child(3) button")
    assert "This photo cannot be read: not a picture." in tab.text_content("#stage")
    tab.click("#strip tr:nth-child(2) button")
    assert text_of(tab, "label") == "blue"
    tab.reload()
    assert len(rows_of(tab)) == 2  # what had no answer is not kept
    tab.click("#strip tr:nth-child(1) button")
    assert text_of(tab, "label") == "red"
    tab.click("#forget")
    assert rows_of(tab) == []
    tab.reload()
    assert rows_of(tab) == []


def test_the_table_is_saved_as_predict_writes_it(opened: Open, open_site: Site, tmp_path: Path) -> None:
    """Row by row the CSV of the command, for names with commas, quotes and formulas too."""
    names = ("=1+1.jpg", 'a "b", c.jpg', "page.jpg")
    for name, content in zip(names, (photo(RED), photo(BLUE), b"<html>"), strict=True):
        (tmp_path / name).write_bytes(content)
    tab = opened(open_site)
    tab.set_input_files("#photo", [tmp_path / name for name in names])
    all_answered(tab)
    with tab.expect_download() as saving:
        tab.click("#save")
    assert saving.value.suggested_filename == "colours-answers.csv"
    model = open_site.service.shelf.get()
    asked = [NamedPhoto(name, (tmp_path / name).read_bytes) for name in names]
    written = io.StringIO()
    write_csv(written, model, answer_photos(model, asked))
    ours, theirs = (
        list(csv.DictReader(io.StringIO(text))) for text in (saving.value.path().read_text(), written.getvalue())
    )
    assert (
        theirs[2].pop("reason").startswith(ours[2].pop("reason").rstrip("."))
    )  # the server keeps a decoder's words
    for one, other in zip(ours, theirs, strict=True):
        assert list(one) == list(other)
        for column in one:
            expected = (
                pytest.approx(float(other[column]), abs=1e-6) if other[column][:1].isdigit() else other[column]
            )
            assert (float(one[column]) if other[column][:1].isdigit() else one[column]) == expected


def test_a_photo_can_be_dropped_and_pasted(opened: Open, open_site: Site) -> None:
    tab = opened(open_site)
    give = """([kind, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'given.jpg', {type: 'image/jpeg'}));
      const event = kind === 'drop' ? new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})
        : new ClipboardEvent('paste', {clipboardData: data, bubbles: true});
      document.body.dispatchEvent(event);
    }"""
    for kind, colour, label in (("drop", RED, "red"), ("paste", BLUE, "blue")):
        tab.evaluate(give, [kind, list(photo(colour))])
        tab.wait_for_function(
            "label => document.querySelector('#stage [data-part=label]')?.textContent === label", arg=label
        )


def test_why_lays_a_map_on_the_photo_and_says_it_in_words(opened: Open, open_site: Site, tmp_path: Path) -> None:
    half = np.full((60, 80, 3), BLUE, np.uint8)
    half[:, :40] = RED
    (tmp_path / "half.jpg").write_bytes(encode_jpeg(half))
    tab = opened(open_site)
    tab.set_input_files("#photo", tmp_path / "half.jpg")
    answered(tab)
    label = tab.evaluate("() => document.querySelector('#stage .best th').textContent")
    tab.click("#stage [data-part=why]")
    tab.wait_for_selector("#stage canvas")
    side = "left" if label == "red" else "right"
    said = text_of(tab, "caption").replace(isolate(label), label)
    assert f"What spoke for {label} lies mostly at the middle {side}" in said
    assert tab.locator("#stage img").first.evaluate("image => getComputedStyle(image).filter") == "grayscale(1)"
    picture, layer = tab.locator("#stage img").first.bounding_box(), tab.locator("#stage canvas").bounding_box()
    assert all(abs(picture[key] - layer[key]) <= 1 for key in picture)
    tab.click("#stage [data-part=why]")
    assert tab.query_selector("#stage canvas") is None
    assert tab.locator("#stage img").first.evaluate("image => getComputedStyle(image).filter") == "none"


def test_a_wrong_answer_is_corrected_and_kept(opened: Open, open_site: Site, photos: dict[str, Path]) -> None:
    tab = opened(open_site)
    tab.set_input_files("#photo", photos["red"])
    answered(tab)
    tab.click("#stage [data-part=wrong]")
    tab.select_option("#stage select", "blue")
    tab.click("#stage .correction [type=submit]")
    tab.wait_for_function("() => document.getElementById('status').textContent.includes('kept as blue')")
    assert text_of(tab, "wrong") == "Kept as blue"
    kept = open_site.service.shelf.folder() / "corrections"
    assert len(list((kept / "%proposed" / "blue").glob("*.jpg"))) == 1  # until the owner has looked
    (journal,) = kept.rglob("journal.jsonl")
    assert json.loads(journal.read_text())["answered"] == "red"


def test_it_is_used_by_keys_alone(opened: Open, open_site: Site, photos: dict[str, Path]) -> None:
    tab = opened(open_site)
    tab.on("filechooser", lambda _: None)  # Chromium needs a moment before it hands choosers over: begin early
    tab.keyboard.press("Tab")
    assert tab.evaluate("() => document.activeElement.textContent") == "To the content"
    for _ in range(8):
        tab.keyboard.press("Tab")
        if tab.evaluate("() => document.activeElement.id") == "photo":
            break
    assert tab.evaluate("() => document.activeElement.id") == "photo"
    with tab.expect_file_chooser() as chooser:
        tab.keyboard.press("Space")
    chooser.value.set_files([photos["red"], photos["blue"]])
    answered(tab)
    order = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        order.append(
            tab.evaluate(
                """() => { const it = document.activeElement;
                     return it.dataset.part ?? it.closest('tbody')?.id; }"""
            )
        )
    assert order.index("why") < order.index("wrong") < order.index("strip")
    tab.focus("#strip tr:nth-child(2) button")
    tab.keyboard.press("Enter")
    assert text_of(tab, "label") == "blue"
    assert tab.evaluate("() => document.activeElement.getAttribute('aria-current')") == "true"


def test_a_camera_gives_a_photo_and_is_switched_off_again(opened: Open, open_site: Site) -> None:
    tab = opened(open_site, permissions=["camera"])
    tab.click("#camera")
    tab.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    stream = tab.evaluate_handle("() => document.querySelector('video').srcObject")
    tab.click("[data-part=take]")
    answered(tab)
    assert tab.evaluate("stream => stream.getTracks().every((track) => track.readyState === 'ended')", stream)
    assert not tab.evaluate("() => document.querySelector('dialog').open")


def test_photos_too_large_for_the_server_are_made_to_fit(opened: Open, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
    (tmp_path / "big.png").write_bytes(encode_png(noise))
    with running(tiny_run(tmp_path / "colours").run.folder, max_mb=4.0) as site:
        tab = opened(site)
        tab.set_input_files("#photo", tmp_path / "big.png")
        answered(tab)
        assert text_of(tab, "caption") == "Made smaller by your browser to be sent."


@pytest.mark.parametrize(
    "look",
    [{}, PHONE, {"color_scheme": "dark"}, {**PHONE, "color_scheme": "dark"}],
    ids=["desk", "phone", "dark", "dark phone"],
)
def test_it_has_no_fault_that_axe_knows(
    opened: Open, open_site: Site, photos: dict[str, Path], look: dict[str, Any]
) -> None:
    tab = opened(open_site, bypass_csp=True, **look)
    assert violations(tab) == []
    tab.set_input_files("#photo", [photos["red"], photos["strange"], photos["page"]])
    all_answered(tab)
    tab.click("summary")
    for number in (1, 2, 3):
        tab.click(f"#strip tr:nth-child({number}) button")
        if number < 3:
            tab.click("#stage [data-part=wrong]")
        assert violations(tab) == []
    assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")  # nothing hangs over
    tab.goto(open_site.address + "/api")
    assert violations(tab) == []


def test_a_page_that_came_without_encryption_says_so(browser: Any, tmp_path: Path) -> None:
    with running(tiny_run(tmp_path / "colours").run.folder, host="0.0.0.0", public=True) as site:
        for host, is_said in (("127.0.0.1", False), ("lab.example", True)):  # this machine is safe by itself
            tab = browser.new_page()
            tab.goto(site.address.replace("0.0.0.0", host))
            tab.wait_for_selector("html.js #drop")
            assert tab.locator("#unencrypted").is_visible() is is_said, host
            tab.close()


def test_without_script_a_photo_is_answered_by_a_plain_form(
    opened: Open, open_site: Site, photos: dict[str, Path]
) -> None:
    tab = opened(open_site, java_script_enabled=False)
    tab.set_input_files("#photo", [photos["red"], photos["page"]])
    tab.click("#drop [type=submit]")
    tab.wait_for_selector(".result")
    assert "red" in tab.text_content(".result .verdict")
    assert "This photo cannot be read: not a picture." in tab.text_content(".failed")
    assert tab.locator(".result img").first.evaluate("image => image.naturalWidth") == 80


def test_it_asks_nobody_else_and_is_small(browser: Any, open_site: Site) -> None:
    tab = browser.new_page()
    finished: list[Any] = []
    tab.on("requestfinished", lambda request: finished.append(request))
    tab.goto(open_site.address, wait_until="networkidle")
    assert all(request.url.startswith(open_site.address) for request in finished)
    sizes = [request.sizes() for request in finished]
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) <= 60_000
    tab.close()


def test_class_names_of_any_kind_are_shown_as_they_are(opened: Open, tmp_path: Path) -> None:
    names = ("<b>bold</b>", "naïve 猫 & co", "'quotes\"; alert(1)")
    run = tiny_run(tmp_path / "odd", colours(names=names)).run.folder
    (tmp_path / "red.jpg").write_bytes(photo(RED))
    with running(run, corrections=True) as site:
        tab = opened(site)
        tab.set_input_files("#photo", tmp_path / "red.jpg")
        answered(tab)
        rows = {row.text_content() for row in tab.query_selector_all("#stage .bars th")}
        assert rows == set(names)
        tab.click("#stage [data-part=why]")
        tab.wait_for_selector("#stage canvas")
        tab.click("#stage [data-part=wrong]")
        tab.select_option("#stage select", "<b>bold</b>")
        tab.click("#stage .correction [type=submit]")
        tab.wait_for_function(
            "() => document.getElementById('status').textContent.includes('kept as <b>bold</b>')"
        )


def test_a_photo_without_an_answer_gets_the_reason_and_not_a_class(
    opened: Open, open_site: Site, photos: dict[str, Path]
) -> None:
    """As a model of faces says of a photo without one; here the answer is put in the server's mouth."""
    tab = opened(open_site)
    empty = {"label": "", "probability": 0, "probabilities": {}, "could_be": [], "known": False, "distance": None}
    answer = json.dumps(empty | {"reason": "no clear face with two eyes.", "name": "", "model": "colours"})
    tab.route("**/api/predict**", lambda route: route.fulfill(body=answer, content_type="application/json"))
    tab.set_input_files("input[type=file]", str(photos["red"]))
    tab.get_by_text("No clear face with two eyes. Try another photo.", exact=True).wait_for()
    assert "Not one of these" not in tab.inner_text("main")
    assert not tab.get_by_role("button", name="Try again").is_visible()


LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütenpfirsich " * 3


@pytest.mark.parametrize("look", [{}, PHONE], ids=["desk", "phone"])
def test_long_names_and_names_from_right_to_left_keep_to_their_place(
    opened: Open, tmp_path: Path, look: dict[str, Any]
) -> None:
    names = (LONG.strip(), "x" * 200, 'תפוז, זן "24"')
    run = tiny_run(tmp_path / "odd", colours(names=names)).run.folder
    (tmp_path / "red.jpg").write_bytes(photo(RED))
    (tmp_path / f"{'y' * 200}.jpg").write_bytes(photo(BLUE))
    with running(run, corrections=True) as site:
        tab = opened(site, bypass_csp=True, **look)
        tab.set_input_files("#photo", [tmp_path / "red.jpg", tmp_path / f"{'y' * 200}.jpg"])
        all_answered(tab)
        answered(tab)
        tab.click("#stage [data-part=wrong]")
        tab.click("summary")
        assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        inside = """() => { const card = document.querySelector('.said').getBoundingClientRect();
            return document.querySelector('#stage select').getBoundingClientRect().right <= card.right; }"""
        assert tab.evaluate(inside)
        apart = [one.text_content() for one in tab.query_selector_all("bdi")]
        assert apart.count(names[2]) >= 2  # of the bars and of the card, whatever else
        assert violations(tab) == []


def test_from_twenty_classes_on_one_is_searched(opened: Open, open_site: Site, photos: dict[str, Path]) -> None:
    """The page of a model with more classes than the tiny one has: they are put into its facts."""
    tab = opened(open_site)
    tab.set_input_files("#photo", photos["red"])
    answered(tab)
    tab.click("#stage [data-part=wrong]")
    assert not tab.is_visible("#stage [name=wanted]")
    many = ["red", "blue", "Émeraude", *(f"colour {number}" for number in range(17))]
    rewrite = lambda route: route.fulfill(  # noqa: E731
        response=(page := route.fetch()),
        body=page.text().replace('["blue", "green", "red"]', json.dumps(many)),
    )
    tab.route(open_site.address + "/", rewrite)
    tab.reload()
    tab.set_input_files("#photo", photos["red"])
    answered(tab)
    tab.click("#stage [data-part=wrong]")
    options = "#stage select option"
    assert len(tab.query_selector_all(options)) == 22  # with "choose" and "none of these"
    tab.fill("#stage [name=wanted]", "emer")
    assert [one.text_content() for one in tab.query_selector_all(options)] == [
        "1 of 20 classes",
        "Émeraude",
        "none of these",
    ]
    assert tab.input_value("#stage select") == "Émeraude"
    tab.fill("#stage [name=wanted]", "COLOUR 1")
    assert len(tab.query_selector_all(options)) == 2 + 8  # 1 and 10 to 16
    assert tab.input_value("#stage select") == ""


def test_a_phone_scrolls_to_the_answer(opened: Open, open_site: Site, photos: dict[str, Path]) -> None:
    tab = opened(open_site, **{**PHONE, "viewport": {"width": 390, "height": 640}})
    tab.set_input_files("#photo", photos["red"])
    answered(tab)
    tab.wait_for_function(
        """() => { const place = document.querySelector('#stage .verdict').getBoundingClientRect();
             return place.top >= 0 && place.bottom <= innerHeight; }"""
    )


@pytest.mark.parametrize(
    "typed", ["", "not an address", "ftp://example.org/a.jpg", "photo", "https://", "C:\\a.jpg"]
)
def test_what_is_no_address_is_said_and_not_asked(opened: Open, open_site: Site, typed: str) -> None:
    tab = opened(open_site)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    tab.fill("#url", typed)
    tab.click(".by-address button")
    assert tab.text_content("#trouble").startswith("This is not the address of a photo.")
    assert tab.get_attribute("#url", "aria-invalid") == "true"
    assert asked == []
    tab.type("#url", "x")
    assert tab.get_attribute("#url", "aria-invalid") is None


def test_an_address_without_its_scheme_is_one_of_https(opened: Open, open_site: Site) -> None:
    tab = opened(open_site)
    with tab.expect_request("**/api/predict**") as asking:
        tab.fill("#url", " example.invalid/a.jpg ")
        tab.click(".by-address button")
    assert asking.value.post_data_json == {"url": "https://example.invalid/a.jpg"}


@pytest.mark.parametrize(
    ("status", "helps"),
    [(0, True), (429, True), (500, True), (503, True), (401, False), (413, False), (415, False)],
)
def test_trying_again_is_offered_where_it_can_help(
    browser: Any, open_site: Site, photos: dict[str, Path], status: int, helps: bool
) -> None:
    """For each answer of the server that is no answer; 0: none comes."""
    tab = browser.new_page()
    tab.goto(open_site.address)
    tab.route(
        "**/api/predict**",
        lambda route: route.fulfill(status=status, json={"error": "No.", "hint": ""}) if status else route.abort(),
    )
    tab.set_input_files("#photo", photos["red"])
    tab.wait_for_selector(".result.failed")
    assert tab.is_visible("#stage [data-part=again]") == helps
    if helps:
        tab.unroute("**/api/predict**")
        tab.click("#stage [data-part=again]")
        tab.wait_for_selector("#stage .verdict >> text=red")
    tab.close()


def test_the_chooser_offers_every_format_that_is_read(opened: Open, open_site: Site) -> None:
    offered = opened(open_site).get_attribute("#photo", "accept").split(",")
    named = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif", "HEIF": "heic"}
    assert named.keys() == set(WEB_FORMATS)
    assert {f"image/{name}" for name in named.values()} | {".heic", ".avif"} < set(offered)
    assert "image/tiff" not in offered  # which strangers' photos may not be


def test_the_manual_is_linked_from_the_top_and_its_lines_are_copied(opened: Open, open_site: Site) -> None:
    tab = opened(open_site, permissions=["clipboard-read", "clipboard-write"])
    tab.click("header >> text=API")
    tab.click("[aria-label='Copy: One photo']")
    tab.wait_for_selector("text=Copied")
    assert tab.evaluate("() => navigator.clipboard.readText()") == (
        f"curl --data-binary @photo.jpg {open_site.address}/api/predict"
    )


def test_the_manual_s_javascript_runs_as_it_stands(opened: Open, open_site: Site, photos: dict[str, Path]) -> None:
    tab = opened(open_site, bypass_csp=True)
    tab.goto(open_site.address + "/api")
    (script,) = [one for one in tab.locator("pre.code").all_text_contents() if one.startswith("const [photo]")]
    tab.goto(open_site.address)
    with tab.expect_console_message() as told:
        tab.evaluate(
            """async ([script, bytes]) => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], 'a.jpg'));
              document.querySelector('input[type=file]').files = data.files;
              await Object.getPrototypeOf(async function () {}).constructor(script)();
            }""",
            [script, list(photos["red"].read_bytes())],
        )
    assert told.value.text.startswith("red 0.")


def test_of_several_photos_a_screen_reader_hears_of_the_one_that_is_shown(
    opened: Open, open_site: Site, photos: dict[str, Path]
) -> None:
    tab = opened(open_site)
    tab.set_input_files("#photo", [photos["strange"], photos["red"], photos["blue"]])
    tab.wait_for_function("() => document.getElementById('status').textContent.startsWith('All 3 photos')")
    told = tab.text_content("#status")
    assert told.startswith("All 3 photos were looked at. strange.png: Not one of these. Unlike anything")
    page = photos["red"].with_name("page.png")
    page.write_bytes(b"<html>")
    tab.set_input_files("#photo", [photos["red"], page])
    tab.wait_for_function(
        "() => document.getElementById('status').textContent.startsWith('1 of 2 photos were looked at, 1 could')"
    )
