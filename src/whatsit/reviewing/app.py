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
from whatsit.reviewing.desk import Desk
from whatsit.reviewing.labels import Sought
from whatsit.web.own import HANDLERS, Back, read_object
from whatsit.web.pages import render_page
from whatsit.web.responses import html_response, json_response, to_json

SIDES = (256, 2048)  # pixels: in the grid, and alone
MOST_FACTS = 500  # photos asked about at once: a screen holds about a hundred


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
    """GET /api/queue/NAME?has=A&without=B&unseen=C&none=1: its photos that have the labels sought, as columns: a
    hundred thousand are two megabytes."""
    desk: Desk = request.app.state.desk
    queue = next((one for one in desk.queues() if one.name == request.path_params["name"]), None)
    if queue is None:
        raise HTTPException(404)
    asked = request.query_params
    sought = Sought(asked.get("has", ""), asked.get("without", ""), asked.get("unseen", ""), "none" in asked)
    queue = desk.find(queue, sought)
    states = desk.states(queue.photos)
    return _answer(
        {
            "photos": queue.photos,
            "of": queue.of,
            "first": queue.first,
            "decisions": [decision for _, decision, _, _ in states],
            "labels": [labels for _, _, labels, _ in states],
            "proposals": {row: proposals for row, _, _, proposals in states if proposals},
            "others": desk.others(queue.photos),
            "beside": [desk.states([row])[0][1] if row >= 0 else "" for row in queue.of],
        }
    )


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
    """What some photos are now; where anything changed, also how many each queue has."""
    queues = {"queues": desk.tally()} if rows else {}
    return _answer({"states": desk.states(rows), "others": desk.others(rows), "place": place} | queues)


def _answer(content: dict[str, Any]) -> Response:
    return json_response(to_json(content))
