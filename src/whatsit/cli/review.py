"""`whatsit review`: look at photos and decide."""

from __future__ import annotations


def review(data: str, /, *, corrections: bool = False, port: int = 0) -> None:
    """Open a page to look through photos and what was found in them, and decide.

    The page is for this machine only. Every decision is on disk at once, and can be undone.

    Example: `whatsit review photos`

    Parameters
    ----------
    data
        A folder with one folder of photos a class, or another data set on disk.
    corrections
        DATA is a run: decide which of the corrections that people proposed to its answers are learnt from (Keep,
        or another class); what nobody has looked at is not.
    port
        The port to listen on; 0 takes a free one.
    """
    from whatsit import verbs
    from whatsit.cli.console import note

    verbs.review(
        data,
        corrections=corrections,
        port=port,
        started=lambda address: note(f"Open {address}\nStop with Ctrl-C."),
    )
