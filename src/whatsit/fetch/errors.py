"""What can go wrong when an address is asked for."""

from __future__ import annotations

from typing import Any

# kind → what it means; whether trying again later may help
KINDS = {
    "address": ("the text is not an address of the web", False),
    "private": ("the address leads into a private network", False),
    "dns": ("the name has no address", False),
    "dns-later": ("the name servers did not answer", True),
    "connect": ("nobody answers there", True),
    "tls": ("the connection is not safe", False),
    "timeout": ("too slow", True),
    "broken": ("the answer broke off or is malformed", True),
    "redirect": ("the redirects lead nowhere", False),
    "status": ("the host answered with an error", False),
    "status-later": ("the host is busy or asks to wait", True),
    "too-big": ("more bytes than allowed", False),
    "encoded": ("compressed though it must not be", False),
    "not-photo": ("the bytes are no photo", False),
    "robots": ("the host's robots.txt asks not to", False),
    "robots-later": ("the host's robots.txt cannot be read at present", True),
    "opt-out": ("the host reserves its photos from training", False),
    "parked": ("the host is left alone for the rest of this run", True),
}


class FetchError(Exception):
    """An address that gave nothing: its kind (a key of KINDS) and a clause for the person who asked.

    status:        the HTTP status, where there was an answer
    retry_after_s: the seconds that the host asks to be left alone
    """

    def __init__(self, kind: str, reason: str = "", status: int = 0, retry_after_s: float | None = None) -> None:
        meaning, self.is_passing = KINDS[kind]
        self.kind = kind
        self.reason = reason or meaning
        self.status = status
        self.retry_after_s = retry_after_s
        super().__init__(self.reason)

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: by what it was made of."""
        return FetchError, (self.kind, self.reason, self.status, self.retry_after_s)
