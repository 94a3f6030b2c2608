"""Whether somebody agrees to a download: asked once, before the first byte of it.

A program that calls the library has asked for what it names. Who sits at a terminal is asked (`asking`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from whatsit.data.downloading.offline import refuse_download
from whatsit.errors import UserError
from whatsit.words import human_bytes


@dataclass(frozen=True)
class Download:
    """What would be fetched: what it is, its page, its bytes and licence, and how to do without it."""

    what: str
    place: str
    bytes: int
    licence: str
    without: str

    def sentence(self) -> str:
        """All of it in words."""
        size = human_bytes(self.bytes)
        return (
            f"{self.what} is not on this machine: it is {size}, from {self.place} (licence: {self.licence}). "
            f"{self.without}"
        )


Ask = Callable[[Download], bool]
_asked: ContextVar[Ask | None] = ContextVar("asked", default=None)


class Declined(UserError):
    """Nobody agreed to a download."""


@contextmanager
def asking(ask: Ask) -> Iterator[None]:
    """Within the block `ask` is asked before anything is fetched, once about each thing."""
    answers: dict[Download, bool] = {}

    def ask_once(download: Download) -> bool:
        if download not in answers:
            answers[download] = ask(download)
        return answers[download]

    token = _asked.set(ask_once)
    try:
        yield
    finally:
        _asked.reset(token)


def check_consent(download: Download) -> None:
    """Raise UserError where downloads are forbidden; Declined where somebody is to be asked and does not agree."""
    refuse_download(download.what, download.place, human_bytes(download.bytes))
    ask = _asked.get()
    if ask is not None and not ask(download):
        raise Declined(
            f"{download.what} was not fetched: nobody agreed to it "
            f"({human_bytes(download.bytes)} from {download.place}, licence: {download.licence}).",
            hint=f"Give --yes to fetch it. {download.without}",
        )
