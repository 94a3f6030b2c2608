"""The addresses of a page on which a pile is sorted; whoever lets people in mounts it. Rules are in pile.py."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from whatsit.data.thumbnails import show_photo
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext
from whatsit.sorting.label_pile import LabelPile
from whatsit.sorting.page.desk import Desk
from whatsit.sorting.page.telling import list_places, list_suggestions, tell_state
from whatsit.sorting.pile import Pile
from whatsit.web.own import HANDLERS, Back, read_object
from whatsit.web.pages import render_page
from whatsit.web.responses import html_response, json_response, to_json

SIDES = (256, 1024)  # pixels: among others, and alone
NO_ANSWER, HOW = "This is no answer.", 'Send {"photos": […], "class": …}.'
T = TypeVar("T")
MOST_SHOWN = 600  # suggestions of a class that are sent at once


def create_app(desk: Desk, back: Back | None = None, known: Sequence[str] = ()) -> Starlette:
    """The ASGI application of a pile: a page at `/`, and JSON below `/api`, all by addresses relative to it.

    back:  the page that it was opened from
    known: classes that there are elsewhere, offered as names
    """
    app = Starlette(
        routes=[
            Route("/", _page),
            Route("/photo/{row:int}", _photo),
            Route("/api/state", _state),
            Route("/api/suggestions", _suggestions),
            Route("/api/map", _map),
            Route("/api/answer", _answer, methods=["POST"]),
            Route("/api/undo", _undo, methods=["POST"]),
        ],
        exception_handlers=HANDLERS,
    )
    app.state.desk, app.state.back, app.state.known = desk, back, known
    return app


async def _page(request: Request) -> Response:
    """GET /: the page; where it stands alone, with the command that trains on what is named."""
    folder, back, known = _desk(request).folder, request.app.state.back, request.app.state.known
    command = "" if back else shlex.join(["whatsit", "train", str(folder)])
    name = folder.resolve().name
    return html_response(render_page("sorting.html", title=name, back=back, known=known, command=command))


async def _photo(request: Request) -> Response:
    """GET photo/ROW?side=256: the photo as a JPEG."""
    dataset = await _desk(request).do(lambda pile: pile.dataset)
    row: int = request.path_params["row"]
    side = request.query_params.get("side", str(SIDES[0]))
    if row >= len(dataset) or side not in map(str, SIDES):
        raise HTTPException(404)
    content = await run_in_threadpool(show_photo, dataset.photos, row, int(side))
    if content is None:
        raise HTTPException(404)
    return Response(content, 200, {"cache-control": "private, max-age=600"}, "image/jpeg")


async def _state(request: Request) -> Response:
    """GET api/state: how far it is opened, or what is asked next and what is known by now."""
    desk = _desk(request)
    if not desk.opening.is_open:
        opening = desk.opening
        return _send({"opening": {"done": opening.done, "total": opening.total, "trouble": opening.trouble}})
    return _send(await desk.do(tell_state))


async def _suggestions(request: Request) -> Response:
    """GET api/suggestions?class=NAME: unanswered photos suggested to be of a class, the surest first."""
    label = request.query_params.get("class", "")
    return _send(await _desk(request).do(lambda pile: list_suggestions(pile, label, MOST_SHOWN)))


async def _map(request: Request) -> Response:
    """GET api/map: a place in the plane for each photo, and what it is."""
    desk = _desk(request)
    places = await desk.lay_out()
    return _send(await desk.do(lambda pile: list_places(pile, places)))


async def _answer(request: Request) -> Response:
    """POST api/answer {"photos": […], "class": NAME} or {…, "none": true}, or {…, "mixed": true} of a group; with
    "measures": true where that was asked.

    Of several labels a photo: {"photos": […], "labels": [NAME, …]} is all that they show ("without": new labels
    that they do not), {…, "class": NAME} that they have a label and "others", further photos, have it not.
    """
    asked = await read_object(request)
    desk = _desk(request)
    await desk.do(lambda pile: _say(pile, asked))
    return _send(await desk.do(tell_state))


def _say(pile: Pile, asked: dict[str, Any]) -> None:
    """Give a pile an answer. Raises UserError where it is none, or none for this pile."""
    rows, others = _list(asked, "photos", int), _list(asked, "others", int, [])
    label, measures = asked.get("class", ""), asked.get("measures") is True
    if not isinstance(label, str):
        raise UserError(NO_ANSWER, HOW)
    if "labels" in asked or others:
        if not isinstance(pile, LabelPile):
            raise UserError(gettext("Photos of this pile have one class each."), HOW)
        if "labels" in asked:
            pile.mark(rows, _list(asked, "labels", str), measures, _list(asked, "without", str, []))
        else:
            pile.part(rows, others, label)
    elif asked.get("mixed") is True:
        pile.say_mixed(rows)
    elif asked.get("none") is True:
        pile.say_none(rows, measures)
    else:
        pile.name(rows, label, measures)


def _list(asked: dict[str, Any], name: str, kind: type[T], default: list[T] | None = None) -> list[T]:
    """The list of that name, all of whose values are of a type."""
    values = asked.get(name, default)
    if not (isinstance(values, list) and all(type(value) is kind for value in values)):
        raise UserError(NO_ANSWER, HOW)
    return values


async def _undo(request: Request) -> Response:
    desk = _desk(request)
    undone = await desk.do(lambda pile: pile.undo())
    return _send({**await desk.do(tell_state), "undone": undone})


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _send(content: dict[str, Any]) -> Response:
    return json_response(to_json(content))
