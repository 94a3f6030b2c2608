"""From a request to photos: a photo as the body, or a form with several."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from whatsit.serve.forms import BadForm, read_form
from whatsit.serve.options import ServeOptions
from whatsit.serve.refusals import (
    BAD_FORM,
    BODY_TOO_LARGE,
    NO_PHOTO,
    SLOW_BODY,
    TOO_MANY,
    WRONG_TYPE,
    Refused,
)

RAW = ("", "application/octet-stream", "application/x-www-form-urlencoded")  # the last: curl --data-binary
BODY_GRACE_S = 10.0  # a body may take this long, and a second more
BODY_MIN_RATE = 16 * 1024  # for each of these bytes that came
BODY_MAX_S = 60.0
MAX_FIELDS = 8  # of a form, beside its photos


@dataclass(frozen=True)
class Photo:
    """An encoded photo as it came, and what its sender calls it."""

    content: bytes
    name: str = ""


@dataclass(frozen=True)
class Asked:
    """The photos of a request; `is_form` where they came as a form, which may hold several."""

    photos: tuple[Photo, ...]
    is_form: bool
    fields: dict[str, str]


class Gone(Exception):
    """The client has left; there is nobody to answer."""


async def read_photos(request: Request, options: ServeOptions) -> Asked:
    """The photos in a request's body. Raises Refused, or Gone."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _from_form(request, options)
    if kind not in RAW and not kind.startswith("image/"):
        raise Refused(WRONG_TYPE)
    content = await read_body(request, options.max_body)
    if not content:
        raise Refused(NO_PHOTO)
    return Asked((Photo(content),), is_form=False, fields={})


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, at most `limit` bytes, from a client that is not too slow. Raises Refused, or Gone."""
    if _declared(request) > limit:
        raise Refused(BODY_TOO_LARGE)
    loop = asyncio.get_running_loop()
    started = loop.time()
    chunks: list[bytes] = []
    received = 0
    try:
        async with asyncio.timeout_at(started + BODY_GRACE_S) as patience:
            async for chunk in request.stream():
                chunks.append(chunk)
                received += len(chunk)
                if received > limit:
                    raise Refused(BODY_TOO_LARGE)
                allowed = BODY_GRACE_S + received / BODY_MIN_RATE
                patience.reschedule(started + min(allowed, BODY_MAX_S))
    except TimeoutError:
        raise Refused(SLOW_BODY) from None
    except ClientDisconnect:
        raise Gone from None
    return b"".join(chunks)


def _declared(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


async def _from_form(request: Request, options: ServeOptions) -> Asked:
    body = await read_body(request, options.max_body)
    try:
        parts = read_form(body, request.headers["content-type"], most=options.max_photos + MAX_FIELDS)
    except BadForm:
        raise Refused(BAD_FORM) from None
    files = [part for part in parts if part.file_name is not None and (part.content or part.file_name)]
    if not files:  # a browser sends a file field nobody filled as an empty file without a name
        raise Refused(NO_PHOTO)
    if len(files) > options.max_photos:
        raise Refused(TOO_MANY)
    photos = tuple(Photo(part.content, part.file_name or "") for part in files)
    fields = {part.name: part.content.decode("utf-8", "replace") for part in parts if part.file_name is None}
    return Asked(photos, is_form=True, fields=fields)
