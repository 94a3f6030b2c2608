"""The addresses of the review page; whoever lets people in mounts it. Rules live in desk.py."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from whatsit.data.thumbnails import show_photo
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext
from whatsit.reviewing.desk import Desk
from whatsit.reviewing.labels import Sought
from whatsit.web.own import HANDLERS, Back, read_object
from whatsit.web.pages import render_page
from whatsit.web.responses import html_response, json_response, to_json

SIDES = (256, 2048)  # pixels: in the grid, and alone
MOST_FACTS = 500  # photos asked about at once: a screen holds about a hundred
WINDOW = 500  # photos of a queue that are told at once
MOST_STATES = 2000  # photos that an answer names; where more changed, the page asks again for what it shows


def create_app(desk: Desk, back: Back | None = None) -> Starlette:
    """The ASGI application of a desk: a page at `/`, and JSON below `/api`, all by addresses relative to it.

    Handlers that use the catalog run one at a time, on the server's thread.

    back: the page that it was opened from
    """
    app = Starlette(
        routes=[
            Route("/", _page),
            Route("/photo/{row:int}", _photo),
            Route("/api/queues", _queues),
            Route("/api/queue/{name}", _queue),
            Route("/api/window/{number:int}", _window),
            Route("/api/facts", _facts),
            Route("/api/changes", _changes),
            Route("/api/decide", _decide, methods=["POST"]),
            Route("/api/undo", _undo, methods=["POST"]),
        ],
        exception_handlers=HANDLERS,
    )
    app.state.desk, app.state.back = desk, back
    return app


async def _page(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    return html_response(render_page("review.html", title=desk.dataset.name, back=request.app.state.back))


async def _photo(request: Request) -> Response:
    """GET /photo/ROW?side=256&key=…: the photo as a JPEG; its key changes with the file."""
    desk: Desk = request.app.state.desk
    row: int = request.path_params["row"]
    side = request.query_params.get("side", str(SIDES[0]))
    if row >= len(desk.names) or side not in map(str, SIDES):
        raise HTTPException(404)
    content = await run_in_threadpool(show_photo, desk.dataset.photos, row, int(side))
    if content is None:
        raise HTTPException(404)
    return Response(content, 200, {"cache-control": "private, max-age=600"}, "image/jpeg")


async def _queues(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    _, place = desk.changed_since(0)
    desk.look_again()
    return _answer(
        {
            "data": desk.dataset.name,
            "classes": desk.classes,
            "on_keys": desk.on_keys,
            "several": desk.dataset.target.says_any_number,
            "queues": desk.tally(),
            "place": place,
        }
    )


async def _queue(request: Request) -> Response:
    """GET /api/queue/NAME?has=A&without=B&unseen=C&none=1: how many of its photos have the labels sought, the
    number by which windows of them are asked for, and the window in which the first lies that waits."""
    desk: Desk = request.app.state.desk
    asked = request.query_params
    sought = Sought(asked.get("has", ""), asked.get("without", ""), asked.get("unseen", ""), "none" in asked)
    found = desk.open(request.path_params["name"], sought)
    if found is None:
        raise HTTPException(404)
    number, queue = found
    begin = queue.first - queue.first % WINDOW
    told = {"number": number, "count": len(queue.photos), "paired": queue.is_paired, "first": queue.first}
    return _answer(told | {"size": WINDOW, "begin": begin} | desk.window(queue, begin, WINDOW))


async def _window(request: Request) -> Response:
    """GET /api/window/NUMBER?begin=500: photos of an opened queue from a position on, as many as a window has."""
    desk: Desk = request.app.state.desk
    queue = desk.opened(request.path_params["number"])
    begin = request.query_params.get("begin", "")
    if not (begin.isascii() and begin.isdigit()):
        raise HTTPException(404)
    if queue is None:
        raise UserError(
            gettext("This queue was opened too long ago."), hint=gettext("Open it again, or reload the page.")
        )
    return _answer({"begin": int(begin)} | desk.window(queue, int(begin), WINDOW))


async def _facts(request: Request) -> Response:
    """GET /api/facts?rows=3,4,5: what is known of some photos."""
    desk: Desk = request.app.state.desk
    asked = request.query_params.get("rows", "").split(",")
    rows = [int(row) for row in asked[:MOST_FACTS] if row.isascii() and row.isdigit() and len(row) < 10]
    return _answer({"photos": desk.facts(rows)})


async def _changes(request: Request) -> Response:
    """GET /api/changes?since=PLACE: what was decided since, here, in another window or by another program."""
    desk: Desk = request.app.state.desk
    since = request.query_params.get("since", "0")
    rows, place = desk.changed_since(int(since) if since.isascii() and since.isdigit() else 0)
    return _states(desk, rows, place)


async def _decide(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    asked = await read_object(request)
    rows, decision, label = asked.get("photos"), asked.get("decision"), asked.get("label", "")
    if not (isinstance(rows, list) and isinstance(decision, str) and isinstance(label, str)):
        raise UserError("This is no decision.", hint='Send {"photos": […], "decision": …, "label": …}.')
    return _states(desk, desk.decide(rows, decision, label), len(desk.changes))


async def _undo(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    return _states(desk, desk.undo(), len(desk.changes))


def _states(desk: Desk, rows: list[int], place: int) -> Response:
    """What some photos are now; where anything changed, also how many each queue has. Of many, only how many."""
    queues = {"queues": desk.tally()} if rows else {}
    told = rows if len(rows) <= MOST_STATES else []
    states = {"states": desk.states(told), "others": desk.others(told), "changed": len(rows)}
    return _answer(states | {"place": place} | queues)


def _answer(content: dict[str, Any]) -> Response:
    return json_response(to_json(content))
