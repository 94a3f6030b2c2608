"""The face to cut out of a photo: clear, from the front, with two eyes.

The same code finds it when photos are cleaned, and in a new photo when a model that learnt from faces is asked.
One file a detector; what all of them give stands in `face.py`, and how face networks want it cut in `chip.py`.
"""

from __future__ import annotations

from pathlib import Path

from whatsit.data.faces import yunet
from whatsit.data.faces.chip import CHIP, ChipDetector
from whatsit.data.faces.face import FACE, Detector
from whatsit.data.faces.haar import Haar
from whatsit.data.faces.yunet import YuNet
from whatsit.errors import UserError

HAAR = "haar"


def find_detector(name: str) -> Detector:
    """The detector that `name` means: `haar`, or a file of YuNet. Raises UserError where it is neither."""
    if name == HAAR:
        return Haar()
    path = Path(name)
    if not path.is_file():
        raise UserError(
            f"There is no file {name!r}.",
            hint=f"Name the file of YuNet, {yunet.FILE}, or `{HAAR}` for the cascades of OpenCV. {yunet.WHERE}",
        )
    try:
        with path.open("rb") as file:
            content = file.read(yunet.BYTES + 1)  # of a larger one no more is needed to tell
    except OSError as error:
        raise UserError(f"{name!r} cannot be opened ({error.strerror}).") from None
    return YuNet(content, repr(name))


def detector_of(crop: str, content: bytes, name: str) -> Detector:
    """The detector by which photos are cut in the way called `crop`.

    content: of the file it was made from, as `Detector` has it
    name:    what has the two; for the UserError raised where this whatsit does not know that way, or where
             `content` is damaged
    """
    if crop.endswith(CHIP):
        return ChipDetector(detector_of(crop.removesuffix(CHIP), content, name))
    if crop == yunet.CROP:
        return YuNet(content, f"What finds faces in {name!r}")
    if crop != FACE:
        raise UserError(f"{name!r} cuts photos in a way this whatsit does not know.", hint="Update whatsit.")
    return Haar()
