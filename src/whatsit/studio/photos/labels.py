"""Where a photo may show several classes: the folders that say which, and what was decided about them besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from whatsit.data.catalog import NOT_LOOKED, SAYS, Decision, has_catalog, open_catalog
from whatsit.data.dataset import sort_names
from whatsit.data.readers.folders import BETWEEN, NO_LABEL
from whatsit.data.readers.labels import SEPARATORS
from whatsit.errors import UserError
from whatsit.languages.speaking import Sentence, gettext, ngettext_lazy

MOST_BYTES = 240  # of the name of a folder: file systems take 255
BY = "studio"  # what decided


def folder_of(labels: Iterable[str]) -> str:
    """The folder of photos that show these: `beach+boats`; NO_LABEL of those that show none.

    Raises UserError where the name is longer than a file system takes.
    """
    found = BETWEEN.join(sort_names(set(labels))) or NO_LABEL
    if len(found.encode()) > MOST_BYTES:
        raise UserError(
            gettext(
                "The classes {names}… are too many for one photo: its folder is called by all of them.",
                names=f"{found[:40]!r}",
            ),
            hint=gettext("Give the classes shorter names."),
        )
    return found


def check_label(label: str) -> None:
    """Raise a UserError where a class cannot be one of several that a photo shows."""
    bad = next((one for one in (BETWEEN, *SEPARATORS) if one in label), None)
    if bad is not None:
        raise UserError(
            gettext(
                "The name {name} has the character {letter} in it, which stands between the classes of a photo.",
                name=f"{label!r}",
                letter=f"{bad!r}",
            ),
            hint=gettext("Leave it out."),
        )
    if label == NO_LABEL:
        raise UserError(
            gettext(
                "A class cannot be called {name}: that is where photos lie which show no class.", name=f"{label!r}"
            ),
            hint=gettext("Call it by what the photos show."),
        )


def tell_marks(count: int, labels: Collection[str], without: Collection[str]) -> Sentence:
    """What is said of so many photos, in words."""
    shown, lacking = ", ".join(labels), ", ".join(without)
    if shown and lacking:
        return ngettext_lazy(
            "Said that {count} photo shows {names} and does not show {others}",
            "Said that {count} photos show {names} and do not show {others}",
            count,
            names=shown,
            others=lacking,
        )
    if shown:
        return ngettext_lazy(
            "Said that {count} photo shows {names}", "Said that {count} photos show {names}", count, names=shown
        )
    if lacking:
        return ngettext_lazy(
            "Said that {count} photo does not show {names}",
            "Said that {count} photos do not show {names}",
            count,
            names=lacking,
        )
    return ngettext_lazy(
        "Said that {count} photo shows none of the classes",
        "Said that {count} photos show none of the classes",
        count,
    )


def settle_marks(root: Path, said: Mapping[str, Mapping[str, bool]], unknown: Mapping[str, Iterable[str]]) -> None:
    """Let a catalog agree with what was said by hand: what says otherwise no longer holds.

    said:    photo → label → whether it is there
    unknown: photo → labels that nobody looked for in it
    """
    if not any(unknown.values()) and not has_catalog(root):
        return
    with open_catalog(root) as catalog, catalog.together():
        held = catalog.label_decisions()
        for photo, labels in said.items():
            for label, is_there in labels.items():
                one = held.get(photo, {}).get(label)
                while one is not None and SAYS[one.decision] != is_there:
                    catalog.undo(one.id)
                    one = catalog.label_decisions_of(photo).get(label)
        catalog.decide_batch(
            Decision(photo, NOT_LOOKED, label, by=BY, why="named after this photo was sorted")
            for photo, labels in unknown.items()
            for label in labels
        )
