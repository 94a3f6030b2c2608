"""Photos by words: what a person is asked before other machines are, and what came of it so far."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from whatsit.collecting.account.attribution import list_credits
from whatsit.collecting.collecting import CONTACT, parse_class
from whatsit.collecting.options import DEFAULT_SOURCES
from whatsit.collecting.search.found import Source
from whatsit.collecting.search.licences import WISHES
from whatsit.collecting.sources import SOURCES
from whatsit.data.catalog import has_catalog, open_catalog
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext
from whatsit.studio.photos.album import Album

MOST_CLASSES = 50
MOST_PHOTOS = 2_000  # of a class: as many as sources give of one search, and a night's work for their hosts


@dataclass(frozen=True)
class Search:
    """What a person wants to be looked for.

    lines:  a class each, as `whatsit collect` takes them: a name, or "name=words|other words"
    agreed: the sources whose terms were agreed to
    """

    lines: Sequence[str]
    sources: Sequence[str]
    per_class: int
    licence: str
    contact: str
    agreed: Sequence[str]


def describe_sources(album: Album) -> dict[str, Any]:
    """Where photos can be looked for, what was said before, and under which licences those are that came so."""
    agreed, contact, licences = _recall(album)
    return {
        "sources": [
            {
                "name": name,
                "title": gettext(one.title),
                "states_licences": one.kind == "free",
                "terms": gettext(one.terms),
                "agreed": name in agreed,
                "chosen": name in DEFAULT_SOURCES,
            }
            for name, one in SOURCES.items()
            if is_offered(one)
        ],
        "contact": contact or os.environ.get(CONTACT, ""),
        "licences": [{"name": name or "unknown", "count": count} for name, count in licences.most_common()],
    }


def is_offered(source: Source) -> bool:
    """Whether a source can be asked with words alone, on this machine."""
    return source.kind != "own" and (not source.key or bool(os.environ.get(source.key)))


def make_choices(album: Album, search: Search) -> dict[str, Any]:
    """What `whatsit collect` is asked for. Raises UserError where the person has to say something else first."""
    chosen = [name for name in search.sources if name in SOURCES and is_offered(SOURCES[name])]
    if not chosen:
        raise UserError(gettext("No source is chosen."), hint=gettext("Choose where to look."))
    agreed, _, _ = _recall(album)
    for name in chosen:
        if SOURCES[name].terms and name not in {*agreed, *search.agreed}:
            raise UserError(
                gettext("The terms of {name} were not agreed to.", name=name),
                hint=gettext("Read and agree, or leave it out."),
            )
    if not 1 <= search.per_class <= MOST_PHOTOS:
        raise UserError(
            gettext("{count} photos cannot be wanted.", count=search.per_class),
            hint=gettext("Say 1 to {most}.", most=MOST_PHOTOS),
        )
    if search.licence not in WISHES:
        raise UserError(
            gettext("There is no such wish of licences: {wish}.", wish=f"{search.licence!r:.40}"),
            hint=gettext("Choose one."),
        )
    if not search.contact.strip():
        raise UserError(
            gettext("Hosts want to know whom to write to when something goes wrong."),
            hint=gettext("Give a mail address or the address of a page of yours."),
        )
    choices: dict[str, Any] = {"classes": _name_classes(album, search.lines), "source": chosen}
    choices |= {"per_class": search.per_class, "license": search.licence, "contact": search.contact.strip()}
    return choices | ({"agree": True} if any(SOURCES[name].terms for name in chosen) else {})


def _name_classes(album: Album, lines: Sequence[str]) -> list[str]:
    """The lines with the names of the classes there are, up to case and the like."""
    found: list[str] = []
    named: list[str] = []
    for line in filter(None, (line.strip() for line in lines)):
        wanted = parse_class(line)
        label = album.find_class(wanted.class_name, named)
        if label in named:
            raise UserError(
                gettext("The class {name} is named twice.", name=f"{label!r}"),
                hint=gettext("Several searches: cat = cat photo | kitten"),
            )
        named.append(label)
        found.append(f"{label}={'|'.join(wanted.words)}" if wanted.words != (label,) else label)
    if not found:
        raise UserError(
            gettext("Nothing is named to look for."), hint=gettext("Write what to look for, one thing a line.")
        )
    if len(found) > MOST_CLASSES:
        raise UserError(
            gettext("These are {count} classes at once.", count=len(found)),
            hint=gettext("Look for {most} or fewer.", most=MOST_CLASSES),
        )
    return found


def _recall(album: Album) -> tuple[set[str], str, Counter[str]]:
    """The sources that were agreed to, the contact, and photos by licence."""
    photos = album.project.photos
    if not has_catalog(photos):
        return set(), "", Counter()
    there = {photo for label in album.classes() for photo in album.photos(label)}
    with open_catalog(photos) as catalog:
        agreed = {name for name in SOURCES if catalog.fact(f"agreed:{name}")}
        licences = Counter(credit.licence for credit in list_credits(catalog) if credit.photo in there)
        return agreed, catalog.fact("contact") or "", licences
