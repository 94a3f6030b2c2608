"""`whatsit info`: look at a data set."""

from __future__ import annotations

import json as json_text
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from whatsit import verbs, words
from whatsit.cli.terminal import console, stopping
from whatsit.errors import UserError

if TYPE_CHECKING:
    from whatsit.data.inspecting.changes import Changes
    from whatsit.data.inspecting.info import Info, LabelCounts
    from whatsit.data.inspecting.sheet import SheetPicture

LOOK_ALIKES = 3  # that are printed; --json has them all
CLASSES = 40


@stopping.leaves(stopping.NOTHING)
def info(
    data: str,
    /,
    *,
    show: str | None = None,
    png: Path | None = None,
    charts: Path | None = None,
    resize_preview: bool = False,
    changes: str | None = None,
    size: int = 224,
    data_dir: Path | None = None,
    labels: str | None = None,
    engine: str = "threads",
    json: bool = False,
) -> None:
    """Look at a data set: counts, sizes, balance, problems, copies, and what gives classes away.

    Example: `whatsit info digits --show 0:25`

    Parameters
    ----------
    data
        A folder with one folder of photos a class, a CSV, an .npz, IDX files, tar shards, an address of these
        (s3://bucket/photos), or a known name (digits, mnist, …).
    show
        Draw only these photos, with their classes: one (7) or a range (0:25).
    png
        Draw into this file: the photos of --show, the resize preview, the changes, or else some of each class.
    charts
        Draw into this file: photos a class (before and after cleaning), sizes, findings by kind, faces, as bars.
    resize_preview
        Draw the widest, the tallest and an ordinary photo as crop, pad and squish would make them.
    changes
        Draw some photos as training would change them: a set of changes (flip, light, photo) or changes by value
        (rotation=20,shift=0.1), each alone and all together.
    size
        The side, in pixels, of the photos in these two pictures.
    data_dir
        Where known data sets are looked for first.
    labels
        What a photo has: one (class), several (labels), or the columns that say 1 or 0 of each label: sky,water.
        By default several where the table has a column called labels.
    engine
        What does the work: threads of this machine, or ray or ray=ADDRESS, a Ray cluster that sees the same files.
    json
        Print what was found as JSON.
    """
    from whatsit.data.decisions import apply_decisions
    from whatsit.data.inspecting.bars import write_bars
    from whatsit.data.inspecting.changes import make_bars
    from whatsit.data.inspecting.sheet import choose_samples, draw_pictures, rows_of, write_sheet
    from whatsit.data.inspecting.sheet import resize_preview as preview
    from whatsit.data.readers import read
    from whatsit.data.readers.piles import hint_naming
    from whatsit.verbs.common import refuse_run

    refuse_run(data, "whatsit info DATA")  # verbs.info asks it, too: not all below goes through there
    if show is not None:
        dataset = apply_decisions(read(data, data_dir, labels))
        _draw(draw_pictures(dataset, rows_of(show, len(dataset))), png)
        return
    if (resize_preview or changes is not None) and size < 1:
        raise UserError(f"--size {size} is no side of a photo.", hint="Give a number of pixels, such as 224.")
    if changes is not None:
        from whatsit.road.info import draw_changes

        shown, columns = draw_changes(apply_decisions(read(data, data_dir, labels)), changes, (size, size))
        _draw(shown, png, columns)
        return
    if resize_preview:
        _draw(preview(apply_decisions(read(data, data_dir, labels)), (size, size)), png, columns=4)
        return
    seen = verbs.info(data, data_dir=data_dir, labels=labels, engine=engine)
    if json:
        console.show(json_text.dumps(seen.as_dict(), indent=2, ensure_ascii=False))
    else:
        _tell(seen.found)
        _tell_changes(seen.changes)
    if charts is not None:
        write_bars(charts, make_bars(seen.found, seen.changes))
        console.note(f"Drawn: {charts}")
    if not seen.found.classes:
        console.note(hint_naming(data))
    if png is not None:
        write_sheet(png, draw_pictures(seen.dataset, choose_samples(seen.dataset)))
        console.note(f"Drawn: {png}")


def _draw(shown: Sequence[SheetPicture], png: Path | None, columns: int | None = None) -> None:
    from whatsit.data.inspecting.sheet import write_sheet

    if png is not None:
        write_sheet(png, shown, columns)
        console.note(f"Drawn: {png}")
        return
    room = (console.stdout().width + 1) // (columns or 1) - 1
    wide = max(8, min(64, room)) if len(shown) == 1 or columns else 18
    console.gallery([(picture.caption, picture.pixels) for picture in shown], wide, columns)


def _tell(found: Info) -> None:
    console.show(f"{found.name}: {found.sums}")
    for line in (found.origin.title, found.origin.note):
        if line:
            console.show(line)
    if found.origin.title:
        console.show(f"Licence: {found.origin.licence}. {found.origin.address}")
    if found.classes:
        _tell_classes(found)
    if found.several is not None:
        _tell_labels(found.several)
    _tell_sizes(found)
    _tell_problems(found)
    _tell_shortcuts(found)


