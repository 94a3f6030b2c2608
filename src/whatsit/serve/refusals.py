"""Everything the server says no with: one status, one sentence and one hint each, and nothing leaked.

Sentences are fixed: they hold nothing of the request, of the machine or of a library's own message.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """A kind of no. `code` names it in metrics and logs."""

    code: str
    status: int
    error: str
    hint: str = ""
    retry_after_s: int | None = None

    def body(self) -> dict[str, str]:
        """What the client reads: the one shape of every error."""
        return {"error": self.error, "hint": self.hint}


class Refused(Exception):
    """Raised anywhere below a route; becomes the refusal's response."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


BUSY = Refusal("busy", 503, "Too many photos are waiting.", "Try again in a second.", retry_after_s=1)
LATE = Refusal("late", 503, "The photo could not be looked at in time.", "Try again in a second.", 1)
STOPPING = Refusal("stopping", 503, "The server is stopping.", "Try again in a few seconds.", 2)
BODY_TOO_LARGE = Refusal("too-large", 413, "The photo is too large.", "Send a smaller file, or scale it down.")
TOO_MANY = Refusal("too-many", 413, "These are too many photos for one request.", "Send fewer at a time.")
SLOW_BODY = Refusal("slow-body", 408, "The photo arrived too slowly.", "Try again on a better connection.")
NO_PHOTO = Refusal("no-photo", 400, "There is no photo in the request.", "Send the bytes of a JPEG, PNG or WebP.")
BAD_FORM = Refusal("bad-form", 400, "The form cannot be read.", "Send multipart/form-data with a field 'photo'.")
BAD_QUERY = Refusal("bad-query", 400, "A parameter of the address makes no sense.", "See /api for what there is.")
WRONG_TYPE = Refusal(
    "wrong-type", 415, "This kind of content cannot be read.", "Send a photo, or a form with photos."
)
NO_MODEL = Refusal("no-model", 404, "There is no model of that name.", "See /api/models for the names.")
NOT_FOUND = Refusal("not-found", 404, "There is nothing here.", "See /api for what there is.")
NO_METHOD = Refusal("no-method", 405, "This cannot be done here.", "See /api for what there is.")
BUG = Refusal("bug", 500, "Something went wrong on the server.", "Tell its owner the X-Request-Id of this answer.")


def unreadable(sentence: str) -> Refusal:
    """The refusal of a photo that cannot be read; what its decoder said in brackets stays here."""
    return Refusal("unreadable", 422, sentence.split(" (")[0].rstrip(".") + ".", "Send a JPEG, PNG or WebP photo.")
