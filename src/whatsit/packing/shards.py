"""Tar files of a thousand photos, as WebDataset and its relatives read them: 000017.png and 000017.cls."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from whatsit.events import Advance
from whatsit.files import write_text, writing
from whatsit.image import encode_png
from whatsit.packing.contents import Contents

SHARD = 1000  # photos


def write(folder: Path, contents: Contents, step: Advance) -> None:
    """Write PART-00000.tar, … and classes.txt, a class a line in the order of the numbers in .cls.

    step: told each photo
    """
    write_text(folder / "classes.txt", "".join(f"{name}\n" for name in contents.dataset.classes))
    for part in contents.parts():
        entries, labels = contents.entries[part], contents.labels(part)
        for number, start in enumerate(range(0, len(entries), SHARD)):
            with (
                writing(folder / f"{part}-{number:05}.tar") as file,
                tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive,
            ):
                for place in range(start, min(start + SHARD, len(entries))):
                    entry = entries[place]
                    facts = {"photo": contents.dataset.photos.names[entry.row], "copy": entry.copy}
                    if group := contents.group(entry):
                        facts["group"] = group
                    _add(archive, f"{place:06}.png", encode_png(contents.picture(entry)))
                    _add(archive, f"{place:06}.cls", str(labels[place]).encode())
                    _add(archive, f"{place:06}.json", json.dumps(facts, ensure_ascii=False).encode())
                    step(1)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
