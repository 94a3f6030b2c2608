"""Tar files of a thousand photos, as WebDataset and its relatives read them: 000017.png and 000017.cls.

Of several labels there is no .cls: they stand in 000017.json.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import UNKNOWN
from whatsit.events import Advance
from whatsit.files import write_text, writing
from whatsit.packing.contents import Contents

SHARD = 1000  # photos


def write(folder: Path, contents: Contents, step: Advance) -> None:
    """Write PART-00000.tar, … and classes.txt, a class a line in the order of the numbers in .cls.

    step: told each photo
    """
    write_text(folder / "classes.txt", "".join(f"{name}\n" for name in contents.dataset.classes))
    for part in contents.parts():
        entries, labels, pngs = contents.entries[part], contents.labels(part), contents.pngs(part)
        for number, start in enumerate(range(0, len(entries), SHARD)):
            with (
                writing(folder / f"{part}-{number:05}.tar") as file,
                tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive,
            ):
                for place in range(start, min(start + SHARD, len(entries))):
                    entry = entries[place]
                    facts: dict[str, Any] = {"photo": contents.dataset.photos.names[entry.row], "copy": entry.copy}
                    if group := contents.group(entry):
                        facts["group"] = group
                    _add(archive, f"{place:06}.png", next(pngs))
                    if contents.dataset.target.says_any_number:
                        facts |= _labels(contents, labels[place])
                    else:
                        _add(archive, f"{place:06}.cls", str(labels[place]).encode())
                    _add(archive, f"{place:06}.json", json.dumps(facts, ensure_ascii=False).encode())
                    step(1)


def _labels(contents: Contents, row: NDArray[np.int64]) -> dict[str, list[str]]:
    """The labels of a photo, and those that nobody looked for in it."""
    named = list(zip(contents.dataset.classes, row.tolist(), strict=True))
    unknown = [name for name, is_there in named if is_there == UNKNOWN]
    return {"labels": [name for name, is_there in named if is_there == 1]} | (
        {"unknown": unknown} if unknown else {}
    )


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
