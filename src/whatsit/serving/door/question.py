"""From a request to what is asked: a photo as the body, a form with several, or the address of one."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect, Request

from whatsit.serving.door.forms import BadForm, read_form
from whatsit.serving.door.limits import BudgetShare
from whatsit.serving.door.patience import Patience
from whatsit.serving.door.refusals import (
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

RAW = ("", "application/octet-stream", "application/x-www-form-urlencoded")  # the last: curl --data-binary
MAX_FIELDS = 8  # of a form, beside its photos


@dataclass(frozen=True)
class EncodedPhoto:
    """An encoded photo as it came, and what its sender calls it.

    is_theirs: the sender has it; what this server fetched is not shown to anybody
    """

    content: bytes
    name: str = ""
    is_theirs: bool = True


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


class Gone(Exception):
    """The client has left; there is nobody to answer."""


async def read_question(
    request: Request, options: ServeOptions, share: BudgetShare, patience: Patience
) -> Question:
    """What a request asks about. Raises Refused, or Gone."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_form, is_json = kind == "multipart/form-data", kind == "application/json"
    if not (is_form or is_json or kind in RAW or kind.startswith("image/")):
        raise Refused(WRONG_TYPE)
    body = await read_body(request, options.max_body, share, patience)
    if is_form:
        question = _from_form(body, request.headers["content-type"], options)
    elif is_json:
        question = _from_json(body)
    else:
        question = Question((EncodedPhoto(body),)) if body else Question()
    if not question.photos and not question.address:
        raise Refused(NO_PHOTO)
    if len(question.photos) > options.max_photos:
        raise Refused(TOO_MANY)
    record_of(request.scope).photos = len(question.photos) or 1
    return question


async def read_body(request: Request, limit: int, share: BudgetShare, patience: Patience) -> bytes:
    """The whole body, at most `limit` bytes, from a client that is not too slow. Raises Refused, or Gone."""
    if _declared_length(request) > limit:
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
                share.take(len(chunk))
                if record.bytes > limit:
                    raise Refused(BODY_TOO_LARGE)
                clock.reschedule(started + patience.body_within_s(record.bytes))
    except TimeoutError:
        raise Refused(SLOW_BODY) from None
    except ClientDisconnect:
        raise Gone from None
    return b"".join(chunks)


def _declared_length(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _from_form(body: bytes, content_type: str, options: ServeOptions) -> Question:
    try:
        parts = read_form(body, content_type, most=options.max_photos + 1 + MAX_FIELDS)
    except BadForm:
        raise Refused(BAD_FORM) from None
    # a browser sends a file field that nobody filled as an empty file without a name
    files = [part for part in parts if part.file_name is not None and (part.content or part.file_name)]
    fields = {part.name: part.content.decode("utf-8", "replace") for part in parts if part.file_name is None}
    photos = tuple(EncodedPhoto(part.content, part.file_name or "") for part in files)
    return Question(photos, "" if photos else fields.get("url", "").strip(), is_form=True, fields=fields)


def _from_json(body: bytes) -> Question:
    """`{"url": …}`, or as Hugging Face's clients send a photo, `{"inputs": base64, "parameters": {…}}`."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(BAD_JSON) from None
    if not isinstance(content, dict):
        raise Refused(BAD_JSON)
    address, inputs = content.get("url", ""), content.get("inputs", "")
    if not isinstance(address, str) or not isinstance(inputs, str):
        raise Refused(BAD_JSON)
    try:
        photo = base64.b64decode(inputs, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(BAD_JSON) from None
    photos = (EncodedPhoto(photo),) if photo else ()
    return Question(photos, "" if photos else address, fields=content)
