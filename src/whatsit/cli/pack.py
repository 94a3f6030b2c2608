"""`whatsit pack`: the clean set, for training elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit import words
from whatsit.cli.options import flags
from whatsit.cli.terminal import stopping
from whatsit.packing.packing import PackOptions

if TYPE_CHECKING:
    Options = PackOptions
else:
    Options = flags(PackOptions)
DEFAULTS = Options()
SHOWING = {
    "crop": "the middle square of each photo",
    "pad": "each photo whole, on a square ground",
    "squish": "each photo whole, squeezed into a square",
}
LISTED = 40  # classes in the table that is printed


@stopping.leaves(stopping.NOTHING)
def pack(
    data: str,
    /,
    *,
    into: Annotated[Path, Parameter(name="--into")],
    options: Options = DEFAULTS,
) -> None:
    """Write a data set as cleaning left it: split, at one size, balanced if asked.

    Example: `whatsit pack photos --into packed --to npz --per-class 6000 --size 64`

    Parameters
    ----------
    data
        A folder with one folder of photos a class, or another data set on disk or at an address
        (s3://bucket/photos).
    into
        The new folder to write, or an address of a store: s3://bucket/packed
    """
    from whatsit import verbs
    from whatsit.buckets import address_of
    from whatsit.cli.terminal import console
    from whatsit.data.listing.skipped import list_left
    from whatsit.packing.packing import count_entries

    contents = verbs.pack(data, into, options)
    rows, where = count_entries(contents), address_of(into) or f"{into}"
    what = "label" if contents.dataset.target.says_any_number else "class"
    console.show(f"{contents.dataset.name}: {contents.sums}")
    console.table((what, "train", "augmented", "val", "test"), rows[:LISTED], title=where)
    if len(rows) > LISTED:
        console.show(f"and {len(rows) - LISTED:,} more; contents.csv has every photo")
    side, resize = options.size, options.resize
    console.note(f"Written to {where}: {side} × {side} pixels, {SHOWING[resize]} (--resize {resize}).")
    if surplus := contents.surplus:
        console.note(f"Not packed: {words.photos(surplus)}, more of a class than --per-class {options.per_class}.")
    for line in list_left(contents.dataset.skipped):
        console.note(line)
