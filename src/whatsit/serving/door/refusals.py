"""Everything the server says no with: one status, one sentence and one hint each, and nothing leaked.

Sentences are fixed: they hold nothing of the request, of the machine or of a library's own message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from whatsit.image import SEND_ONE


@dataclass(frozen=True)
class Refusal:
    """A kind of no. `code` names it in metrics and logs."""

    code: str
    status: int
    error: str
    hint: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, str]:
        """What the client reads: the one shape of every error."""
        return {"error": self.error, "hint": self.hint}


class Refused(Exception):
    """Raised anywhere below a route; becomes the refusal's response."""

    def __init__(self, refusal: Refusal, reason: str = "") -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.reason = reason  # for the log alone


def retry_after(refusal: Refusal, seconds: int) -> Refusal:
    """The refusal, with when to try again."""
    return replace(refusal, headers=(("retry-after", str(seconds)),))


def refuse_unreadable(sentence: str) -> Refusal:
    """The refusal of a photo that cannot be read; what its decoder said in brackets stays here."""
    return replace(UNREADABLE, error=sentence.split(" (")[0].rstrip(".") + ".")


NO_PHOTO = Refusal("no-photo", 400, "There is no photo in the request.", SEND_ONE)
BAD_FORM = Refusal("bad-form", 400, "The form cannot be read.", "Send multipart/form-data with a field 'photo'.")
BAD_JSON = Refusal("bad-json", 400, "The JSON cannot be read.", "See /api for what can be sent.")
BAD_BASE64 = Refusal(
    "bad-base64",
    400,
    "The photo in the request is not in base64.",
    "Send base64 as in RFC 4648, with 'data:image/jpeg;base64,' before it or without.",
)
BAD_QUERY = Refusal("bad-query", 400, "A parameter of the request makes no sense.", "See /api for what there is.")
BAD_TENSOR = Refusal(
    "bad-tensor",
    400,
    "The inputs or outputs are not those of this model.",
    "Send one input of datatype BYTES, a photo in base64 each, as JSON: see /v2/models/NAME.",
)
ONLY_SOFTMAX = Refusal(
    "only-softmax", 400, "The model gives softmax probabilities only.", "Leave function_to_apply out."
)
NEEDS_TOKEN = Refusal(
    "needs-token",
    401,
    "This needs the server's token.",
    "Send it as 'Authorization: Bearer TOKEN', or open /enter in a browser.",
    (("www-authenticate", "Bearer"),),
)
WRONG_TOKEN = Refusal(
    "wrong-token",
    401,
    "This is not the server's token.",
    "Look it up anew: a server that makes its own token makes another at each start.",
    (("www-authenticate", "Bearer"),),
)
CROSS_SITE = Refusal(
    "cross-site", 403, "A page of another site may not do this.", "Its owner can allow it: --allow-origin."
)
NO_ADDRESSES = Refusal(
    "no-addresses", 403, "This server fetches no photos from addresses.", "Send the photo itself."
)
NO_CORRECTIONS = Refusal(
    "no-corrections", 403, "This server keeps no corrections.", "Its owner can start it with --corrections."
)
NOT_FOUND = Refusal("not-found", 404, "There is nothing here.", "See /api for what there is.")
NO_MODEL = Refusal("no-model", 404, "There is no model of that name.", "See /api/models for the names.")
NO_CLASS = Refusal("no-class", 422, "The model has no class of that name.", "See /api/models for the names.")
NO_METHOD = Refusal("no-method", 405, "This cannot be done here.", "See /api for what there is.")
SLOW_BODY = Refusal("slow-body", 408, "The photo arrived too slowly.", "Try again on a better connection.")
BODY_TOO_LARGE = Refusal("too-large", 413, "The photo is too large.", "Send a smaller file, or scale it down.")
TOO_MUCH_MEMORY = Refusal(
    "too-much-memory",
    413,
    "The photo takes more memory than this server has for photos.",
    "Scale it down, or save it without transparency.",
)
TOO_MANY = Refusal("too-many", 413, "These are too many photos for one request.", "Send fewer at a time.")
WRONG_TYPE = Refusal(
    "wrong-type", 415, "This kind of content cannot be read.", "Send a photo, or a form with photos."
)
WRONG_HOST = Refusal(
    "wrong-host",
    421,
    "This server does not go by that name.",
    "Use localhost, or start it with --behind-proxy or --name.",
)
UNREADABLE = Refusal("unreadable", 422, "This photo cannot be read.", SEND_ONE)
UNUSABLE = Refusal(
    "address-unusable", 422, "This address gives no photo that can be used.", "Send the photo itself."
)
TOO_OFTEN = Refusal("too-often", 429, "These are too many requests at a time.", "Wait a little.")
TOO_MANY_CORRECTIONS = Refusal(
    "too-many-corrections", 429, "These are too many corrections for a day.", "Come back tomorrow."
)
TOO_MANY_GUESSES = Refusal("too-many-guesses", 429, "These were too many wrong tokens.", "Wait a little.")
BUG = Refusal("bug", 500, "Something went wrong on the server.", "Tell its owner the X-Request-Id of this answer.")
BUSY = retry_after(Refusal("busy", 503, "Too many photos are waiting.", "Try again in a second."), 1)
NO_MEMORY = retry_after(
    Refusal("no-memory", 503, "Too many large photos are waiting.", "Try again in a second."), 1
)
NOT_READY = retry_after(Refusal("not-ready", 503, "A model has not answered lately.", "Try again in a second."), 1)
LATE = retry_after(Refusal("late", 503, "The photo could not be looked at in time.", "Try again in a second."), 1)
FULL = Refusal("full", 507, "There is no more room for corrections.", "Tell the server's owner.")
