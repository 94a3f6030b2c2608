"""The studio's addresses. What they do lies in workbench.py and below; who may ask at all, in web/guard.py."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from whatsit.errors import UserError
from whatsit.files import remove
from whatsit.image import UnreadablePhoto, decode, encode_jpeg, fit_within, read_header
from whatsit.languages.speaking import gettext
from whatsit.model.classifier import MODEL_FILE
from whatsit.studio.acts import ACTS, text_of
from whatsit.studio.asking import Asked, ask, explain_answer
from whatsit.studio.collecting import describe_sources
from whatsit.studio.jobs.jobs import queue_in
from whatsit.studio.jobs.kinds import KIT
from whatsit.studio.mounted import mount
from whatsit.studio.photos.intake import MOST_BYTES, Given, check_room
from whatsit.studio.places import find_projects, is_single, make_project
from whatsit.studio.workbench import Workbench
from whatsit.web.guard import BYTES, JSON, Guard
from whatsit.web.guard import MOST_BYTES as MOST_JSON
from whatsit.web.own import HANDLERS, read_object, refuse_token
from whatsit.web.pages import render_page
from whatsit.web.responses import (
    STATIC,
    enter_response,
    error_response,
    html_response,
    json_response,
    send_asset,
    to_json,
)
from whatsit.web.token import ENTER, are_same

MOST_ARCHIVE = 20_000_000_000  # bytes of a .zip: what is larger is a folder to be opened where it is
SIDES = (200, 1600)  # pixels: in the grid, and alone
REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)  # a report carries its own script and style; in a sandbox it cannot ask the studio anything
T = TypeVar("T")


class Studio:
    """The folder that is open, and the workbenches of its projects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()  # trainings are processes of their own, which work in other folders
        self._benches: dict[str, Workbench] = {}
        self._turn = threading.Lock()

    def bench(self, name: str) -> Workbench:
        """An open project. Raises UserError where there is none of that name."""
        with self._turn:
            found = self._benches.get(name)
            if found is None or not found.project.photos.is_dir():
                projects = {one.name: one for one in find_projects(self.folder)}
                if name not in projects:
                    raise UserError(
                        gettext("There is no project {name} any more.", name=f"{name!r:.80}"),
                        hint=gettext("Go back to the projects."),
                    )
                if found is not None:
                    found.close()
                found = self._benches[name] = Workbench(projects[name], queue_in(self.folder))
            return found

    def close(self) -> None:
        """Close what is open of the projects; trainings go on."""
        for bench in self._benches.values():
            bench.close()

    def describe(self) -> dict[str, Any]:
        """The projects that there are."""
        benches = [self.bench(project.name) for project in find_projects(self.folder)]
        return {
            "folder": str(self.folder),
            "single": is_single(self.folder),
            "projects": [_summary(bench) for bench in benches],
        }


def _summary(bench: Workbench) -> dict[str, Any]:
    counts = bench.album.counts()
    first = [bench.album.photos(label)[0] for label, count in counts.items() if count]
    return {
        "name": bench.project.name,
        "photos": len(bench.album.all_photos()),
        "classes": len(counts),
        "unsorted": len(bench.album.unsorted),
        "runs": len(bench.runs.describe()),
        "pictures": first[:4],
    }


