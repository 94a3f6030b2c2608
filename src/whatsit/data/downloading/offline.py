"""The wish that nothing be downloaded: WHATSIT_OFFLINE=1."""

from __future__ import annotations

import os

from whatsit.errors import UserError

NAME = "WHATSIT_OFFLINE"


def is_offline() -> bool:
    """Whether downloads are forbidden."""
    return os.environ.get(NAME, "") not in ("", "0")


def refuse_download(what: str, place: str, size: str) -> None:
    """Raise UserError where downloads are forbidden: what would be fetched, from where, and how large it is."""
    if is_offline():
        raise UserError(
            f"{what} is not on this machine, and {NAME} forbids to fetch it ({size} from {place}).",
            hint=f"Bring it from there by other means and name its place, or unset {NAME}.",
        )
