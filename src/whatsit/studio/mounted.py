"""The addresses of the pages of their own within the studio: /sort/PROJECT/KEY/ and /review/PROJECT/KEY/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from whatsit.errors import UserError
from whatsit.studio.within import Within


def mount(name: str, step: str, find: Callable[[Request], Within]) -> list[BaseRoute]:
    """The routes of a kind of page.

    step: where in the project its photos are, for who asks while there are none
    find: what opens it, of the project that a request names
    """
    return [
        Route(f"/{name}/{{project}}", _enter(name, step, find)),
        Mount(f"/{name}/{{project}}/{{key}}", _page(name, find)),
    ]


def _enter(name: str, step: str, find: Callable[[Request], Within]) -> Callable[[Request], Awaitable[Response]]:
    async def enter(request: Request) -> Response:
        """GET /NAME/PROJECT?queue=…: the page of the photos that lie there now."""
        project = quote(request.path_params["project"])
        queue = request.query_params.get("queue", "")
        try:
            key = await run_in_threadpool(lambda: find(request).enter())
        except UserError:  # there are none, or no such project: that page says so
            return RedirectResponse(f"/#/{project}/{step}", 303)
        return RedirectResponse(f"/{name}/{project}/{key}/{f'#{quote(queue)}' if queue else ''}", 303)

    return enter


def _page(name: str, find: Callable[[Request], Within]) -> ASGIApp:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        """That page and what it asks; an old one is led to the new one when it is reloaded."""
        request = Request(scope)
        within = await run_in_threadpool(find, request)
        try:
            app: ASGIApp = within.app(request.path_params["key"])
        except UserError:
            if scope["path"] != f"{scope['root_path']}/":
                raise
            app = RedirectResponse(f"/{name}/{quote(request.path_params['project'])}", 303)
        await app(scope, receive, send)

    return page