def create_app(studio: Studio, token: str) -> ASGIApp:
    """The ASGI application of a studio. What touches the disk runs on threads; an album lets one at a time in."""
    app = Starlette(
        routes=[
            Route("/", _page),
            Route(ENTER, _enter),
            Route(STATIC, send_asset),
            Route("/api/projects", _projects),
            Route("/api/projects", _make_project, methods=["POST"]),
            Route("/api/{project}", _project),
            Route("/api/{project}/photos", _photos),
            Route("/api/{project}/photos", _take, methods=["POST"]),
            Route("/api/{project}/archive", _take_archive, methods=["POST"]),
            Route("/api/{project}/ask", _ask, methods=["POST"]),
            Route("/api/{project}/why", _why, methods=["POST"]),
            Route("/api/{project}/compare", _compare),
            Route("/api/{project}/steps", _steps),
            Route("/api/{project}/findings", _findings),
            Route("/api/{project}/sources", _sources),
            Route("/api/{project}/{act}", _act, methods=["POST"]),
            Route("/photo/{project}/{name:path}", _photo),
            *mount("sort", "photos", lambda request: _bench(request).unsorted.sorting),
            *mount("review", "clean", lambda request: _bench(request).reviewing),
            Route("/report/{project}/{run}", _report),
            Route("/model/{project}/{run}", _model),
            Route("/kit/{project}/{number:int}", _kit),
        ],
        exception_handlers={**HANDLERS, Exception: _answer_bug},
    )
    app.state.studio, app.state.token = studio, token
    return Guard(app, token, "studio", {JSON: MOST_JSON, BYTES: MOST_ARCHIVE})


async def _page(_request: Request) -> Response:
    return html_response(render_page("studio.html"), img_src="data:", frame_src="'self'")


async def _enter(request: Request) -> Response:
    """GET /enter?token=…: the way in."""
    token: str = request.app.state.token
    if not are_same(token, request.query_params.get("token", "")):
        return refuse_token(request)
    return enter_response(token, is_https=False)


async def _projects(request: Request) -> Response:
    return await _answer(request.app.state.studio.describe)


async def _make_project(request: Request) -> Response:
    studio: Studio = request.app.state.studio
    name = text_of(await read_object(request), "name")
    return await _answer(lambda: {"name": make_project(studio.folder, name).name})


async def _project(request: Request) -> Response:
    return await _answer(lambda: _bench(request).describe())


async def _photos(request: Request) -> Response:
    """GET /api/NAME/photos?class=…: the photos of a class by name."""
    label = request.query_params.get("class", "")
    return await _answer(lambda: {"photos": _bench(request).album.photos(label)})


async def _take(request: Request) -> Response:
    """POST /api/NAME/photos?class=…&name=…&batch=…&recording=…: a photo comes in; with none=1 one of no class."""
    asked = request.query_params
    content = await _body(request, MOST_BYTES)
    given = Given(
        content,
        asked.get("name", "photo"),
        asked.get("class", ""),
        asked.get("batch", "")[:64],
        "".join(letter for letter in asked.get("recording", "") if letter.isalnum())[:32],
    )
    if "none" in asked:
        return await _answer(lambda: {"photo": _bench(request).take_none(given)})
    return await _answer(lambda: {"photo": _bench(request).intake.take(given)})


async def _take_archive(request: Request) -> Response:
    """POST /api/NAME/archive?class=…&batch=…: the photos of a .zip come in."""
    asked, bench = request.query_params, await run_in_threadpool(_bench, request)
    await run_in_threadpool(check_room, bench.project.photos, int(request.headers["content-length"]))
    folder = await run_in_threadpool(bench.incoming)
    try:
        with (folder / "archive.zip").open("wb") as file:
            async for piece in request.stream():
                await run_in_threadpool(file.write, piece)
        return await _answer(
            lambda: bench.take_archive(folder / "archive.zip", asked.get("class", ""), asked.get("batch", "")[:64])
        )
    finally:
        await run_in_threadpool(remove, folder)


async def _ask(request: Request) -> Response:
    """POST /api/NAME/ask?run=…: what a model says of a photo."""
    content, run = await _body(request, MOST_BYTES), request.query_params.get("run", "")
    return await _answer(lambda: ask(_asked(request, run), content))


async def _why(request: Request) -> Response:
    """POST /api/NAME/why?run=…&class=…: where in a photo that speaks for a class lies."""
    asked, content = request.query_params, await _body(request, MOST_BYTES)
    found = await run_in_threadpool(
        lambda: explain_answer(_asked(request, asked.get("run", "")).model, content, asked.get("class", ""))
    )
    return json_response(found)


async def _compare(request: Request) -> Response:
    """GET /api/NAME/compare?run=…&run=…: runs side by side."""
    names = request.query_params.getlist("run")
    return await _answer(lambda: _bench(request).runs.compare(names))


