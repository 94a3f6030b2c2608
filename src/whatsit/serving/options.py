"""How a model is served: the command line's flags and the library's arguments are these fields."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from whatsit.errors import UserError
from whatsit.options import flag_of
from whatsit.serving.log import LogFormat
from whatsit.web.prefix import clean_prefix

MEBI = 1 << 20
BODIES_MB = 64  # in memory together: six of the largest by default, or hundreds of photos as phones send them
DAY_S = 24 * 60 * 60
# What each number may be, both included. Beyond them the server could not answer, or not as it says.
RANGES: dict[str, tuple[float, float]] = {
    "port": (0, 65_535),
    "fd": (0, 1 << 20),  # Linux's own limit of descriptors, fs.nr_open
    "lanes": (1, 1024),
    "queue": (0, 100_000),
    "deadline": (0.05, 600),  # a photo takes some hundredths of a second; proxies give up after minutes
    "max_mb": (0.001, BODIES_MB),
    "max_photos": (1, 1000),
    "rate": (0, 1_000_000),
    "burst": (1, 1_000_000),
    "watch": (0, DAY_S),
}


@dataclass(frozen=True)
class ServeOptions:
    """How a model is served. The defaults are for one person on this machine."""

    host: str = "127.0.0.1"
    "The address to listen on: 127.0.0.1 is this machine only, 0.0.0.0 every network it is on."

    port: int = 8000
    "The port to listen on; 0 takes a free one."

    socket: Path | None = None
    "A Unix socket to listen on instead, for a proxy on this machine."

    fd: int | None = None
    "A file descriptor that already listens, instead: a restart behind it loses no request (systemd: 3)."

    behind_proxy: bool = False
    "A proxy on this machine sends the requests: believe the client address it names."

    root_path: str = ""
    "The path this site lies below, as in /classifier (a proxy may say it too: X-Forwarded-Prefix)."

    name: tuple[str, ...] = ()
    "A host name of this server, beside localhost; also never fetched from. May be repeated."

    public: bool = False
    "Let everybody in who can reach it: no token."

    token: str | None = None
    """The token to ask for (default: $WHATSIT_TOKEN, else a new one where other machines can reach it); who lists
    the processes of this machine reads it, so better in a file."""

    token_file: Path | None = None
    "A file with the token to ask for, which only its owner may read."

    allow_origin: tuple[str, ...] = ()
    "A page elsewhere that may use the API from a browser, as in https://example.org. May be repeated."

    addresses: bool = False
    "Let people name the address of a photo, which this server then fetches."

    corrections: bool = False
    "Let people say what a wrongly answered photo is, and keep photo and class in RUN/corrections."

    samples: Path | None = None
    "A folder of class folders: one photo of each class is shown on the page."

    title: str = "What is it?"
    "The heading of the page."

    lanes: int | None = None
    "Photos looked at together (default: one a core)."

    queue: int | None = None
    "Photos that may wait; one more is refused at once with 503 (default: 32 a lane, and fewer of a slow model)."

    deadline: float = 5.0
    "Seconds until a request that still waits is refused with 503."

    max_mb: float = 10.0
    "The largest request, in MiB; more is refused with 413."

    max_photos: int = 8
    "The most photos of one request."

    rate: float = 10.0
    "Requests a second from one client in the long run, more are refused with 429; 0 is no limit."

    burst: int = 40
    "Requests that one client may send at once before --rate counts."

    watch: float = 2.0
    "Seconds between looks for a new model.onnx, which then takes over without a stop; 0 never looks."

    int8: bool = False
    "Answer with 8-bit arithmetic where that is measurably faster and no less right."

    metrics: Literal["local", "all", "off"] = "local"
    "Who may read /metrics: this machine, everybody who is let in, or nobody."

    log: LogFormat = "auto"
    "A line a request on stderr: words in a terminal, else JSON. Neither has photos or people in it."

    def __post_init__(self) -> None:
        if clean_prefix(self.root_path) is None:
            raise UserError(f"--root-path cannot be {self.root_path!r}.", hint="Give a path, as in /classifier.")
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            is_whole = ServeOptions.__dataclass_fields__[name].type in ("int", "int | None")
            if value is not None and not _is_in(value, least, most, is_whole):
                raise UserError(
                    f"{flag_of(name)} cannot be {value}.",
                    hint=f"Give a {'whole ' if is_whole else ''}number from {least:,} to {most:,}.",
                )

    @property
    def max_body(self) -> int:
        """The most bytes of one request."""
        return int(self.max_mb * MEBI)


def _is_in(value: Any, least: float, most: float, is_whole: bool) -> bool:
    """Whether a value is a number in a range; not a number is in none."""
    kind = Integral if is_whole else Real
    return not isinstance(value, bool) and isinstance(value, kind) and least <= float(value) <= most
