"""The pages: one that asks, the same with the answers of a plain form, and the files beside them."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from whatsit.image import Pixels as Picture
from whatsit.image import UnreadablePhoto, decode, fit_within, read_header
from whatsit.model.answer import Answer
from whatsit.serving.door.bodies.question import EncodedPhoto, read_body
from whatsit.serving.door.gate import check_guess, client_of
from whatsit.serving.door.refusals import NOT_FOUND, Refused
from whatsit.serving.routes import api
from whatsit.serving.routes.views import AnswerView, AskPage, page_of, render_ask_page, view_answer
from whatsit.serving.work.service import Service
from whatsit.web.prefix import at
from whatsit.web.responses import FOR_EVER, enter_response, html_response
from whatsit.web.token import are_same

PREVIEW_SIDE = 640  # pixels, of the photo in the page of a plain form: as wide as the page shows it
MOST_TOKEN_BYTES = 4096  # of the form that brings the token: as much as a cookie may hold


async def ask(request: Request) -> Response:
    """GET /: the page."""
    return html_response(render_ask_page(_page(request)))


async def ask_by_form(request: Request) -> Response:
    """POST /predict: the page with the answers for a plain form of photos, for browsers without script."""
    empty = _page(request)

    def render(answer: Answer, photo: EncodedPhoto) -> AnswerView:
        picture = preview(photo) if photo.is_theirs else None
        view = view_answer(answer, picture, empty.facts.samples, empty.facts.thresholds)
        return replace(view, doubt=empty.facts.doubt if answer.known else "")

    _, answers = await api.ask(request, render, answers_unreadable=True)
    return html_response(render_ask_page(replace(empty, answers=tuple(answers))), img_src="data:")


def preview(photo: EncodedPhoto, side: int = PREVIEW_SIDE) -> Picture | None:
    """A stranger's photo at most `side` pixels high and wide; None where it cannot be read."""
    try:
        header = read_header(photo.content, photo.limits)
        size = fit_within(header.height, header.width, side)
        return decode(photo.content, size, "squish", photo.limits)
    except UnreadablePhoto:
        return None


async def enter(request: Request) -> Response:
    """GET /enter?token=… and POST /enter: the way in for a browser, which gets a cookie for the token."""
    service: Service = request.app.state.service
    given = request.query_params.get("token", "")
    if request.method == "POST":
        with service.bodies.share() as share:
            form = parse_qs(
                (await read_body(request, MOST_TOKEN_BYTES, share, service.patience)).decode("utf-8", "replace")
            )
        given = _token_in(form.get("token", [""])[0].strip())
    if service.token is None:
        return RedirectResponse(at("/"), 303)
    check_guess(service.guesses, client_of(request.scope), bool(given), are_same(service.token, given))
    return enter_response(service.token, request.url.scheme == "https")


def _token_in(typed: str) -> str:
    """What was typed as a token; of a whole address that was printed, the token in it."""
    if "://" not in typed:  # which is in no token
        return typed
    try:
        return parse_qs(urlsplit(typed).query).get("token", [""])[0]
    except ValueError:  # the host is none
        return typed


async def sample(request: Request) -> Response:
    """GET /samples/DIGEST.jpg: a photo of a class."""
    service: Service = request.app.state.service
    content = service.samples.photo(request.path_params["name"])
    if content is None:
        raise Refused(NOT_FOUND)
    return Response(content, 200, FOR_EVER, "image/jpeg")


def _page(request: Request) -> AskPage:
    service: Service = request.app.state.service
    name = request.query_params.get("model") or service.shelf.names[0]
    model = service.shelf.get(name)
    return page_of(name, model, service.shelf.names, service.options, service.samples.addresses(model.classes))
