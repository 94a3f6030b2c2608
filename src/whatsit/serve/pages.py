"""The pages: one that asks, the same with the answers of a plain form, and the files beside them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from whatsit.image import WEB_LIMITS, Limits, UnreadablePhoto, decode, read_header
from whatsit.image import Pixels as Picture
from whatsit.serve.asking import Photo, read_photos
from whatsit.serve.page import Shown, ask_page, shown
from whatsit.serve.refusals import NOT_FOUND, Refused
from whatsit.serve.service import Service, look_kindly_at
from whatsit.web.assets import assets, version
from whatsit.web.security import page_policy

PREVIEW_SIDE = 640  # pixels, of the photo in the page of a plain form


async def ask(request: Request) -> Response:
    """GET /: the page."""
    service: Service = request.app.state.service
    name = _model_name(request, service)
    return _html(ask_page(name, service.shelf.get(name), service.shelf.names))


async def ask_by_form(request: Request) -> Response:
    """POST /predict: the page with the answers for a plain form of photos, for browsers without script."""
    service: Service = request.app.state.service
    name = _model_name(request, service)
    model = service.shelf.get(name)
    asked = await read_photos(request, service.options)

    def look(photo: Photo) -> Shown:
        return shown(look_kindly_at(model, photo), preview(photo.content))

    answers = await service.ask(asked.photos, look)
    return _html(ask_page(name, model, service.shelf.names, tuple(answers)), img_src="data:")


def preview(content: bytes, limits: Limits = WEB_LIMITS, side: int = PREVIEW_SIDE) -> Picture | None:
    """A photo at most `side` pixels high and wide; None where it cannot be read."""
    try:
        header = read_header(content, limits)
        scale = min(1.0, side / max(header.width, header.height))
        size = (max(1, round(header.height * scale)), max(1, round(header.width * scale)))
        return decode(content, size, "squish", limits)
    except UnreadablePhoto:
        return None


async def static(request: Request) -> Response:
    """GET /static/VERSION/NAME: a file beside the pages; its address changes with it, so it may be kept."""
    asset = assets().get(request.path_params["name"])
    if asset is None or request.path_params["version"] != version():
        raise Refused(NOT_FOUND)
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, 200, headers | {"content-encoding": "gzip"}, asset.media_type)
    return Response(asset.content, 200, headers, asset.media_type)


def _model_name(request: Request, service: Service) -> str:
    return request.query_params.get("model") or service.shelf.names[0]


def _html(content: str, **policy: str) -> Response:
    headers = {"content-security-policy": page_policy(**policy), "cache-control": "no-store"}
    return HTMLResponse(content, headers=headers)
