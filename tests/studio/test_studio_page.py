"""The studio in a real browser: by keys, by mouse, by touch, for a screen reader, and asking nobody else."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studios import Running, running
from tabs import opened, said
from videos import film

from axe import violations
from browser import chromium
from drawing import class_folders, put
from models import colours, tiny_run
from screens import PHONE, RTL, find_faults, is_in_sight
from whatsit.image import encode_jpeg


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    video = film(tmp_path_factory.mktemp("video") / "cup.y4m", "cup")
    with chromium(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    ) as opened_browser:
        yield opened_browser


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "all" / "pets" / "photos", "cat", "dog", photos=12)


@pytest.fixture
def studio(pets: Path) -> Iterator[Running]:
    with running(pets.parents[1]) as opened_studio:
        yield opened_studio


def shown(tab: Any) -> list[str]:
    return [cell.get_attribute("aria-label") for cell in tab.query_selector_all(".cell")]


def card(tab: Any, label: str, count: int) -> None:
    tab.wait_for_selector(f'.class-card:has-text("{label}"):has-text("{count} photo")')


def test_photos_are_moved_removed_and_brought_back_by_keys(browser: Any, studio: Running, pets: Path) -> None:
    tab = opened(browser, studio)
    tab.wait_for_selector(".cell img")
    tab.focus(".pane")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("2")
    said(tab, "3 photos moved to dog")
    card(tab, "dog", 15)
    assert len(list((pets / "dog").iterdir())) == 15
    tab.keyboard.press("Delete")
    said(tab, "1 photo removed")
    tab.keyboard.press("z")
    said(tab, "Undone: Removed 1 photo")
    tab.keyboard.press("z")
    said(tab, "Undone: Moved 3 photos to dog")
    card(tab, "cat", 12)
    assert len(list((pets / "cat").iterdir())) == 12
    tab.wait_for_selector('button:has-text("Undo")[disabled]')


def test_photos_are_dragged_from_class_to_class_by_mouse(browser: Any, studio: Running, pets: Path) -> None:
    tab = opened(browser, studio)
    tab.wait_for_selector(".cell img")
    tab.click(".cell >> nth=0")
    tab.click(".cell >> nth=3", modifiers=["Shift"])
    tab.drag_and_drop(".cell >> nth=1", '.class-card:has-text("dog")')
    said(tab, "4 photos moved to dog")
    card(tab, "cat", 8)
    assert len(list((pets / "dog").iterdir())) == 16


def test_photos_are_moved_by_touch(browser: Any, studio: Running, pets: Path) -> None:
    tab = opened(browser, studio, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    tab.wait_for_selector(".cell img")
    tab.tap(".cell >> nth=0")
    tab.tap(".cell >> nth=1")
    tab.select_option(".chosen select", "dog")
    said(tab, "2 photos moved to dog")
    assert len(list((pets / "dog").iterdir())) == 14


def test_on_a_phone_what_acts_on_photos_is_in_sight_and_no_keys_are_spoken_of(
    browser: Any, studio: Running
) -> None:
    tab = opened(browser, studio, **PHONE)
    tab.wait_for_selector(".cell img")
    assert not [
        one.text_content() for one in tab.query_selector_all("kbd, .by-keys, .by-mouse") if one.is_visible()
    ]
    assert tab.is_visible(".by-touch")
    tab.tap(".cell >> nth=0")
    tab.wait_for_selector(".chosen")
    assert is_in_sight(tab, ".chosen")
    for button in tab.query_selector_all(".chosen button, .chosen select"):
        assert button.is_visible()
    tab.tap('button:has-text("None")')
    tab.tap('button:has-text("Camera")')
    tab.wait_for_selector(".hold:not([disabled])")
    assert is_in_sight(tab, ".hold")


def test_what_is_hidden_in_a_folder_that_is_chosen_stays_outside(
    browser: Any, studio: Running, tmp_path: Path
) -> None:
    tab = opened(browser, studio)
    tab.wait_for_selector(".cell img")
    roll = tmp_path / "roll"
    put(roll / "fox" / "1.png", seed=200)
    put(roll / "hen" / "1.png", seed=201)
    (roll / ".whatsit").mkdir()
    for hidden in (".whatsit/catalog.sqlite", "fox/.picasa.ini", "hen/Thumbs.db"):
        (roll / hidden).write_bytes(b"hidden")
    tab.set_input_files('label:has-text("Add a folder") input >> nth=0', str(roll))
    said(tab, "2 photos added")
    assert not tab.is_visible(".left-out")


def test_photos_folders_and_archives_come_in(browser: Any, studio: Running, pets: Path, tmp_path: Path) -> None:
    tab = opened(browser, studio)
    tab.wait_for_selector(".cell img")
    (tmp_path / "bad.jpg").write_bytes(b"<html>")
    files = [put(tmp_path / f"new{seed}.png", seed=200 + seed) for seed in range(3)]
    tab.set_input_files(".class-head input >> nth=0", [*map(str, files), str(tmp_path / "bad.jpg")])
    said(tab, "3 photos added, 1 left out")
    tab.wait_for_selector('.left-out:has-text("bad.jpg"):has-text("not a picture")')
    card(tab, "cat", 15)
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        for seed, name in enumerate(("fox/1.png", "fox/2.png", "hen/1.png")):
            archive.write(put(tmp_path / "packed" / name, seed=300 + seed), name)
    tab.set_input_files(".class-head input >> nth=0", str(tmp_path / "more.zip"))
    card(tab, "cat", 18)  # given to a class, it all goes there
    drop(tab, ".album", {"fox/a.png": files[0], "hen/b.png": files[1]})
    tab.keyboard.press("z")
    said(tab, "Undone: Added")
    assert {folder.name for folder in pets.iterdir() if folder.name != ".whatsit"} == {"cat", "dog"}


def drop(tab: Any, selector: str, _files: dict[str, Path]) -> None:
    """Drop a photo that the page draws itself: no test can reach the file system of a drag."""
    tab.evaluate(
        """async selector => {
            const canvas = new OffscreenCanvas(20, 20);
            canvas.getContext("2d").fillRect(3, 3, 9, 9);
            const file = new File([await canvas.convertToBlob()], "dropped.png", { type: "image/png" });
            const transfer = new DataTransfer();
            transfer.items.add(file);
            const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
            document.querySelector(selector).dispatchEvent(event);
        }""",
        selector,
    )
    said(tab, "1 photo added")


def test_classes_are_made_renamed_put_together_and_removed(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio)
    tab.wait_for_selector(".class-card")
    tab.fill("#new-class", "قطة")
    tab.keyboard.press("Enter")
    card(tab, "قطة", 0)
    tab.fill("#new-class", "Cat")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#trouble:has-text(\"There is a class 'cat' already\")")
    tab.click('.class-card:has-text("cat")')
    tab.click("summary:has-text('More')")
    tab.fill("#rename", "tom cat")
    tab.keyboard.press("Enter")
    card(tab, "tom cat", 12)
    tab.click("summary:has-text('More')")
    tab.select_option(".menu select", "dog")
    card(tab, "dog", 24)
    tab.click("summary:has-text('More')")
    tab.click("text=Remove the class")
    said(tab, "dog removed")
    for _ in range(3):
        tab.keyboard.press("Escape")
        before = studio.look("pets")["undo"]
        tab.click('button:has-text("Undo")')
        said(tab, f"Undone: {before}")
    assert studio.counts("pets") == {"cat": 12, "dog": 12, "قطة": 0}


def test_the_camera_keeps_frames_that_differ_in_one_recording(browser: Any, studio: Running, pets: Path) -> None:
    tab = opened(browser, studio)
    tab.click('button:has-text("Camera")')
    tab.wait_for_selector(".hold:not([disabled])")
    tab.hover(".hold")
    tab.mouse.down()
    tab.wait_for_function(
        "() => Number(/(\\d+) kept/.exec(document.querySelector('.camera [role=status]').textContent)?.[1]) >= 5"
    )
    tab.mouse.up()
    tab.wait_for_selector('.camera [role=status]:has-text("photos kept of")')
    (recording,) = [folder for folder in (pets / "cat").iterdir() if folder.is_dir()]
    kept = len(list(recording.iterdir()))
    assert kept >= 5
    card(tab, "cat", 12 + kept)
    tab.focus(".hold")
    tab.keyboard.down("Space")
    tab.wait_for_selector('.camera [role=status]:has-text("Recording")')
    tab.keyboard.up("Space")
    tab.wait_for_selector('.camera [role=status]:has-text("photos kept of")')
    tab.click("text=Close the camera")
    tab.wait_for_selector(".camera", state="detached")
    assert len([folder for folder in (pets / "cat").iterdir() if folder.is_dir()]) == 2


def test_a_camera_that_is_pulled_out_is_said(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio)
    tab.click('button:has-text("Camera")')
    tab.wait_for_selector(".hold:not([disabled])")
    tab.evaluate(
        """() => { const [track] = document.querySelector(".camera video").srcObject.getVideoTracks();
        track.stop(); track.dispatchEvent(new Event("ended")); }"""
    )
    tab.wait_for_selector('.camera [role=alert]:has-text("unplugged")')
    assert tab.is_disabled(".hold") if tab.query_selector(".hold") else True


def test_ten_thousand_photos_draw_only_what_is_in_sight(browser: Any, tmp_path: Path) -> None:
    data = class_folders(tmp_path / "many", "cat", "dog")
    photo = (data / "cat/0.png").read_bytes()
    for number in range(10_000):
        (data / "cat" / f"{number:05}.png").write_bytes(photo)
    with running(data) as studio:
        tab = opened(browser, studio, "many/photos")
        tab.wait_for_selector(".cell img")
        assert len(shown(tab)) < 100
        tab.focus(".pane")
        tab.keyboard.press("End")
        tab.wait_for_selector('.cell[aria-label="09999.png"] img')
        assert len(shown(tab)) < 100
        between = tab.evaluate(
            """async () => { const pane = document.querySelector(".pane"); pane.scrollTop = pane.scrollHeight / 2;
            pane.dispatchEvent(new Event("scroll")); for (let turn = 0; turn < 20; turn++) await null;
            return [document.querySelectorAll(".cell").length, document.querySelectorAll(".cell img").length]; }"""
        )
        assert between[0] > 10
        assert between[1] == 0  # who flings past photos asks for none of them
        tab.wait_for_selector(".cell img")


def test_a_model_is_tried_and_a_wrong_answer_goes_into_the_photos(
    browser: Any, studio: Running, pets: Path, tmp_path: Path
) -> None:
    tiny_run(pets.parent / "runs" / "colours")
    tab = opened(browser, studio, "pets/try")
    tab.set_input_files(".trying input[type=file]", str(put(tmp_path / "asked.png", seed=400)))
    tab.wait_for_selector(".bars tr")
    assert len(tab.query_selector_all(".bars tr")) == 3
    tab.click('button:has-text("Why?")')
    tab.wait_for_selector(".heat canvas")
    tab.click('button:has-text("That is wrong")')
    tab.click('.right button:has-text("dog")')
    said(tab, "Added to dog")
    assert len(list((pets / "dog").iterdir())) == 13
    tab.set_input_files(
        ".trying input[type=file]", files=[{"name": "x.png", "mimeType": "image/png", "buffer": b"no"}]
    )
    tab.wait_for_selector('.result [role=alert]:has-text("cannot be read")')
    tab.click('button:has-text("Use the camera")')
    tab.wait_for_selector('.pace:has-text("answers a second")')


def test_a_photo_of_none_of_the_classes_is_kept_as_such(
    browser: Any, studio: Running, pets: Path, tmp_path: Path
) -> None:
    tiny_run(pets.parent / "runs" / "colours")
    tab = opened(browser, studio, "pets/try")
    photo = tmp_path / "red.png"
    photo.write_bytes(encode_jpeg(np.full((40, 40, 3), (200, 60, 60), np.uint8)))
    tab.set_input_files(".trying input[type=file]", str(photo))
    tab.click('button:has-text("That is wrong")')
    tab.click('.right button:has-text("Not one of these")')
    said(tab, "Kept as none of the classes")
    found = studio.look("pets")["unsorted"]
    assert (found["count"], found["none"], found["named"]) == (1, 1, [])
    assert studio.counts("pets") == {"cat": 12, "dog": 12}
    studio.do("pets", "undo")
    assert studio.look("pets")["unsorted"]["count"] == 0


def test_a_studio_that_has_gone_is_said_and_its_return_too(browser: Any, pets: Path) -> None:
    with running(pets.parents[1]) as studio:
        tab = opened(browser, studio)
        tab.wait_for_selector(".cell img")
        studio.kill()
        tab.focus(".pane")
        tab.keyboard.press("Delete")
        tab.wait_for_selector('#trouble:has-text("does not answer")')
    assert len(list((pets / "cat").iterdir())) == 12


def test_two_windows_on_one_project_follow_each_other(browser: Any, studio: Running) -> None:
    first, second = opened(browser, studio), opened(browser, studio)
    for tab in (first, second):
        card(tab, "cat", 12)
        tab.wait_for_selector(".cell img")
    first.focus(".pane")
    first.keyboard.press("2")
    card(second, "dog", 13)
    second.click('button:has-text("Undo")')
    card(first, "cat", 12)
    first.click('.class-card:has-text("dog")')
    first.fill("#new-class", "fox")
    first.keyboard.press("Enter")
    card(second, "fox", 0)


LOOKS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": PHONE,
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "zoomed": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}


@pytest.mark.parametrize(
    "look", ["phone", *(pytest.param(look, marks=pytest.mark.slow) for look in ("desk", "dark", "zoomed"))]
)
def test_no_screen_has_a_fault(browser: Any, studio: Running, pets: Path, tmp_path: Path, look: str) -> None:
    long = "a_name_as_long_as_names_of_classes_come_where_people_write_them"
    class_folders(pets, RTL, long, photos=12)
    for name in ("colours", "again"):
        tiny_run(pets.parent / "runs" / name, colours(names=(RTL, long, "cat")))
    studio.ask("/api/projects", {"name": "empty"})
    tab = opened(browser, studio, "", bypass_csp=True, **LOOKS[look])
    found: list[str] = []

    def check(place: str, sight: str) -> None:
        tab.evaluate("place => { location.hash = `#/${place}`; }", place)
        tab.wait_for_selector(sight)
        judge(place)

    def judge(place: str) -> None:
        found.extend(f"{place}: {fault}" for fault in (*violations(tab), *find_faults(tab, RTL)))

    check("", ".projects img")
    check("empty/photos", ".first")
    check("empty/clean", "main .lead")
    check("empty/words", "#what")
    check("empty/train", ".times")
    check("empty/try", ".trying")
    check("empty/results", "main .lead")
    check("pets/photos", ".cell img")
    tab.click(".cell >> nth=1")
    tab.click("summary:has-text('More')")
    tab.wait_for_selector(".chosen")
    judge("chosen")
    tab.click("summary:has-text('More')")
    tab.fill("#new-class", RTL)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#trouble")
    judge("trouble")
    tab.click('#trouble button:has-text("Close")')
    tab.click('button:has-text("Camera")')
    tab.wait_for_selector(".hold:not([disabled])")
    judge("camera")
    tab.click('button:has-text("Camera")')
    tab.dblclick(".cell >> nth=2")
    tab.wait_for_selector("dialog[open] img")
    judge("large")
    tab.keyboard.press("Escape")
    check("pets/clean", "#found")
    check("pets/words", "#what")
    tab.check(".source:has-text('Bing') >> nth=0 >> input")
    tab.wait_for_selector(".source .careful")
    judge("terms")
    check("pets/report/colours", "text=has no report")
    check("pets/train", ".times")
    check("pets/try", ".drop")
    tab.set_input_files(".trying input[type=file]", str(put(tmp_path / "asked.png", seed=400)))
    tab.wait_for_selector(".bars tr")
    judge("tried")
    tab.click('button:has-text("That is wrong")')
    tab.wait_for_selector(".right")
    judge("put right")
    check("pets/results", ".runs")
    tab.click("summary:has-text('Class by class')")
    tab.click("summary:has-text('Take it along')")
    tab.click("text=Show the code for a phone")
    tab.wait_for_selector(".sharing img")
    tab.wait_for_selector(".toast", state="hidden")
    judge("taking")
    for box in tab.query_selector_all(".pick input"):
        box.check()
    tab.click('button:has-text("Compare")')
    tab.wait_for_selector(".sentences li, #trouble")
    judge("compared")
    assert found == []


def test_an_address_that_cannot_be_read_shows_the_start_and_says_so(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio, "%zz/photos")
    tab.wait_for_selector('#trouble:has-text("There is nothing at this address")')
    tab.wait_for_selector('.projects:has-text("pets")')
    tab.reload()
    tab.wait_for_selector('#trouble:has-text("There is nothing at this address")')
    tab.click(".projects a")
    card(tab, "cat", 12)
    assert tab.query_selector("#trouble") is None
