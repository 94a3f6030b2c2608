"""What is said of a command line that cannot be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts import CycloptsError


def explain_usage(error: CycloptsError) -> Any:
    """The error in its frame; of words too many with what most often led to them: a name with blanks."""
    from cyclopts.exceptions import UnusedCliTokensError
    from cyclopts.panel import CycloptsPanel

    if not isinstance(error, UnusedCliTokensError) or not error.unused_tokens:
        return CycloptsPanel(error)
    over = ", ".join(map(repr, error.unused_tokens))
    return CycloptsPanel(f"Nothing takes {over} here. Is it part of a name with blanks? Put that in quotes.")
