"""One photo, one answer, by whichever door it comes: a program's, an upload, or the browser that answers itself.

The reference is `decode`, which `test_one_photo_every_way` holds against the samples that were written.
"""

from __future__ import annotations

import base64
import http.client
import http.server
import io
import json
import mmap
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from browser import chromium
from known_pixels import pngs, tiffs
from models import Tiny
from serving import Site, form, running
from whatsit.deploying.kit import FILES
from whatsit.image import RESIZES, Pixels, decode, encode_jpeg, resize_pixels
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.serving.work.models import Shelf, Slot

KINDS = (("JPEG", "RGB"), ("JPEG", "L"), ("WEBP", "RGBA"), ("GIF", "P"), ("AVIF", "RGB"), ("PNG", "RGBA"))


@pytest.fixture(scope="module")
def model(tiny: Tiny) -> Classifier:
    return tiny.model


class Watching(Classifier):
    """A model that keeps the pixels it is asked about."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.seen: list[Pixels] = []

    def answers(self, pixels: Pixels, names: Any = None) -> Any:
        self.seen.append(pixels[0])
        return super().answers(pixels, names)


@st.composite
def everyday(draw: st.DrawFn) -> bytes:
    """A photo as cameras, phones and programs write it: smooth, of every common kind, turned or not."""
    kind, mode = draw(st.sampled_from(KINDS))
    height, width, orientation = draw(st.integers(1, 40)), draw(st.integers(1, 40)), draw(st.integers(1, 8))
    return written(smooth(height, width, draw(st.integers(0, 99))), kind, mode, orientation)


def smooth(height: int, width: int, seed: int, wave_px: float = 9.0) -> Pixels:
    """Waves of light in which no two corners are alike; of (height, width, 4)."""
    wave = np.random.default_rng(seed).uniform(0, 6, 4)
    y, x = np.mgrid[0:height, 0:width] / wave_px
    planes = [128 + 100 * np.sin(wave[0] + x), 128 + 90 * np.cos(wave[1] + y), 128 + 60 * np.sin(wave[2] + x + y)]
    return np.dstack([*planes, 200 + 55 * np.cos(wave[3] + x - y)]).astype(np.uint8)


def written(pixels: Pixels, kind: str, mode: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x112] = orientation
    out = io.BytesIO()
    options: dict[str, Any] = {} if kind == "GIF" else {"exif": exif}
    options |= {"subsampling": 0, "quality": 95} if kind == "JPEG" else {}
    options |= {"lossless": True, "exact": True} if kind == "WEBP" else {}
    Image.fromarray(pixels).convert(mode).save(out, kind, **options)
    return out.getvalue()


PHOTOS = st.one_of(pngs().map(lambda known: known[0]), everyday())

# --- a program's ---


@settings(max_examples=60, deadline=None)
@given(st.one_of(PHOTOS, tiffs().map(lambda known: known[0])))
def test_whatever_a_program_holds_a_file_in_it_is_the_same_photo(model: Classifier, content: bytes) -> None:
    wanted = model.pixels(content)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "photo")
        file.write_bytes(content)
        with zipfile.ZipFile(Path(folder, "a.zip"), "w") as archive:
            archive.write(file, "photo")
        spooled = tempfile.SpooledTemporaryFile()  # noqa: SIM115 - as frameworks hand over uploads
        spooled.write(content)  # and its end is where it stands
        with file.open("rb") as opened, file.open("rb", buffering=0) as raw, file.open("rb") as mapped, spooled:
            ways: list[Any] = [file, str(file), opened, raw, spooled, io.BytesIO(content), bytearray(content)]
            ways += [io.BufferedReader(io.BytesIO(content)), memoryview(content), np.frombuffer(content, np.uint8)]  # type: ignore[arg-type]
            ways += [zipfile.Path(archive.filename, "photo")]
            with mmap.mmap(mapped.fileno(), 0, access=mmap.ACCESS_READ) as memory:
                for way in [*ways, memory]:
                    assert np.array_equal(model.pixels(way), wanted), way


@pytest.mark.parametrize("resize", RESIZES)
@settings(max_examples=40, deadline=None)
@given(
    st.integers(90, 400),
    st.integers(90, 400),
    st.integers(1, 8),
    st.tuples(st.integers(12, 40), st.integers(12, 40)),
)
def test_a_jpeg_that_its_decoder_shrinks_is_within_a_level_of_its_pixels(
    resize, height, width, orientation, size
) -> None:
    """In the mean of a photo; single pixels where colours jump are further apart. Arrays are never shrunk so."""
    content = encode_jpeg(
        smooth(height, width, 0, max(height, width) / 8)[..., :3], quality=95, orientation=orientation
    )
    apart = np.abs(decode(content, size, resize).astype(int) - resize_pixels(decode(content), size, resize))
    assert apart.mean() <= 1
    assert apart.max() <= 10


# --- an upload ---


@dataclass
class Door:
    """A running server, and the pixels that its model saw of an upload."""

    site: Site
    model: Watching

    def pixels(self, body: bytes, kind: str) -> Pixels:
        self.model.seen.clear()
        reply = self.site.post("/api/predict", body, kind)
        assert reply.status == 200, reply.body
        (seen,) = self.model.seen
        return seen


@pytest.fixture(scope="module")
def door(tiny: Tiny) -> Iterator[Door]:
    file = tiny.run.folder / MODEL_FILE
    model = Watching(file.read_bytes())
    with running(tiny.run.folder, parts={"shelf": Shelf({"colours": Slot(file, model, ())})}) as site:
        yield Door(site, model)


def uploads(content: bytes) -> list[tuple[bytes, str]]:
    """A photo as browsers, scripts and services send it."""
    text = base64.b64encode(content)
    address = b"data:image/png;base64," + text
    return [
        (content, "application/octet-stream"),
        (content, "image/jpeg"),  # whatever it is
        form(("photo", "a.jpg", content)),
        form(photo=address.decode()),
        (json.dumps({"inputs": text.decode()}).encode(), "application/json"),
        (json.dumps({"inputs": address.decode()}).encode(), "application/json"),
        (address, "text/plain"),
    ]


@settings(max_examples=40, deadline=None)
@given(PHOTOS)
def test_an_upload_is_the_photo_that_its_file_is(door: Door, model: Classifier, content: bytes) -> None:
    wanted = model.pixels(content)
    for body, kind in uploads(content):
        assert np.array_equal(door.pixels(body, kind), wanted), kind


@pytest.mark.parametrize(
    "name", ["iphone_irot.heic", "orientation_6.heic", "rgb_10.heif", "rgba_8.heif", "burst.heic"]
)
def test_a_phones_photo_is_the_same_by_every_door(
    door: Door, model: Classifier, real_data: Callable[[str], Path], name: str
) -> None:
    content = (real_data("heic") / name).read_bytes()
    wanted = model.pixels(content)
    assert np.array_equal(model.pixels(io.BytesIO(content)), wanted)
    for body, kind in uploads(content):
        assert np.array_equal(door.pixels(body, kind), wanted), kind


# --- the browser kit ---


class _Given(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        is_script = self.path in ("/pixels.js", "/webp.js")
        self.send_response(200)
        self.send_header("content-type", "text/javascript" if is_script else "text/html")
        self.end_headers()
        self.wfile.write((FILES / "browser" / self.path[1:]).read_bytes() if is_script else b"<!doctype html>")

    def log_message(self, *_: object) -> None:
        pass


PIXELS = """async ([photo, ground]) => {
  const { pixelsOf } = await import("/pixels.js");
  const blob = new Blob([Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0))]);
  const { data, width, height } = await pixelsOf(blob, ground);
  return { data: btoa(data.reduce((text, level) => text + String.fromCharCode(level), "")), width, height };
}"""


@dataclass
class Browser:
    """A page that has the kit's script."""

    page: Any

    def pixels(self, content: bytes, ground: str = "drawing") -> Pixels:
        found = self.page.evaluate(PIXELS, [base64.b64encode(content).decode(), ground])
        levels = np.frombuffer(base64.b64decode(found["data"]), np.uint8)
        return levels.reshape(found["height"], found["width"], 3)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with (
        chromium() as engine,
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Given) as server,
    ):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            page = engine.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            yield Browser(page)
        finally:
            server.shutdown()
            thread.join()


@settings(max_examples=120, deadline=None)
@given(PHOTOS)
def test_the_browser_sees_the_pixels_that_we_see(browser: Browser, content: bytes) -> None:
    there, here = browser.pixels(content), decode(content)
    assert there.shape == here.shape
    assert np.abs(there.astype(int) - here).max() <= 1
