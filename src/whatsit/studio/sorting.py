"""The page on which a project's unsorted photos are named: whatsit.sorting's own, opened when it is wanted."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.types import ASGIApp

from whatsit.errors import UserError
from whatsit.sorting.page.app import Back, create_app
from whatsit.sorting.page.desk import Desk
from whatsit.studio.places import Project


@dataclass
class _Opened:
    """A desk, the photos that it was opened with, and a word that no other has in its address."""

    desk: Desk
    app: ASGIApp
    photos: list[str]
    key: str


class Sorting:
    """At most one desk is open. Its page speaks of photos by their number, so one that was opened before photos
    came or went has another address, which is refused."""

    def __init__(self, project: Project, photos: Callable[[], list[str]]) -> None:
        self._project = project
        self._photos = photos
        self._turn = threading.Lock()
        self._opened: _Opened | None = None

    def enter(self) -> str:
        """The word in the address of a page of the photos that lie there now. Raises UserError where none do."""
        photos = self._photos()
        if not photos:
            raise UserError("There are no photos to sort.", hint="Go back to the project and add some.")
        with self._turn:
            if self._opened is None or self._opened.photos != photos or self._opened.desk.opening.trouble:
                self._close()
                self._opened = self._open(photos)
            return self._opened.key

    def app(self, key: str) -> ASGIApp:
        """The application of a page. Raises UserError where it is of photos that are others by now."""
        opened = self._opened
        if opened is None or opened.key != key:
            raise UserError(
                "The photos to sort have changed since this page was opened. All that was answered is kept.",
                hint="Reload the page.",
            )
        return opened.app

    def leave(self) -> None:
        """Close it where a photo of it has gone."""
        with self._turn:
            if self._opened is not None and not set(self._opened.photos) <= set(self._photos()):
                self._close()

    def close(self) -> None:
        """Close it; all that was answered is kept."""
        with self._turn:
            self._close()

    def _open(self, photos: list[str]) -> _Opened:
        desk = Desk(self._project.unsorted)
        back = Back(self._project.name, f"/#/{quote(self._project.name)}/photos")
        return _Opened(desk, create_app(desk, back), photos, secrets.token_hex(6))

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.desk.close()
