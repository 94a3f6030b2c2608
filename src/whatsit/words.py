"""Numbers as people read them."""

from __future__ import annotations


def photos(count: int) -> str:
    """A number of photos: `no photos`, `1 photo`, `2,000 photos`."""
    return f"{count:,} photo{'' if count == 1 else 's'}" if count else "no photos"


def percent(share: float, digits: int = 1) -> str:
    """`0.98765` → `98.8 %`."""
    return f"{100 * share:.{digits}f} %"


def seconds(count: float) -> str:
    """`75` → `1 min 15 s`, `0.25` → `0.2 s`."""
    if count < 10:
        return f"{count:.1f} s"
    if count < 60:
        return f"{count:.0f} s"
    minutes, rest = divmod(round(count), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def human_bytes(count: float) -> str:
    """`1536` → `1.5 kB`: decimal units, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError
