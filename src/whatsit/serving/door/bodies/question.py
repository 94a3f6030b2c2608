"""From a request to what is asked: a photo as the body, a form with several, or the address of one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from whatsit.image import WEB_LIMITS, DecodeLimits
from whatsit.serving.door.bodies.forms import BadForm, Part, read_form
from whatsit.serving.door.bodies.texts import BadBase64, BadJson, read_base64, read_json
from whatsit.serving.door.limits import BudgetShare
from whatsit.serving.door.patience import Patience
from whatsit.serving.door.refusals import (
    BAD_BASE64,
    BAD_FORM,
    BAD_JSON,
    BODY_TOO_LARGE,
    NO_PHOTO,
    SLOW_BODY,
    TOO_MANY,
    WRONG_TYPE,
    Refused,
)
from whatsit.serving.log import record_of
from whatsit.serving.options import ServeOptions
from whatsit.serving.traces import part_of

FORM, FIELDS, JSON, TEXT = (
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/json",
    "text/plain",
)
RAW = ("", "application/octet-stream", "binary/octet-stream", FIELDS, TEXT)  # FIELDS: curl --data-binary
AT_ONCE = 256 * 1024  # bytes of a body that are read on the event loop; of more, others would notice
PHOTO_FIELDS = frozenset({"photo", "image", "file", "img", "inputs"})  # of a form, that hold nothing but a photo
_FIELD = re.compile(rb"[A-Za-z_][\w.%\[\]-]{0,60}=")  # as a field begins, and a GIF 61 pixels wide
_NO_TEXT = re.compile(rb"[^\x20-\x7e\r\n]")
MAX_FIELDS = 8  # of a form, beside its photos


@dataclass(frozen=True)
class EncodedPhoto:
    """An encoded photo as it came, and what its sender calls it.

    is_theirs: the sender has it; what this server fetched is not shown to anybody
    limits:    what may be decoded, and in whose memory
    """

    content: bytes
    name: str = ""
    is_theirs: bool = True
    limits: DecodeLimits = WEB_LIMITS


@dataclass(frozen=True)
class Question:
    """What a request asks about: photos, or the address of one.

    is_form: the photos came as a form, which may hold several
    fields:  what else the form or the JSON says
    """

    photos: tuple[EncodedPhoto, ...] = ()
    address: str = ""
    is_form: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


Understand = Callable[[bytes, str, str, ServeOptions], Question]  # of a body, its kind, its whole type


class Gone(Exception):
    """The client has left; there is nobody to answer."""


async def read_question(
    request: Request,
    options: ServeOptions,
    share: BudgetShare,
    patience: Patience,
    understand: Understand | None = None,
) -> Question:
    """What a request asks about. Raises Refused, or Gone.

    understand: what is made of the body, where that is not what most routes make of it
    """
    understand = understand or understand_any
    whole = request.headers.get("content-type", "")
    kind = whole.partition(";")[0].strip().lower()
    if kind.endswith(("+json", "/json")):
        kind = JSON
    if not (kind in (FORM, JSON, *RAW) or kind.startswith("image/")):
        raise Refused(WRONG_TYPE)
    with part_of(request.scope, "receive"):
        body = await read_body(request, options.max_body, share, patience)
    given = (body, kind, whole, options)
    question = understand(*given) if len(body) <= AT_ONCE else await asyncio.to_thread(understand, *given)
    if not question.photos and not question.address:
        raise Refused(NO_PHOTO)
    if len(question.photos) > options.max_photos:
        raise Refused(TOO_MANY)
    record_of(request.scope).photos = len(question.photos) or 1
    return question


async def read_body(request: Request, limit: int, share: BudgetShare, patience: Patience) -> bytes:
    """The whole body, at most `limit` bytes, from a client that is not too slow. Raises Refused, or Gone."""
    declared = _declared_length(request)
    if declared > limit:
        raise Refused(BODY_TOO_LARGE)
    record = record_of(request.scope)
    loop = asyncio.get_running_loop()
    started = loop.time()
    chunks: list[bytes] = []
    try:
        async with asyncio.timeout_at(started + patience.body_s) as clock:
            async for chunk in request.stream():
                chunks.append(chunk)
                record.bytes += len(chunk)
                share.arrive(len(chunk), declared)
                if record.bytes > limit:
                    raise Refused(BODY_TOO_LARGE)
                clock.reschedule(started + patience.body_within_s(record.bytes))
    except TimeoutError:
        raise Refused(SLOW_BODY) from None
    except ClientDisconnect:
        raise Gone from None
    return b"".join(chunks)


def _declared_length(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length[:16]) if length.isascii() and length.isdigit() else 0


def understand_any(body: bytes, kind: str, content_type: str, options: ServeOptions) -> Question:
    """What a body of this kind asks. Raises Refused."""
    try:
        if kind == FORM:
            return _from_form(read_form(body, content_type, options.max_photos + 1 + MAX_FIELDS))
        if kind == JSON or (kind in (FIELDS, TEXT) and body[:1] == b"{"):  # what curl -d sends
            return _from_json(body)
        if kind == FIELDS and _FIELD.match(body) and not _NO_TEXT.search(body[:256]):
            whole = body.replace(b"+", b"%2B").decode("ascii", "replace")  # of base64, which nobody escaped
            pairs = parse_qsl(whole, max_num_fields=MAX_FIELDS)
            return _from_form([Part(name, None, "", value.encode()) for name, value in pairs])
        if body[:5].lower() == b"data:":
            body = read_base64(body)
        elif kind == TEXT and body:
            raise Refused(WRONG_TYPE)
    except BadForm:
        raise Refused(BAD_FORM) from None
    except BadJson:
        raise Refused(BAD_JSON) from None
    except BadBase64:
        raise Refused(BAD_BASE64) from None
    except ValueError:  # too many fields
        raise Refused(BAD_FORM) from None
    return Question((EncodedPhoto(body),)) if body else Question()


def _from_form(parts: list[Part]) -> Question:
    photos, fields = [], {}
    for part in parts:
        if _is_photo(part):
            # a browser sends a file field that nobody filled as an empty file without a name
            if part.content or part.file_name:
                photos.append(EncodedPhoto(part.content, part.file_name or ""))
        elif part.content[:5].lower() == b"data:" or (part.content and part.name in PHOTO_FIELDS):
            # what a canvas gives, put into a field as it is
            photos.append(EncodedPhoto(read_base64(part.content), ""))
        else:
            fields[part.name] = part.content.decode("utf-8", "replace")
    return Question(tuple(photos), "" if photos else fields.get("url", "").strip(), is_form=True, fields=fields)


def _is_photo(part: Part) -> bool:
    """Whether a part of a form is a file: it has a name or a type as files have, or is no text."""
    if part.file_name is not None or part.kind.startswith("image/") or part.kind.endswith("/octet-stream"):
        return True
    try:
        part.content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _from_json(body: bytes) -> Question:
    """`{"url": …}`, or as Hugging Face's clients send a photo, `{"inputs": base64, "parameters": {…}}`."""
    content, photo = read_json(body)
    address = content.get("url") or ""
    if not isinstance(address, str):
        raise BadJson
    photos = (EncodedPhoto(photo),) if photo else ()
    return Question(photos, "" if photos else address, fields={"parameters": content.get("parameters")})
