"""predict() takes a photo in whatever a program has it, or refuses it by name."""

from __future__ import annotations

import array
import asyncio
import base64
import io
import mmap
import zipfile
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

import whatsit
from models import COLOURS, Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.image import encode_png
from whatsit.model.asking.photos import resolve_names

RED = np.full((20, 30, 3), COLOURS["red"], np.uint8)
BLUE = np.full((20, 30, 3), COLOURS["blue"], np.uint8)
FILE = encode_png(RED)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


class Tensor:
    """What a library other than torch and numpy hands over."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return self.values


class Reply:
    """What requests and httpx give for an address."""

    status_code, content = 200, FILE

    def __iter__(self):
        return iter([FILE[:9], FILE[9:]])


def test_a_photo_is_one_in_whatever_holds_it(tiny: Tiny, tmp_path: Path) -> None:
    file = tmp_path / "red.png"
    file.write_bytes(FILE)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(file, "red.png")
    just_written = io.BytesIO()
    Image.fromarray(RED).save(just_written, "PNG")
    ways = [FILE, bytearray(FILE), memoryview(FILE), array.array("B", FILE), np.frombuffer(FILE, np.uint8)]
    ways += [io.BytesIO(FILE), io.BufferedReader(io.BytesIO(FILE)), just_written, Reply()]
    ways += [
        zipfile.Path(archive.filename, "red.png"),
        Image.open(io.BytesIO(FILE)),
        Image.fromarray(RED),
        Tensor(RED),
    ]
    ways += [RED, RED.astype(np.uint16) * 257, RED.astype(">u2") * 257, RED / 255, RED.astype(np.float32) / 255]
    ways += [
        RED[:, ::-1],
        np.asfortranarray(RED),
        memoryview(RED),
        np.dstack([RED, np.full((20, 30), 255, np.uint8)]),
    ]
    with file.open("rb") as opened, file.open("rb") as mapped:
        ways += [opened, mmap.mmap(mapped.fileno(), 0, access=mmap.ACCESS_READ)]
        for way in ways:
            for _ in range(2):  # and again: a file that was read to its end is not an empty photo
                answer = tiny.model.predict(way)
                assert not isinstance(answer, list), way
                assert (answer.label, answer.reason) == ("red", ""), way


def test_a_tensor_of_torch_has_its_channels_first(tiny: Tiny) -> None:
    torch = pytest.importorskip("torch")
    planes = torch.from_numpy(RED.copy()).permute(2, 0, 1)
    photos = [planes, planes / 255.0, (planes / 255.0).requires_grad_(), (planes / 255.0).to(torch.float16)]
    photos += [(planes / 255.0).to(torch.bfloat16), planes.permute(1, 2, 0)]
    assert [tiny.model.predict(photo).label for photo in photos] == ["red"] * 6
    batch = torch.stack([planes, torch.from_numpy(BLUE.copy()).permute(2, 0, 1)])
    assert [answer.label for answer in tiny.model.predict(batch)] == ["red", "blue"]
    with pytest.raises(UserError, match=r"outside 0\.\.1"):
        tiny.model.predict(planes / 255.0 - 0.5)


def test_several_are_a_list_or_one_dimension_more(tiny: Tiny, tmp_path: Path) -> None:
    file = tmp_path / "red.png"
    file.write_bytes(FILE)
    pictures = [Image.fromarray(RED), Image.fromarray(BLUE)]
    for several in (
        np.stack([RED, BLUE]),
        [RED, BLUE],
        (bytearray(FILE), BLUE),
        [io.BytesIO(FILE), pictures[1]],
        pictures,
        iter(pictures),
        np.array([str(file), encode_png(BLUE)], dtype=object),
        [Tensor(RED), BLUE],
    ):
        assert [answer.label for answer in tiny.model.predict(several)] == ["red", "blue"]
    assert tiny.model.predict(np.array([str(file)]))[0].label == "red"
    assert tiny.model.predict([]) == []


async def read_later() -> bytes:
    return FILE


class Later:
    def read(self):
        return read_later()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, "'NoneType' is no photo."),
        (5, "'int' is no photo."),
        ({"photo": FILE}, "'dict' is no photo."),
        ({"a.png", "b.png"}, "'set' is no photo."),
        ([137, 80, 78], "A list of ints is no photo."),
        ([[[1, 2, 3]]], "A list of lists is no photo."),
        (io.StringIO("photo"), "open as text"),
        (Later(), "gives no bytes but coroutine"),
        (np.zeros((3, 20, 30), np.uint8), r"np.moveaxis\(array, 0, -1\)"),
        (np.zeros((5, 20, 30), np.uint8), "is no picture"),
        (np.zeros((20, 30, 2), np.uint8), "is no picture"),
        (np.zeros(9, np.float32), "is no picture"),
        (np.zeros((20, 30, 3), np.int64), "int64"),
        (RED.astype(np.float32), r"outside 0\.\.1 \(\d+ to \d+\)\. .*photo / 255"),
        (RED - 0.5, r"outside 0\.\.1"),
        (np.full((4, 4), np.nan), r"outside 0\.\.1"),
        (np.ma.masked_equal(RED, RED[0, 0, 0]), "masked"),
        (np.zeros((4, 4), complex), "complex128"),
        (FILE[:60], "cannot be read"),
        ("no\0name", "cannot be opened"),
    ],
)
def test_what_is_no_photo_is_refused_by_name(tiny: Tiny, given: object, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        tiny.model.predict(given)


def test_closed_files_folders_and_batches_within_a_list_say_why(tiny: Tiny, tmp_path: Path) -> None:
    closed = io.BytesIO(FILE)
    closed.close()
    text = tmp_path / "red.png"
    text.write_bytes(FILE)
    with pytest.raises(UserError, match="closed file"):
        tiny.model.predict(closed)
    with text.open() as opened, pytest.raises(UserError, match="open as text"):
        tiny.model.predict(opened)
    with pytest.raises(UserError, match="is a folder"):
        tiny.model.predict(tmp_path)
    several, nothing, good = tiny.model.predict([np.stack([RED, BLUE]), None, RED])
    assert "is no picture" in several.reason
    assert nothing.reason == "'NoneType' is no photo."
    assert good.label == "red"


def test_the_library_asks_about_photos_in_memory_as_about_files(tiny: Tiny, tmp_path: Path) -> None:
    file = tmp_path / "red.png"
    file.write_bytes(FILE)
    answers = list(whatsit.predict(tiny.run.folder, [file, Image.fromarray(BLUE), FILE, np.zeros((3, 4, 5, 6))]))
    assert [answer.label for answer in answers] == ["red", "blue", "red", ""]
    assert [answer.name for answer in answers] == [str(file), "photo 2", "photo 3", "photo 4"]
    assert [answer.label for answer in whatsit.predict(tiny.run.folder, Image.fromarray(RED))] == ["red"]
    counts = whatsit.predict(tiny.run.folder, [RED, io.BytesIO(FILE)], to=tmp_path / "answers.csv")
    assert (counts.photos, counts.failed) == (2, 0)


def test_an_address_is_fetched_as_on_the_command_line_in_a_notebook_too(tiny: Tiny) -> None:
    async def ask() -> None:
        tiny.model.predict("http://127.0.0.1:9/photo.png")

    sentence = r"'http://127\.0\.0\.1:9/photo\.png' cannot be fetched: it is a private or reserved address"
    with pytest.raises(UserError, match=sentence):
        tiny.model.predict("http://127.0.0.1:9/photo.png")
    with pytest.raises(UserError, match=sentence):
        asyncio.run(ask())


def test_addresses_that_need_no_network_are_photos_too(tiny: Tiny, tmp_path: Path) -> None:
    file = tmp_path / "a réd.png"
    file.write_bytes(FILE)
    text = base64.b64encode(FILE).decode()
    address = file.as_uri()
    assert "%" in address
    ways = [address, address.replace("file://", "FILE://localhost"), f"data:image/png;base64,{text}"]
    ways += [f"DATA:image/png;base64,{quote(text)}", "data:image/png," + quote(FILE)]
    ways += [f"data:;base64,{base64.urlsafe_b64encode(FILE).decode()}"]
    for way in ways:
        assert tiny.model.predict(way).label == "red"
        (named,) = resolve_names([way], lambda _address: b"", io.BytesIO())
        assert named.read() == FILE
        assert len(named.name) <= 200
    several = [f"data:image/png;base64,{'A' * 200}{letter}{'A' * 200}" for letter in "ABA"]
    assert len(list(resolve_names(several, lambda _address: b"", io.BytesIO()))) == 2
    with pytest.raises(UserError, match="is no base64") as refusal:
        tiny.model.predict("data:image/png;base64," + "?" * 9999)
    assert len(refusal.value.sentence) < 200
    with pytest.raises(UserError, match="There is no file") as refusal:
        tiny.model.predict(text)
    assert len(refusal.value.sentence) < 200
