"""What strangers reach, each with inputs drawn for it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import ipaddress
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boxes
import containers
import texts
from draw import Draw, spoilt
from judge import Target

from damage import places, without
from models import tiny_run
from whatsit.errors import UserError
from whatsit.fetch.errors import FetchError
from whatsit.fetch.guard import check_address
from whatsit.fetch.robots import parse_rules
from whatsit.image import DecodeLimits, UnreadablePhoto, decode, read_header
from whatsit.model.container import DIGEST_KEY, FACTS_KEY, read_facts
from whatsit.model.graph.wire import bytes_of, fields_in, protobuf_field
from whatsit.records import as_json
from whatsit.serving.door import head as heads
from whatsit.serving.door.bodies.forms import BadForm, read_form
from whatsit.serving.door.bodies.tensors import understand_tensors
from whatsit.serving.door.bodies.texts import BadBase64, BadJson, read_json
from whatsit.serving.door.refusals import Refused
from whatsit.serving.options import ServeOptions

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
FEW_PIXELS = 250_000  # a JPEG may have a hundred passes over its pixels: of so many they take 0.2 s
BUDGET = 16_000_000  # bytes to decode in; a server has 300 MB, and refuses what is more


class Budget:
    """Memory to decode in, that nobody else uses: what fits is decoded, what does not is refused."""

    @contextlib.contextmanager
    def hold(self, count: int, pixels: int) -> Iterator[None]:  # noqa: ARG002
        if count > BUDGET:
            raise UnreadablePhoto("more memory than there is")
        yield


def _decode(content: object) -> None:
    assert isinstance(content, bytes)
    limits = DecodeLimits(FORMATS, FEW_PIXELS if content.startswith(b"\xff\xd8") else 25_000_000, Budget())
    with contextlib.suppress(UnreadablePhoto):  # what the page asks, too
        read_header(content, limits)
    pixels = decode(content, (64, 64), limits=limits)
    assert pixels.shape == (64, 64, 3)


def _photo(make: Callable[[Draw], bytes]) -> Target:
    return Target(lambda data: make(Draw(data)), _decode, (UnreadablePhoto,))


def _json(body: Any) -> None:
    content, photo = read_json(body)
    assert len(photo) <= len(body)
    assert content is not None


def _tensors(body: Any) -> None:
    question = understand_tensors(body, "", "", ServeOptions())
    assert sum(len(photo.content) for photo in question.photos) <= len(body)


def _form(given: Any) -> None:
    body, kind = given
    parts = read_form(body, kind, most=25)
    assert len(parts) <= 25
    assert sum(len(part.content) for part in parts) <= len(body)


def _facts(content: Any) -> str | None:
    facts = read_facts(content)
    height, width = facts.size
    is_sound = (
        len(set(facts.classes)) == len(facts.classes) > 1
        and 0 < height * width <= 4096 * 4096
        and facts.temperature > 0
        and facts.thresholds.measured_on >= 0
        and all(0 <= share <= 1 for picture in facts.golden for share in picture.probabilities)
    )
    return None if is_sound else "a model of facts that cannot be was let in"


def _head(given: Any) -> str | None:
    target, version, fields = given
    if heads.why_refused(target, version, fields):
        return None
    said = [name for name, _ in fields]
    lengths = [value for name, value in fields if name == b"content-length"]
    if [int(value) for value in lengths] and b"transfer-encoding" in said:
        return "a head with two lengths was let in"
    if said.count(b"host") > 1 or len(lengths) > 1 or (version == "1.1" and b"host" not in said):
        return "a head that two readers understand differently was let in"
    return "a head with a control character was let in" if any(b"\0" in value for _, value in fields) else None


def _address(text: Any) -> str | None:
    found = check_address(text)
    if found.numeric and not ipaddress.ip_address(found.host).is_global:
        return f"an address within a network was let in: {found}"
    if not found.target.isascii() or any(letter in str(found) for letter in " \\\r\n\0"):
        return "an address was let in that other readers understand differently"
    return None if check_address(str(found)) == found else "an address is another when it is read again"


def _robots(given: Any) -> None:
    text, path = given
    rules = parse_rules(text, "whatsit")
    rules.allows(path)
    rules.allows_training(path)
    assert 0 <= rules.delay_s <= 30


@functools.cache
def _tiny() -> tuple[bytes, bytes, str]:
    """A model file, its graph in bytes, what it says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        tiny = tiny_run(Path(folder))
        content = (tiny.run.folder / "model.onnx").read_bytes()
    graph = next(bytes_of(field) for number, field in fields_in(content) if number == 7)
    return content, graph, json.dumps(as_json(tiny.model.facts))


def _model_file(data: bytes) -> bytes:
    """A model file that was altered, or one sealed well that says another thing."""
    draw = Draw(data)
    content, graph, text = _tiny()
    if draw.seldom():
        return spoilt(draw, content + draw.raw(40))
    stored = json.loads(text)
    for number in range(1 + draw.below(2)):
        path = draw.pick(places(stored))
        without(*path)(stored)
        if draw.often():
            inside: Any = stored
            for step in path[:-1]:
                inside = inside[step]
            if isinstance(inside, dict):
                inside[path[-1]] = f"@{number}"
            else:
                inside.insert(path[-1], f"@{number}")
    said = json.dumps(stored)
    for number in range(2):
        said = said.replace(f'"@{number}"', texts.value(draw))
    if draw.seldom():
        graph = spoilt(draw, graph)
    sealed = said.encode("utf-8", "replace")
    digest = hashlib.sha256(graph + sealed).hexdigest().encode()
    entries = ((FACTS_KEY, sealed), (DIGEST_KEY, digest))
    return protobuf_field(7, graph) + b"".join(
        protobuf_field(14, protobuf_field(1, key.encode()) + protobuf_field(2, value)) for key, value in entries
    )


TARGETS: dict[str, Target] = {
    "jpeg": _photo(containers.jpeg),
    "png": _photo(containers.png),
    "webp": _photo(containers.webp),
    "gif": _photo(containers.gif),
    "bmp": _photo(containers.bmp),
    "tiff": _photo(containers.tiff),
    "avif": _photo(boxes.avif),
    "heif": _photo(boxes.heif),
    "tensors": Target(lambda data: texts.tensors(Draw(data)), _tensors, (Refused,)),
    "json": Target(lambda data: texts.json_body(Draw(data)), _json, (BadJson, BadBase64)),
    "form": Target(lambda data: texts.form(Draw(data)), _form, (BadForm,)),
    "head": Target(lambda data: texts.head(Draw(data)), _head, ()),
    "model": Target(_model_file, _facts, (UserError,)),
    "robots": Target(lambda data: texts.robots(Draw(data)), _robots, ()),
    "address": Target(lambda data: texts.address(Draw(data)), _address, (FetchError,)),
}
