"""Photos from a camera, one frame at a time: what the review page saves."""

from __future__ import annotations

import hashlib
from pathlib import Path

from whatsit.collecting.collecting import check_names
from whatsit.collecting.download.downloads import Place, proven_of, put
from whatsit.collecting.download.prove import prove_file
from whatsit.collecting.ledger import Ledger
from whatsit.collecting.search.found import Page
from whatsit.data.catalog import Sighting, open_catalog
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors, hold_lock


def keep_frame(data: Path, class_name: str, frame: bytes) -> str:
    """Keep an encoded picture as a photo of a class; its path in DATA.

    The same picture again is the same photo. Raises UserError where it is no photo, or cannot be kept.
    """
    check_names(data, [class_name])
    place, digest = Place(data), hashlib.sha256(frame).hexdigest()
    lock = data / ".whatsit" / "collect.lock"
    with hold_lock(lock, f"Another whatsit is collecting into {str(data)!r}."), open_catalog(data) as known:
        ledger, address = Ledger(known), f"camera:{digest}"
        ledger.add(class_name, "camera", "", Page((Sighting(address),)), {})
        if photo := known.photo_at(class_name, address):
            return photo
        candidate = known.waiting_candidate(class_name, address)
        if candidate is None:
            raise UserError("This picture was taken down once, and is not kept again.")
        part = place.part(candidate.id)
        with explain_disk_errors(part):
            part.parent.mkdir(exist_ok=True)
            part.write_bytes(frame)
        said = prove_file(part, 0)
        if said["kind"]:
            part.unlink()
            raise UserError(f"The camera's picture is no photo: {said['reason']}.")
        proven = proven_of(class_name, said, part)
        state, _growth = ledger.settle(candidate, proven, address)
        if state == "kept":
            put(part, data / proven.photo.path)
        part.unlink(missing_ok=True)
        return known.photo_at(class_name, address)
