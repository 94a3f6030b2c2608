"""What is said of a data set before anything is learnt from it."""

from __future__ import annotations

from whatsit import events, words
from whatsit.data.dataset import Dataset
from whatsit.data.inspecting.clashes import describe_clashes, find_clashes
from whatsit.data.inspecting.group_hints import find_group_hint
from whatsit.data.inspecting.sums import sum_up
from whatsit.data.listing.skipped import warn_of_skipped
from whatsit.data.ready import ReadyData, describe_unscored
from whatsit.data.splitting.grouping import describe_groups
from whatsit.data.target import Wish
from whatsit.data.target.promise import fewest_for

PURPOSES = {"train": "to learn from", "val": "to validate on", "test": "to test on"}


def tell_data(dataset: Dataset) -> None:
    """Say what is read, at once: what comes next takes longer, and knows which photos can be read."""
    most = dataset.counts().max()
    counts = f"{words.between(dataset.counts().min(), most)} {'photo' if most == 1 else 'photos'} each"
    kinds = len(dataset.classes)
    if dataset.target.says_any_number:
        mean = float((dataset.labels == 1).sum(axis=1).mean())
        what = f"{words.count(kinds, 'label')}, {counts}, {mean:.1f} a photo"
    else:
        what = f"{words.count(kinds, 'class')}, {counts}"
    events.note(f"Reading {dataset.name}: {what}.")


def tell_parts(ready: ReadyData, source: str) -> None:
    """Say how many photos there are, what each is for, and what was found on the way there.

    source: the data set as it is typed
    """
    dataset, parts, contents = ready.dataset, ready.split, ready.decoded.same_content()
    events.note(f"{dataset.name}: {sum_up(dataset, contents)}.")
    rows = {part: len(parts.rows(part)) for part in PURPOSES}
    sizes = ", ".join(f"{count:,} {PURPOSES[part]}" for part, count in rows.items() if count)
    height, width = ready.decoded.size
    events.note(f"{sizes}; seen at {width} × {height} pixels.")
    if dataset.mirrored is False:
        seen = f": {dataset.mirror_images} look like each other that way" if dataset.mirror_images else ""
        events.note(f"Left and right matter here, so no photo is mirrored{seen}.")
    if dataset.grouped_by:
        events.note(describe_groups(dataset))
    elif (hint := find_group_hint(dataset, ready.decoded)) is not None:
        events.warn(str(hint))
    warn_of_skipped(dataset.skipped)
    for line in describe_clashes(
        find_clashes(dataset, contents), words.typed("whatsit", "info", source, "--json")
    ):
        events.warn(line)
    for sentence in describe_unscored(dataset, parts):
        events.warn(sentence)
    if len(parts.leaked):
        events.warn(
            f"By the data set's own parts, {words.photos(len(parts.leaked))} of val or test lie in train too."
        )


def warn_of_few(ready: ReadyData, wish: Wish) -> None:
    """Say before anything is learnt that what is wished for cannot be promised, where that is certain already."""
    photos = len(ready.dataset) - len(ready.rows("test"))
    if wish.least is not None and photos < fewest_for(wish.least):
        events.warn(
            f"{wish} cannot be promised on {words.photos(photos)}: it takes {fewest_for(wish.least):,}, all "
            f"of them right, or more. Add {fewest_for(wish.least) - photos:,} or more, or wish for less."
        )
