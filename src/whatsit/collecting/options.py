"""How a collection is wanted: the command line's flags and the library's arguments are these fields."""

from __future__ import annotations

from dataclasses import dataclass, field

from whatsit.collecting.search.licences import LicenceWish
from whatsit.fetch.client import FetchLimits
from whatsit.fetch.manners import Clock, Manners
from whatsit.fetch.net import NetAccess
from whatsit.fetch.polite import PHOTO_LIMITS

DEFAULT_SOURCES = ("openverse", "commons")
DEFAULT_PER_CLASS = 300
MOST_WORKERS = 256


@dataclass(frozen=True)
class CollectOptions:
    """How a collection is wanted."""

    source: tuple[str, ...] = DEFAULT_SOURCES
    "Where to look, in this order; some take an argument, as in urls:list.txt (see `whatsit sources`)."

    per_class: int | None = None
    "Good photos wanted of each class (default: 300, or all that a list or folder has)."

    license: LicenceWish = "any"
    "Which photos by licence: any, known (a licence is stated), commercial (also for money), public (nobody's)."

    size: int = 0
    "Shrink photos while saving, so that the shorter side has this many pixels (0: keep them as they are)."

    contact: str = ""
    "A mail address or page where you can be reached; hosts are told it. Remembered."

    agree: bool = False
    "Agree to the terms that a source shows, without being asked."

    pace: float = 1.0
    "Photos a second that are asked of one host; more only where the host is yours."

    robots: bool = True
    "Heed robots.txt; no only where the host is yours."

    link: bool = False
    "Link photos of a folder on the same disk instead of copying them."

    workers: int = 0
    "Processes that ask hosts, each hosts of its own (0: the command itself)."


@dataclass(frozen=True)
class World:
    """The outside, handed in by tests: the network, manners towards it, what a photo may cost, and time."""

    net: NetAccess = field(default_factory=NetAccess)
    clock: Clock = field(default_factory=Clock)
    manners: Manners | None = None
    limits: FetchLimits = PHOTO_LIMITS
