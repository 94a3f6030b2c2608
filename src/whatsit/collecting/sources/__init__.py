"""Where photos are found: one file a source. A new source is one file and one line here."""

from __future__ import annotations

from whatsit.collecting.search.found import Source
from whatsit.collecting.sources import (
    bing,
    commons,
    duckduckgo,
    flickr,
    folder,
    google,
    inaturalist,
    openverse,
    urls,
)
from whatsit.plugins import Registry, of_class

SOURCES = Registry(
    "sources",
    {
        "openverse": openverse.SOURCE,
        "commons": commons.SOURCE,
        "flickr": flickr.SOURCE,
        "inaturalist": inaturalist.SOURCE,
        "bing": bing.SOURCE,
        "duckduckgo": duckduckgo.SOURCE,
        "google": google.SOURCE,
        "urls": urls.SOURCE,
        "folder": folder.SOURCE,
    },
    of_class(Source),
)
