"""Collect photos for classes: search, download, prove, keep account. The library call is `collect`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from whatsit import events
from whatsit.collecting.account.attribution import render_attribution
from whatsit.collecting.account.sheet import write_sheet
from whatsit.collecting.account.yields import ClassYield, Yield, count_yield, write_addresses
from whatsit.collecting.download.downloads import Downloads, Place, recover
from whatsit.collecting.download.provers import Provers
from whatsit.collecting.ledger import Ledger
from whatsit.collecting.many.client import shared_client
from whatsit.collecting.options import DEFAULT_PER_CLASS, MOST_WORKERS, CollectOptions, World
from whatsit.collecting.search.found import ChosenSource, Wanted
from whatsit.collecting.search.searches import ClassSearch, choose_sources
from whatsit.collecting.sources import SOURCES
from whatsit.data.catalog import LEAVE_OUT, Catalog, KnownPhoto, find_shared, now, open_catalog
from whatsit.data.dataset import Skipped
from whatsit.data.listing.skipped import say_groups
from whatsit.data.listing.walk import ATTRIBUTION, Entry, walk
from whatsit.errors import UserError
from whatsit.fetch.manners import Manners, Pace
from whatsit.fetch.polite import Polite, polite_client
from whatsit.files import explain_disk_errors, hold_lock, readable, remove, write_text

CONTACT = "WHATSIT_CONTACT"
Agree = Callable[[str, str], bool]


def collect(
    data: Path,
    classes: Sequence[Wanted],
    options: CollectOptions | None = None,
    agree: Agree | None = None,
    world: World | None = None,
) -> Yield:
    """Fill the class folders of DATA with photos; what became of every address, and what to try next.

    Goes on where an earlier run ended: what is there counts, what failed for a passing reason is asked for
    again, nothing is fetched twice.

    agree: asked with a source's name and terms, for sources that want to be agreed to; remembered
    Raises UserError for classes, sources or a DATA folder that cannot be, and where nobody answers at all; of a
    folder that was made for it nothing stays then, unless there is a photo in it.
    """
    options = options or CollectOptions()
    if not 0 <= options.workers <= MOST_WORKERS:
        raise UserError(
            f"{options.workers} workers cannot be had.", hint=f"Name up to {MOST_WORKERS}, as in: --workers 4"
        )
    sources = choose_sources(options.source)
    names = [wanted.class_name for wanted in classes]
    check_names(data, names)
    for source in sources:
        if check := SOURCES[source.name].check:
            check(source.argument, names)
    # a shared catalog knows its folders by marks in them, so they stay
    new = [] if find_shared(data) else [folder for folder in (data, *data.parents) if not folder.exists()]
    with explain_disk_errors(data):
        (data / ".whatsit").mkdir(parents=True, exist_ok=True)
    lock = data / ".whatsit" / "collect.lock"
    busy = f"Another whatsit is collecting into {str(data)!r}."
    with hold_lock(lock, busy), _taking_back(new), open_catalog(data) as known:
        _check_consent(known, sources, options, agree)
        contact = _contact(known, sources, options)
        job = _Job(data, known, sources, replace(options, contact=contact), world or World())
        return asyncio.run(job.all(classes))


@contextlib.contextmanager
def _taking_back(new: Sequence[Path]) -> Iterator[None]:
    """Where the block fails, take away the folders that were made for it, unless there is a photo in them.

    new: the folder that is collected into, then those above it; empty where it was there before
    """
    try:
        yield
    except UserError:  # not where somebody stops it: it goes on from what it found
        if new and all(entry.reason for entry in walk(new[0])):
            remove(new[0])
            with contextlib.suppress(OSError):  # somebody has put something beside it
                for folder in new[1:]:
                    folder.rmdir()
        raise


def parse_class(text: str) -> Wanted:
    """`cat` and `cat=cat photo|kitten` as a class and its words. Raises UserError."""
    name, equals, words = text.partition("=")
    name = unicodedata.normalize("NFC", name.strip())
    searches = tuple(filter(None, (word.strip() for word in words.split("|")))) if equals else (name,)
    if not searches:
        raise UserError(f"The class {name!r} has no words to search for.", hint=f'As in: "{name}={name} photo"')
    return Wanted(name, searches)


def check_names(data: Path, names: Sequence[str]) -> None:
    """Raise a UserError unless all of these can be class folders of DATA."""
    if not names:
        raise UserError("No class is named.", hint='As in: whatsit collect photos pikachu "cat=cat photo"')
    taken = (
        {entry.name.casefold(): entry.name for entry in data.iterdir() if entry.is_dir()} if data.is_dir() else {}
    )
    seen: dict[str, str] = {}
    for name in names:
        if not name or name.startswith(".") or name != name.strip() or len(os.fsencode(name)) > 120:
            raise UserError(f"{name!r} cannot be the name of a class.", hint='As in: "cat=cat photo"')
        if set(name) & set('/\\:*?"<>|') or not name.isprintable():
            raise UserError(
                f"{name!r} cannot be the name of a class, because it is to be the name of a folder.",
                hint=f'Give it another name, as in: "class={name}"' if "=" not in name else "",
            )
        other = seen.setdefault(name.casefold(), name)
        if other != name or taken.get(name.casefold(), name) != name:
            twin = other if other != name else taken[name.casefold()]
            raise UserError(f"The classes {twin!r} and {name!r} differ only by case.", hint="Use one of them.")
    if len(seen) < len(names):
        raise UserError("A class is named twice.", hint='Several searches for one class: "cat=cat photo|kitten"')


class _Job:
    """One collection: everything that its steps share."""

    def __init__(
        self,
        data: Path,
        known: Catalog,
        sources: list[ChosenSource],
        options: CollectOptions,
        world: World,
    ) -> None:
        self.data = data
        self.ledger = Ledger(known)
        self.sources = sources
        self.options = options
        self.world = world
        self.place = Place(data)
        self.goal = options.per_class or (None if _is_own(sources) else DEFAULT_PER_CLASS)

    async def all(self, classes: Sequence[Wanted]) -> Yield:
        """Class after class: the photos of one never depend on how fast another's came."""
        recover(self.place, self.ledger.catalog)
        polite = self._polite(self.world.manners or Manners(usual=Pace(starts_per_s=self.options.pace)))
        async with polite, Provers() as provers:
            done = [await self._class(wanted, polite, provers) for wanted in classes]
            parked = polite.hosts.parked()
        _refuse_nothing(done)
        addresses = self.data / ".whatsit" / "addresses.csv"
        write_addresses(self.ledger.catalog, addresses, [wanted.class_name for wanted in classes])
        sheets = tuple(self._sheet(one) for one in done if one.photos)
        attribution = self.data / ATTRIBUTION
        write_text(attribution, render_attribution(self.ledger.catalog))
        return Yield(self.data, tuple(done), parked, sheets, addresses, attribution, self._names_people(classes))

    def _polite(self, manners: Manners) -> Polite:
        """What asks hosts: this process, or workers that it leads."""
        world, options = self.world, self.options
        if not options.workers:
            client = polite_client(options.contact, manners, world.net, world.limits)
            return Polite(client, manners, world.clock, options.robots)
        shared = shared_client(options, manners.connections, world.net, world.limits)
        manners = replace(manners, connections=manners.connections * options.workers)
        return Polite(shared, manners, world.clock, options.robots)

    async def _class(self, wanted: Wanted, polite: Polite, provers: Provers) -> ClassYield:
        name = wanted.class_name
        events.begin_class(name, self.goal)
        self.ledger.catalog.reopen_later(name)
        good = await self._good(name, provers)
        clock = self.world.clock
        searches = ClassSearch(wanted, self.sources, self.ledger, polite, clock, self.options)
        downloads = Downloads(self.place, self.ledger, polite, provers, clock, self.options)
        good = await downloads.fill(name, searches, good, self.goal)
        return count_yield(self.ledger.catalog, name, self.goal, good, searches.ended)

    async def _good(self, class_name: str, provers: Provers) -> int:
        """How many photos a class has already, those put there by hand among them, left-out ones not."""
        await self._adopt(class_name, provers)
        decisions = self.ledger.catalog.decisions()
        photos = self.ledger.catalog.photos_of(class_name)
        return sum(path not in decisions or decisions[path].decision != LEAVE_OUT for path in photos)

    async def _adopt(self, class_name: str, provers: Provers) -> None:
        """Know the photos that somebody put into a class folder by hand."""
        catalog = self.ledger.catalog
        known = catalog.photos()
        entries = _entries(self.data, class_name)
        there = [entry.name for entry in entries if not entry.reason]
        left = [Skipped(readable(entry.name), entry.reason) for entry in entries if entry.reason]
        gone = set(catalog.photos_of(class_name)).difference(there)
        catalog.drop_photos(gone)
        for path in there:
            changed_ns = _changed_ns(self.data / path)
            if path in known and known[path].changed_ns == changed_ns:
                continue
            verdict = await provers.verdict(self.data / path)
            if verdict["kind"]:
                left.append(Skipped(path, verdict["reason"]))
                continue
            facts = (verdict["bytes"], verdict["width"], verdict["height"], verdict["format"])
            catalog.put_photos([KnownPhoto(path, verdict["sha256"], *facts, changed_ns)])
        for line in say_groups(left):
            events.note(f"{class_name}: {line}")

    def _sheet(self, one: ClassYield) -> Path:
        path = self.data / ".whatsit" / "sheets" / f"{one.class_name}.png"
        write_sheet(path, [self.data / photo for photo in self.ledger.catalog.photos_of(one.class_name)])
        return path

    def _names_people(self, classes: Sequence[Wanted]) -> bool:
        """Whether a source says of one of the photos that it shows a person who has a say."""
        return any(self.ledger.catalog.has_people(wanted.class_name) for wanted in classes)