def _tell_classes(found: Info) -> None:
    parts = [part for part in ("train", "val", "test") if any(part in row.parts for row in found.classes)]
    rows = [(row.label, row.photos, *(row.parts.get(part, 0) for part in parts)) for row in found.classes]
    console.table(("Class" if found.several is None else "Label", "Photos", *parts), rows[:CLASSES])
    if len(rows) > CLASSES:
        others = sum(row.photos for row in found.classes[CLASSES:])
        console.show(
            f"{words.count(len(rows) - CLASSES, 'more class')} with {words.photos(others)} (all of them: --json)"
        )


def _tell_labels(several: LabelCounts) -> None:
    counts = ", ".join(f"{number} in {photos:,}" for number, photos in several.a_photo.items() if photos)
    console.show(f"Labels a photo: {counts}")
    if several.unknown:
        console.show(
            f"Not looked for: {words.count(several.unknown, 'label')} of single photos, which count nothing"
        )
    if several.together:
        pairs = ", ".join(f"{one} and {other} ({photos:,})" for one, other, photos in several.together)
        console.show(f"Most often together: {pairs}")
    if several.never:
        console.show(f"Never together: {', '.join(f'{one} and {other}' for one, other in several.never)}")


def _tell_changes(cleaned: Changes | None) -> None:
    if cleaned is None:
        return
    if cleaned.has_left_out:
        rows = [(row.label, row.before, row.after) for row in cleaned.classes]
        console.table(("Class", "Before cleaning", "After"), rows[:CLASSES])
    kinds = [(kind.check, kind.photos, kind.left_out, kind.waiting) for kind in cleaned.kinds]
    if kinds:
        console.table(("Found", "Photos", "Left out", "Waiting"), kinds)
    if cleaned.faces:
        counts = ", ".join(f"{name} in {words.photos(count)}" for name, count in cleaned.faces.items())
        console.show(f"Clear faces: {counts}")


def _tell_sizes(found: Info) -> None:
    sizes = found.sizes
    named = [f"{width} × {height}" for width, height in (sizes.smallest, sizes.median, sizes.largest)]
    if sizes.smallest == sizes.largest:
        console.show(f"Size: {named[0]} pixels, all of them")
    else:
        console.show(f"Size: {named[0]} to {named[2]} pixels, the middle one {named[1]}")
    if found.balance > 1.05:
        console.show(f"Balance: the largest class has {found.balance:.1f} times the photos of the smallest")


def _tell_problems(found: Info) -> None:
    from whatsit.data.inspecting.clashes import describe_clashes
    from whatsit.data.inspecting.info import TINY
    from whatsit.data.listing.skipped import count_left, group_reasons, name_some

    if found.skipped:
        rows = [(len(left.names), left.reason, name_some(left.names, 2)) for left in group_reasons(found.skipped)]
        console.table(("Files", "Why", "As these"), rows, title=f"Left out: {count_left(found.skipped)}")
    copies = found.copies
    if copies.photos:
        console.warn(f"Copies of other photos, byte for byte: {copies.photos:,}. A split keeps them together.")
    if copies.leaks:
        console.warn(f"Official val or test photos that are also in train: {_count_names(copies.leaks)}")
    for line in describe_clashes(copies.clashes, "--json"):
        console.warn(line)
    for odd in found.look_alikes[:LOOK_ALIKES]:
        console.warn(str(odd))
    if len(found.look_alikes) > LOOK_ALIKES:
        console.warn(f"{len(found.look_alikes) - LOOK_ALIKES:,} more such names (all of them: --json)")
    if found.kept_together:
        console.show(found.kept_together)
    if found.group_hint is not None:
        console.warn(str(found.group_hint))
    if found.flat:
        console.warn(f"Photos of one colour: {_count_names(found.flat)}")
    if found.tiny:
        console.warn(f"Photos with a side below {TINY} pixels: {_count_names(found.tiny)}")


def _count_names(names: Sequence[str]) -> str:
    return f"{len(names):,} ({_list_names(names)})"


def _list_names(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4:,} more" if len(names) > 4 else "")


def _tell_shortcuts(found: Info) -> None:
    for shortcut in found.shortcuts:
        if shortcut.gives_away:
            console.warn(
                f"The {shortcut.measure} alone gives {shortcut.label!r} away: of two photos, one of it and one of "
                f"another class, it tells which is which {words.percent(shortcut.auroc, 0)} of the time "
                f"({words.percent(shortcut.low, 0)} to {words.percent(shortcut.high, 0)}; half is chance). "
                "Is that the thing itself, or how it was photographed?"
            )
    if found.shortcuts and not any(shortcut.gives_away for shortcut in found.shortcuts):
        console.show("No class is given away by its photos' brightness, size or shape alone.")
