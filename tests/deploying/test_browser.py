"""The browser kit in a real Chromium: the same pixels and answers as here, without a network, or none at all."""

from __future__ import annotations

import base64
import contextlib
import functools
import gzip
import http.server
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whatsit
from browser import chromium
from labelled import write_labelled
from models import Tiny
from pointed import train_point
from whatsit.deploying import browser as kit_module
from whatsit.deploying.kit import DeployOptions, Product
from whatsit.deploying.ort_web import fetch_runtime
from whatsit.errors import UserError
from whatsit.image import RESIZES, decode, encode_jpeg, encode_png, resize_pixels
from whatsit.model.classifier import load
from whatsit.model.container import read_facts
from whatsit.road.deploy import deploy
from whatsit.words import human_bytes

ANSWERED = "article.result:not(.waiting)"


TYPES = {".html": "text/html", ".css": "text/css", ".js": "application/javascript", ".svg": "image/svg+xml"}


class _Stock(http.server.SimpleHTTPRequestHandler):
    """Knows the types that every file server knows; all else is a row of bytes, to be taken as nothing more."""

    def guess_type(self, path: Any) -> str:
        return TYPES.get(Path(path).suffix, "application/octet-stream")

    def end_headers(self) -> None:
        self.send_header("x-content-type-options", "nosniff")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def given_out(folder: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """A plain file server: few types, and no header that would help."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Stock, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Web:
    """A kit given out, and an open page of it."""

    folder: Path
    page: Any

    @property
    def static(self) -> str:
        (folder,) = (self.folder / "static").iterdir()
        return f"/static/{folder.name}"

    def call(self, module: str, body: str, value: object) -> Any:
        """`body` with the module as `m` and `value` as `given`, run in the page."""
        code = f"async (given) => {{ const m = await import('{self.static}/{module}'); {body} }}"
        return self.page.evaluate(code, value)


@pytest.fixture(scope="session")
def folder(tiny: Tiny, ort_web: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kits") / "browser"
    deploy(tiny.run, out, "browser", DeployOptions(ort_web=ort_web))
    return out


@pytest.fixture(scope="module")  # no longer: Playwright keeps an event loop running in this thread
def engine() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def web(folder: Path, engine: Any) -> Iterator[Web]:
    with given_out(folder) as server:
        context = engine.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function(APART)
        yield Web(folder, page)
        context.close()


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels)).astype(np.uint8)


APART = "() => crossOriginIsolated"  # from others, by the service worker: several cores may compute
PIXELS = """
const blob = new Blob([Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0))]);
const { data, width, height } = await m.pixelsOf(blob);
return { data: btoa(data.reduce((text, level) => text + String.fromCharCode(level), "")), width, height };
"""
FITTED = """
const data = Uint8Array.from(atob(given.data), (letter) => letter.charCodeAt(0));
const out = m.fitted({ data, width: given.width, height: given.height }, given.size, given.resize);
return btoa(out.data.reduce((text, level) => text + String.fromCharCode(level), ""));
"""


@pytest.mark.parametrize("resize", RESIZES)
def test_pixels_are_resized_as_pillow_does_it(web: Web, resize: Any) -> None:
    random = np.random.default_rng(1)
    for seed in range(12):
        height, width, *size = (int(side) for side in random.integers(1, 90, 4))
        pixels = noise(height, width, seed=seed)
        given = {"data": base64.b64encode(pixels.tobytes()).decode(), "width": width, "height": height}
        there = base64.b64decode(web.call("resize.js", FITTED, given | {"size": size, "resize": resize}))
        here = resize_pixels(pixels, (size[0], size[1]), resize)
        assert len(there) == here.size
        apart = np.abs(np.frombuffer(there, np.uint8).astype(int) - here.reshape(-1))
        assert apart.max() <= 1, (height, width, size)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_png_is_decoded_within_a_level(web: Web, channels: int) -> None:
    picture = noise(20, 30, channels)
    file = encode_png(picture if channels > 1 else np.repeat(picture, 3, axis=2))
    found = web.call("pixels.js", PIXELS, base64.b64encode(file).decode())
    there = np.frombuffer(base64.b64decode(found["data"]), np.uint8).reshape(20, 30, 3)
    assert np.abs(there.astype(int) - decode(file)).max() <= 1


def test_a_turned_jpeg_is_upright_in_the_browser_too(web: Web) -> None:
    file = encode_jpeg(noise(20, 32), orientation=6)
    found = web.call("pixels.js", PIXELS, base64.b64encode(file).decode())
    here = decode(file)
    there = np.frombuffer(base64.b64decode(found["data"]), np.uint8).reshape(found["height"], found["width"], 3)
    assert there.shape == here.shape
    assert np.abs(there.astype(int) - here).max() <= 3


ASKED = """
const files = JSON.parse(document.getElementById("files").textContent);
globalThis.ask ??= await m.open(files);
return globalThis.ask(new Blob([Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0))]));
"""


def test_the_browser_answers_as_the_model_does_here(web: Web, tiny: Tiny) -> None:
    random = np.random.default_rng(0)
    for seed in range(12):
        colour = random.integers(0, 256, 3)
        pixels = np.clip(noise(40, 50, seed=seed) * 0.2 + colour * 0.8, 0, 255).astype(np.uint8)
        file = encode_png(pixels) if seed % 2 else encode_jpeg(pixels)
        there = web.call("model.js", ASKED, base64.b64encode(file).decode())
        here = tiny.model.predict(file)
        assert (there["label"], there["known"]) == (here.label, here.known)
        assert sorted(there["could_be"]) == sorted(here.could_be)
        assert there["probability"] == pytest.approx(here.probability, abs=0.02)
        assert list(there["probabilities"]) == list(here.probabilities)


def test_the_browser_says_the_labels_of_a_model_of_several(ort_web: Path, engine: Any, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs the extra 'train'")
    table = write_labelled(tmp_path / "set", photos=80)
    run = whatsit.train(table, recipe="transfer", size=64, runs=tmp_path / "runs", name="labels")
    deploy(run, tmp_path / "kit", "browser", DeployOptions(ort_web=ort_web))
    with given_out(tmp_path / "kit") as server:
        page = engine.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function(APART)
        web = Web(tmp_path / "kit", page)
        same = 0
        photos = sorted((tmp_path / "set" / "photos").glob("*.png"))[:20]
        for photo in photos:
            there = web.call("model.js", ASKED, base64.b64encode(photo.read_bytes()).decode())
            here = run.model().predict(photo)
            assert there["target"] == "several"
            assert there["probabilities"] == pytest.approx(here.probabilities, abs=0.05)  # its weights have 8 bits
            same += tuple(there["labels"]) == here.labels
        assert same >= len(photos) - 1
        page.close()


COSTS = "truth,blue,green,red,not sure\nblue,0,1,1,0.2\ngreen,1,0,1,0.2\nred,20,20,0,1\n"


@pytest.mark.parametrize("prefer", ["precision=0.9", "costs.csv"])
def test_the_browser_is_as_sure_as_the_model_is_here(
    ort_web: Path, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefer: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("costs.csv").write_text(COSTS)
    run = train_point(tmp_path, prefer)
    deploy(run, tmp_path / "kit", "browser", DeployOptions(ort_web=ort_web))
    model = load(next((tmp_path / "kit").glob("static/*/model.onnx")))
    with given_out(tmp_path / "kit") as server:
        page = engine.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function(APART)
        web, sure = Web(tmp_path / "kit", page), []
        for photo in sorted((tmp_path / "photos").glob("*/*.png"))[::12]:
            there = web.call("model.js", ASKED, base64.b64encode(photo.read_bytes()).decode())
            here = model.predict(photo)
            assert (there["label"], there["sure"]) == (here.label, here.sure)
            assert there["probability"] == pytest.approx(here.probability, abs=1e-3)
            sure.append(there["sure"])
        assert len(set(sure)) == 2
        page.close()


def test_a_page_seen_once_answers_without_a_network(folder: Path, engine: Any, tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(encode_png(np.full((40, 40, 3), (200, 60, 60), np.uint8)))
    troubles: list[str] = []
    foreign: list[str] = []
    with contextlib.closing(engine.new_context()) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        with given_out(folder) as server:
            home = f"http://127.0.0.1:{server.server_port}/"
            page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((home, "blob:")) else None)
            page.goto(home)
            page.wait_for_function(APART)
        page.reload()  # the server is gone
        assert page.evaluate(APART)
        page.set_input_files("#photo", tmp_path / "red.png")
        page.wait_for_selector(ANSWERED)
        assert page.text_content(".verdict [data-part=label]") == "red"
    assert (troubles, foreign) == ([], [])


@pytest.mark.parametrize("touched", [False, True])
def test_only_a_page_that_nobody_has_touched_is_loaded_once_more(folder: Path, engine: Any, touched: bool) -> None:
    with contextlib.closing(engine.new_context()) as context, given_out(folder) as server:
        page = context.new_page()
        if touched:
            key = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab', bubbles: true }))"
            page.add_init_script(f"addEventListener('DOMContentLoaded', () => {key})")
        loads: list[str] = []
        page.on("framenavigated", lambda frame: loads.append(frame.url))
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'")
        page.wait_for_timeout(300)  # in which it would be loaded again
        assert len(loads) == (1 if touched else 2)
        assert page.evaluate(APART) is not touched


def test_an_altered_model_is_refused_by_the_page(folder: Path, engine: Any, tmp_path: Path) -> None:
    altered = shutil.copytree(folder, tmp_path / "altered")
    (model,) = altered.glob("static/*/model.onnx")
    model.write_bytes(model.read_bytes()[:-1] + b"!")
    (tmp_path / "red.png").write_bytes(encode_png(np.full((40, 40, 3), (200, 60, 60), np.uint8)))
    with contextlib.closing(engine.new_context(service_workers="block")) as context, given_out(altered) as server:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.set_input_files("#photo", tmp_path / "red.png")
        page.wait_for_selector("#stage .failed")
        assert page.locator(".verdict").count() == 0


def test_what_is_no_photo_is_said_to_be_none(folder: Path, engine: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_bytes(b"no photo at all")
    with contextlib.closing(engine.new_context(service_workers="block")) as context, given_out(folder) as server:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.set_input_files("#photo", tmp_path / "notes.png")
        page.wait_for_selector("#stage .failed")
        assert "This photo cannot be read." in page.text_content("#stage .failed")


def test_every_address_in_the_page_is_a_file_of_the_kit(folder: Path) -> None:
    html = (folder / "index.html").read_text()
    addresses = [one for one in re.findall(r'(?:href|src)="([^"#]+)"', html) if one != "http://127.0.0.1:8000/"]
    assert len(addresses) > 5
    assert [name for name in addresses if not (folder / name).exists()] == []
    assert "action=" not in html


def test_the_readme_says_what_a_first_visit_loads_plain_and_compressed(folder: Path) -> None:
    loaded_kinds = {".html", ".css", ".svg", ".js", ".wasm", ".onnx"}
    visited = [one for one in folder.rglob("*") if one.suffix in loaded_kinds]
    loaded = [one.read_bytes() for one in visited if one.name != "sw.js"]
    plain, packed = sum(map(len, loaded)), sum(len(gzip.compress(content, 6)) for content in loaded)
    said = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    assert f"loads {human_bytes(plain)} from a server that gives the files out as they are" in said
    assert f"and {human_bytes(packed)} from one that compresses them" in said
    assert packed < plain / 1.5


def test_scripts_and_styles_have_names_that_every_file_server_knows(folder: Path) -> None:
    asked_for = {path.suffix for path in folder.rglob("*") if path.suffix}
    assert asked_for - TYPES.keys() == {".json", ".md", ".onnx", ".wasm"}  # read by nobody, or as bytes


def test_a_model_that_looks_at_faces_is_refused(tiny: Tiny, ort_web: Path) -> None:
    facts = replace(tiny.model.facts, crop="face")
    product = Product("people", b"", facts, lambda _asset, _server: "")
    with pytest.raises(UserError, match="'people' looks at faces"):
        kit_module.make(product, DeployOptions(ort_web=ort_web))


def test_a_model_too_large_for_a_browser_is_refused_with_its_size(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_module, "MOST", 1000)
    with pytest.raises(UserError, match=r"too large for a browser: [\d.]+ kB \(at most 1.0 kB\)"):
        deploy(tiny.run, tmp_path / "kit", "browser", DeployOptions())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_the_runtime_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no ort.wasm.bundle.min.mjs in"):
        fetch_runtime(tmp_path)


def test_another_runtime_than_the_tested_one_is_refused(tmp_path: Path) -> None:
    for name in ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"):
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(UserError, match=r"is not that of onnxruntime-web 1.30.0"):
        fetch_runtime(tmp_path)


def test_the_kits_model_says_what_the_runs_model_says(folder: Path, tiny: Tiny) -> None:
    (model,) = folder.glob("static/*/model.onnx")
    facts = read_facts(model.read_bytes())
    assert replace(facts, golden=()) == replace(tiny.model.facts, golden=())


def test_the_kits_model_proves_itself_in_python_too(folder: Path) -> None:
    (model,) = folder.glob("static/*/model.onnx")
    load(model).prove()


def test_a_file_s_integrity_is_what_browsers_compare() -> None:
    """The hash of the empty file, as the standard (SRI) writes it."""
    assert kit_module.hash_for_browsers(b"") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_the_service_worker_knows_every_file_by_its_integrity(folder: Path) -> None:
    script = (folder / "sw.js").read_text()
    listed = dict(re.findall(r'"([^"]+)": "(sha256-[^"]+)"', script))
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("static/*/*")}
    files["./"] = (folder / "index.html").read_bytes()
    assert listed == {name: kit_module.hash_for_browsers(content) for name, content in files.items()}
    for name in kit_module.LEFT_OUT:
        assert not any(file.endswith(f"/{name}") for file in listed)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_opened_as_a_file_it_says_why_nothing_would_happen(folder: Path, engine: Any, scheme: str) -> None:
    with contextlib.closing(engine.new_context(service_workers="block")) as context, given_out(folder) as server:
        page = context.new_page()
        at = (folder / "index.html").as_uri() if scheme == "file" else f"http://127.0.0.1:{server.server_port}/"
        page.goto(at, wait_until="networkidle")
        assert page.is_visible("text=This page was opened as a file") == (scheme == "file")
        assert page.is_visible("text=python3 -m http.server") == (scheme == "file")
        assert page.is_visible("#drop >> text=Your photos stay on this device") == (scheme == "http")
