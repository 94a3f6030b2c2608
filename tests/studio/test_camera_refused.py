"""A camera that the browser does not let the page use: what it then says."""

from __future__ import annotations

from pathlib import Path

from studios import running

from browser import chromium
from drawing import class_folders


def test_a_camera_that_is_refused_is_said_and_photos_still_come_in(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "pets", "cat", "dog")
    with (
        running(data) as studio,
        chromium("--use-fake-device-for-media-stream", "--deny-permission-prompts") as browser,
    ):
        tab = browser.new_page()
        tab.goto(studio.address)
        tab.click('button:has-text("Camera")')
        tab.wait_for_selector('.camera [role=alert]:has-text("does not let this page use the camera")')
        tab.set_input_files(".class-head input >> nth=0", str(data / "dog" / "0.png"))
        tab.wait_for_selector('.class-card:has-text("cat"):has-text("4 photos")')
        assert studio.counts("pets") == {"cat": 4, "dog": 3}