def _entries(data: Path, class_name: str) -> list[Entry]:
    """What lies in a class folder; nothing where it is yet to come. Raises UserError where it is closed."""
    try:
        return list(walk(data, class_name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UserError(
            f"The class folder {class_name!r} of {str(data)!r} cannot be opened ({error.strerror}).",
            hint="Change its rights, or remove it.",
        ) from None


def _changed_ns(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:  # it has just gone: looking at it will say so
        return 0


def _is_own(sources: list[ChosenSource]) -> bool:
    return all(SOURCES[source.name].kind == "own" for source in sources)


def _check_consent(
    known: Catalog, sources: list[ChosenSource], options: CollectOptions, agree: Agree | None
) -> None:
    """Raise a UserError unless somebody has agreed to the terms of every source that has some."""
    for source in sources:
        terms = SOURCES[source.name].terms
        if not terms or known.fact(f"agreed:{source.name}"):
            continue
        if not (options.agree or (agree and agree(source.name, terms))):
            raise UserError(f"{terms}", hint=f"If you agree: --source {source.name} --agree")
        known.set_fact(f"agreed:{source.name}", now())


def _contact(known: Catalog, sources: list[ChosenSource], options: CollectOptions) -> str:
    """How whoever runs this can be reached, remembered from last time. Raises UserError where nobody says."""
    contact = options.contact or os.environ.get(CONTACT, "") or known.fact("contact")
    is_needed = any(source.name != "folder" for source in sources)
    if is_needed and not contact:
        raise UserError(
            "Hosts want to know whom to write to when something goes wrong.",
            hint="Name a mail address or a page, once: --contact you@example.org",
        )
    if any(not character.isprintable() or character in '()<>"' for character in contact):
        raise UserError(f"{contact!r} is no mail address or page.", hint="As in: --contact you@example.org")
    if contact:
        known.set_fact("contact", contact)
    return contact


def _refuse_nothing(done: list[ClassYield]) -> None:
    """Raise a UserError where no source answered for any class and there is not one photo."""
    if any(one.photos or one.found for one in done) or not all(one.ended for one in done):
        return
    error = next(iter(done[0].ended.values()))
    raise UserError(f"No source gave an answer. {error.sentence}", hint=error.hint or "Is there a network?")
