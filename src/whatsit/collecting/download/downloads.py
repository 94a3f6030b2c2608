"""From candidates to photos in class folders: fetch, prove, write down, put in place.

The order is what makes a kill harmless: the bytes go to DATA/.whatsit/incoming and are on disk before the
row that says "kept" is, and the row is before the file moves to its class. Whatever is killed in between is
either finished or begun anew by `recover`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from whatsit import events
from whatsit.collecting.download.prove import SUFFIXES
from whatsit.collecting.download.provers import Provers
from whatsit.collecting.ledger import Ledger
from whatsit.collecting.options import CollectOptions
from whatsit.collecting.search.searches import ClassSearch
from whatsit.data.catalog import Candidate, Catalog, KnownPhoto, Proven, Why
from whatsit.errors import UserError
from whatsit.fetch.errors import FetchError
from whatsit.fetch.manners import Clock, backoff_s
from whatsit.fetch.polite import Polite
from whatsit.files import explain_disk_errors

WINDOW = 512  # candidates in work at once, for each that asks; most wait for their turn at a host
MOST_TRIES_PER_PHOTO = 5  # then the words are no good, and asking on is rude
LEAST_TRIES = 200
NAME_LENGTH = 20  # hexadecimal digits of a photo's name: 80 bits
_NOT_AGAIN = ("parked", "robots-later")  # will not pass within this run


class Unfit(Exception):
    """A whole photo, or a file of this machine, that is not wanted; `kind` is one of `ledger.KINDS`."""

    is_passing = False
    status = 0

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True)
class Place:
    """Where photos arrive and where they stay."""

    data: Path

    @property
    def incoming(self) -> Path:
        return self.data / ".whatsit" / "incoming"

    def part(self, candidate_id: int) -> Path:
        """Where the bytes of a candidate arrive."""
        return self.incoming / f"{candidate_id}.part"


def recover(place: Place, catalog: Catalog) -> None:
    """Finish what a killed run had begun, forget what arrived halfway, and see what was taken away since."""
    with explain_disk_errors(place.incoming):
        place.incoming.mkdir(parents=True, exist_ok=True)
    for candidate_id, path in catalog.kept_photos():
        if not (place.data / path).exists():
            part = place.part(candidate_id)
            if part.exists():
                put(part, place.data / path)
            else:
                catalog.mark_removed(candidate_id, path)
    for left in place.incoming.iterdir():
        left.unlink()


class Downloads:
    """The downloads of one class."""

    def __init__(
        self,
        place: Place,
        ledger: Ledger,
        polite: Polite,
        provers: Provers,
        clock: Clock,
        options: CollectOptions,
    ) -> None:
        self._place = place
        self._ledger = ledger
        self._catalog = ledger.catalog
        self._polite = polite
        self._provers = provers
        self._clock = clock
        self._options = options
        self._window = WINDOW * max(1, options.workers)

    async def fill(self, class_name: str, searches: ClassSearch, good: int, goal: int | None) -> int:
        """Download until the class has `goal` photos or nothing more is to be had; gives back how many it has.

        Candidates are started in their order, and never more than would be needed if all of them were good:
        so which photos the class gets does not depend on which download is the fastest.
        """
        rank, tried = 0, self._catalog.tried_count(class_name)
        most = None if goal is None else max(LEAST_TRIES, MOST_TRIES_PER_PHOTO * goal)
        pending: set[asyncio.Task[int]] = set()
        ended: asyncio.Queue[asyncio.Task[int]] = asyncio.Queue()
        try:
            while True:
                wanted = self._window if goal is None else goal - good - len(pending)
                if most is not None:
                    wanted = min(wanted, most - tried)
                room = min(wanted, self._window - len(pending))
                batch = self._catalog.next_candidates(class_name, rank, room) if room > 0 else []
                for candidate in batch:
                    task = asyncio.create_task(self._settle(candidate))
                    task.add_done_callback(ended.put_nowait)
                    pending.add(task)
                    rank, tried = candidate.rank, tried + 1
                if batch or (room > 0 and await searches.more()):
                    continue
                if not pending:
                    return good
                done = [await ended.get()]
                while not ended.empty():
                    done.append(ended.get_nowait())
                good += sum(task.result() for task in done)
                pending.difference_update(done)
                events.honour_stop()
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _settle(self, candidate: Candidate) -> int:
        """See one candidate through to its end; gives back how many photos the class has more."""
        part = self._place.part(candidate.id)
        if state := self._ledger.settle_as_twin(candidate):
            events.candidate(candidate.class_name, candidate.source, state)
            return 0
        tries = 0
        while True:
            tries += 1
            began = time.monotonic()
            try:
                proven, final_address = await self._fetch(candidate, part)
                break
            except (FetchError, Unfit) as error:
                part.unlink(missing_ok=True)
                why = Why(error.kind, error.reason, error.status)
                is_last = not error.is_passing or error.kind in _NOT_AGAIN or tries >= self._most_tries(error.kind)
                state = "later" if error.is_passing else "bad"
                with self._catalog.together() as catalog:
                    catalog.add_attempt(candidate, why, time.monotonic() - began)
                    if is_last:
                        catalog.fail(candidate, state, why)
                if is_last:
                    events.candidate(candidate.class_name, candidate.source, state)
                    return 0
            except BaseException:  # the disk is full, or the run is stopped: nothing stays halfway
                part.unlink(missing_ok=True)
                raise
            await self._clock.sleep(backoff_s(self._polite.manners, tries))
        state, growth = self._ledger.settle(candidate, proven, final_address)
        if state == "kept":
            put(part, self._place.data / proven.photo.path)
        part.unlink(missing_ok=True)
        events.candidate(candidate.class_name, candidate.source, state)
        return growth

    def _most_tries(self, kind: str) -> int:
        manners = self._polite.manners
        return manners.slow_tries if kind == "timeout" else manners.tries

    async def _fetch(self, candidate: Candidate, part: Path) -> tuple[Proven, str]:
        """The photo at an address, proven, its bytes in `part`; and the address they came from in the end."""
        if candidate.address.startswith("file:"):
            with explain_disk_errors(part):
                self._copy(candidate.address, part)
            final = candidate.address
        else:
            with explain_disk_errors(part):
                final = str((await self._polite.photo(candidate.address, part, candidate.page)).address)
        verdict = await self._provers.verdict(part, self._options.size)
        if verdict["kind"] == "disk-full":
            raise UserError(f"The disk is full: {str(part)!r} could not be written.", hint="Free some space.")
        if verdict["kind"] in ("broken", "not-photo"):
            raise FetchError(verdict["kind"], verdict["reason"])
        if verdict["kind"]:
            raise Unfit(verdict["kind"], verdict["reason"])
        return proven_of(candidate.class_name, verdict, part), final

    def _copy(self, address: str, part: Path) -> None:
        """A file of this machine beside the others that arrive, as a link where that was asked for."""
        original = Path(os.fsdecode(unquote_to_bytes(urlsplit(address).path)))
        try:
            if self._options.link:
                os.link(original, part)
            else:
                shutil.copyfile(original, part)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise Unfit("file", error.strerror or "cannot be read") from None


def proven_of(class_name: str, verdict: Mapping[str, Any], part: Path) -> Proven:
    """A good verdict of `prove` as a photo of a class, named by its content."""
    name = f"{class_name}/{verdict['sha256'][:NAME_LENGTH]}.{SUFFIXES[verdict['format']]}"
    facts = (verdict["bytes"], verdict["width"], verdict["height"], verdict["format"])
    return Proven(verdict["sha256"], KnownPhoto(name, verdict["kept_sha256"], *facts, part.stat().st_mtime_ns))


def put(part: Path, photo: Path) -> None:
    """Move what arrived to its place in a class folder."""
    with explain_disk_errors(photo):
        photo.parent.mkdir(parents=True, exist_ok=True)
        part.replace(photo)
