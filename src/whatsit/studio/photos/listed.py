"""What lies in a folder of photos, looked through again only where it was written to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whatsit.data.listing.walk import walk

RECORDING = "recording-"  # how the folder of a camera's recording begins: what lies in it belongs together


@dataclass(frozen=True)
class Listed:
    """What lay in the folder of a class, or of unsorted photos.

    written: its folders and when each was last written to
    groups:  how many photos there are if a recording counts as one
    """

    written: dict[Path, int]
    photos: list[str]
    groups: int
    has_recordings: bool

    def is_as_it_was(self) -> bool:
        """Whether none of the folders was written to since."""
        try:
            return bool(self.written) and all(one.stat().st_mtime_ns == at for one, at in self.written.items())
        except OSError:
            return False


def list_class(root: Path, label: str) -> Listed:
    """Look through the folder of a class; it is as good as empty where it has gone."""
    written: dict[Path, int] = {}
    try:
        written[root / label] = (
            (root / label).stat().st_mtime_ns
        )  # before it is read: what comes then is seen later
        photos = [entry.name for entry in walk(root, label) if not entry.reason]
        counts = [name.count("/") for name in photos]
        inside = {name.split("/", 2)[1] for name, count in zip(photos, counts, strict=True) if count > 1}
        written |= {root / label / name: (root / label / name).stat().st_mtime_ns for name in inside}
    except OSError:
        return Listed({}, [], 0, False)
    alone = counts.count(1)
    return Listed(written, photos, alone + len(inside), any(name.startswith(RECORDING) for name in inside))