async def _steps(request: Request) -> Response:
    """GET /api/NAME/steps?run=…: what the report of a run says to do next, and whether there is one."""
    name = request.query_params.get("run", "")
    return await _answer(lambda: _bench(request).runs.steps(name))


async def _findings(request: Request) -> Response:
    """GET /api/NAME/findings: what cleaning found."""
    return await _answer(lambda: _bench(request).findings())


async def _sources(request: Request) -> Response:
    """GET /api/NAME/sources: where photos can be looked for by words."""
    return await _answer(lambda: describe_sources(_bench(request).album))


async def _act(request: Request) -> Response:
    """POST /api/NAME/ACT: what a person does with a project; the project as it is then."""
    act, asked = ACTS.get(request.path_params["act"]), await read_object(request)
    if act is None:
        raise HTTPException(404)

    def work() -> dict[str, Any]:
        bench = _bench(request)
        done = act(bench, asked)
        bench.leave_pages()
        return {"done": done, "project": bench.describe()}

    return await _answer(work)


async def _photo(request: Request) -> Response:
    """GET /photo/NAME/CLASS/PHOTO?side=200: the photo as a JPEG."""
    side = request.query_params.get("side", str(SIDES[0]))
    if side not in map(str, SIDES):
        raise HTTPException(404)
    content = await run_in_threadpool(
        lambda: _shrink(_bench(request).album.path(request.path_params["name"]), int(side))
    )
    if content is None:
        raise HTTPException(404)
    return Response(content, 200, {"cache-control": "private, max-age=600"}, "image/jpeg")


def _shrink(file: Path, side: int) -> bytes | None:
    """A photo as a JPEG at most `side` pixels high and wide; None where it cannot be read."""
    try:
        content = file.read_bytes()
        header = read_header(content)
        return encode_jpeg(decode(content, fit_within(header.height, header.width, side)))
    except (OSError, UnreadablePhoto):
        return None


async def _report(request: Request) -> Response:
    """GET /report/NAME/RUN: the report of a run."""
    file = await run_in_threadpool(lambda: _bench(request).runs.report(request.path_params["run"]))
    return FileResponse(file, headers={"content-security-policy": REPORT_POLICY}, media_type="text/html")


async def _model(request: Request) -> Response:
    """GET /model/NAME/RUN: its model.onnx, to be kept."""
    name = request.path_params["run"]
    folder = await run_in_threadpool(lambda: _bench(request).runs.folder(name))
    return FileResponse(folder / MODEL_FILE, filename=f"{name}.onnx", media_type=BYTES)


async def _kit(request: Request) -> Response:
    """GET /kit/NAME/NUMBER: the kit that a job made, to be kept."""
    job = await run_in_threadpool(lambda: _bench(request).jobs.get(request.path_params["number"]))
    if not (job.folder / KIT).is_file():
        raise UserError(gettext("This kit has gone."), hint=gettext("Make it again."))
    return FileResponse(job.folder / KIT, filename=f"{job.run}-{job.choices['to']}.zip", media_type=BYTES)


def _bench(request: Request) -> Workbench:
    studio: Studio = request.app.state.studio
    return studio.bench(request.path_params["project"])


def _asked(request: Request, run: str) -> Asked:
    bench = _bench(request)
    return bench.models.get(bench.runs.folder(run))


async def _answer(work: Callable[[], Any]) -> Response:
    return json_response(to_json(await run_in_threadpool(work)))


async def _body(request: Request, most: int) -> bytes:
    if int(request.headers["content-length"]) > most:
        raise UserError(
            gettext("The photo is too large."),
            hint=gettext("Photos of up to {megabytes} MB are read.", megabytes=most // 10**6),
        )
    return await request.body()


async def _answer_bug(_request: Request, error: Exception) -> Response:
    return error_response(
        500,
        gettext("Something went wrong in whatsit itself."),
        gettext("The terminal says what ({error}).", error=f"{error!r:.100}"),
    )
