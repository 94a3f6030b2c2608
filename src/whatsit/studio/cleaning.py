"""What cleaning found in a project's photos, and the page on which people decide: whatsit.reviewing's own."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from whatsit.cleaning.checks import CHECKS
from whatsit.data.catalog import BROKEN, LEAVE_OUT, RELABEL, has_catalog, open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.waiting import find_waiting
from whatsit.languages.speaking import gettext
from whatsit.reviewing.app import create_app
from whatsit.reviewing.desk import Desk
from whatsit.reviewing.person import name_person
from whatsit.studio.places import Project
from whatsit.studio.within import Page
from whatsit.web.own import Back

PICTURES = 4  # of what a check found


def describe_findings(project: Project, photos: list[str]) -> dict[str, Any]:
    """What was found, what waits first, and how many photos a training leaves out or sees under another class.

    Raises UserError where the catalog cannot be opened.
    """
    if not has_catalog(project.photos):
        return {"queues": [], "left_out": 0, "relabelled": 0}
    there = set(photos)
    with open_catalog(project.photos) as catalog:
        decisions = {name: one for name, one in catalog.decisions().items() if name in there}
        findings = catalog.findings()
        waiting = find_waiting(catalog, findings, photos, lambda row: photos[row].partition("/")[0])
        found: defaultdict[str, dict[str, bool]] = defaultdict(dict)  # check → photo → whether it waits
        for one in findings:
            if one.photo in there:
                found[one.check][one.photo] = (one.photo, one.check) in waiting
    out = {name for name, one in decisions.items() if one.decision == LEAVE_OUT} | found.get(BROKEN, {}).keys()
    relabelled = sum(one.decision == RELABEL for one in decisions.values())
    queues = [_queue(name, found[name]) for name in _order(found)]
    queues.sort(key=lambda queue: not queue["waiting"])  # else in the order of the checks
    return {"queues": queues, "left_out": len(out), "relabelled": relabelled}


def open_reviewing(project: Project) -> Page:
    """The page of the photos that lie there now. Raises UserError where they cannot be read as a data set."""
    back = Back(project.name, f"/#/{quote(project.name)}/clean")
    page = _Reviewing(read(project.photos, labels=project.labels), back)
    return Page(page, page.close)


class _Reviewing:
    """A review page whose catalog is opened, asked and closed on the server's thread, as a database wants it."""

    def __init__(self, dataset: Dataset, back: Back) -> None:
        self._dataset = dataset
        self._back = back
        self._app: ASGIApp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._resources = ExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._loop = asyncio.get_running_loop()
            self._app = self._open()
        await self._app(scope, receive, send)

    def close(self) -> None:
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._resources.close)
        else:
            self._resources.close()

    def _open(self) -> ASGIApp:
        assert self._dataset.root is not None
        catalog = self._resources.enter_context(open_catalog(self._dataset.root))
        checks = {name: check.is_paired for name, check in CHECKS.items()}
        return create_app(Desk(self._dataset, catalog, checks, person=name_person(None)), self._back)


def _order(found: defaultdict[str, Any]) -> list[str]:
    known = [name for name in CHECKS if name in found]
    return [*known, *sorted(found.keys() - CHECKS.keys())]


def _queue(name: str, waits: dict[str, bool]) -> dict[str, Any]:
    first = sorted(waits, key=lambda photo: (not waits[photo], photo))
    return {
        "name": name,
        "title": gettext(name.replace("-", " ")),
        "help": gettext(CHECKS[name].help) if name in CHECKS else "",
        "count": len(waits),
        "waiting": sum(waits.values()),
        "pictures": first[:PICTURES],
    }
