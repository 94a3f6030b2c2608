"""Pages of their own within the studio (whatsit.sorting's, whatsit.reviewing's), each opened when it is wanted.

Such a page speaks of photos by their number. One that was opened before photos came or went is of others, so it
has another address, which is refused.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from whatsit.errors import UserError
from whatsit.languages.speaking import gettext


@dataclass(frozen=True)
class Page:
    """An open page: what answers, what closes it, and whether it never came to be."""

    app: ASGIApp
    close: Callable[[], None]
    is_broken: Callable[[], bool] = field(default=lambda: False)


@dataclass(frozen=True)
class _Opened:
    """A page, the photos that it was opened with, and a word that no other has in its address."""

    page: Page
    photos: list[str]
    key: str


class Within:
    """At most one page is open."""

    def __init__(self, photos: Callable[[], list[str]], open_page: Callable[[], Page], hint: str) -> None:
        """photos: those that lie there now; hint: what to do where there are none, in English."""
        self._photos = photos
        self._open_page = open_page
        self._hint = hint
        self._turn = threading.Lock()
        self._opened: _Opened | None = None

    def enter(self) -> str:
        """The word in the address of a page of the photos that lie there now. Raises UserError where none do."""
        photos = self._photos()
        if not photos:
            raise UserError(gettext("There are no photos to look at."), hint=gettext(self._hint))
        with self._turn:
            if self._opened is None or self._opened.photos != photos or self._opened.page.is_broken():
                self._close()
                self._opened = _Opened(self._open_page(), photos, secrets.token_hex(6))
            return self._opened.key

    def app(self, key: str) -> ASGIApp:
        """The application of a page. Raises UserError where it is of photos that are others by now."""
        opened = self._opened
        if opened is None or opened.key != key:
            raise UserError(
                gettext("The photos have changed since this page was opened. All that was answered is kept."),
                hint=gettext("Reload the page."),
            )
        return opened.page.app

    def leave(self) -> None:
        """Close it where a photo of it has gone."""
        with self._turn:
            if self._opened is not None and not set(self._opened.photos) <= set(self._photos()):
                self._close()

    def close(self) -> None:
        """Close it; all that was answered is kept."""
        with self._turn:
            self._close()

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            with contextlib.suppress(UserError):
                opened.page.close()
