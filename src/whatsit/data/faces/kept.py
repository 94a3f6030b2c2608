"""How a folder's photos are cut, as its catalog has it: the name of the crop, and the file that finds the faces.

The file lies in the catalog itself, so that it goes wherever the decisions go, and is there whole or not at all.
"""

from __future__ import annotations

import base64

from whatsit.data.catalog import Catalog
from whatsit.data.faces.face import Detector

_CROP, _CONTENT = "crop", "face-detector"  # the catalog's facts


def load_crop(catalog: Catalog) -> tuple[str, bytes]:
    """The crop's name, empty where photos stay whole, and its detector's content."""
    return catalog.fact(_CROP), base64.b64decode(catalog.fact(_CONTENT))


def keep_crop(catalog: Catalog, detector: Detector | None) -> None:
    """Remember what photos are cut by; None leaves them whole."""
    with catalog.together():
        catalog.set_fact(_CROP, detector.crop if detector else "")
        catalog.set_fact(_CONTENT, base64.b64encode(detector.content).decode() if detector else "")
