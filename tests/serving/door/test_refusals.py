"""Everything the server says no with."""

from __future__ import annotations

from whatsit.serving.door.refusals import BUSY, NEEDS_TOKEN, UNREADABLE, Refused, refuse_unreadable, retry_after


def test_a_refusal_of_a_photo_keeps_what_its_decoder_said_to_itself() -> None:
    refusal = refuse_unreadable("This photo cannot be read: damaged (libjpeg at /usr/lib 0x7f).")
    assert refusal.error == "This photo cannot be read: damaged."
    assert (refusal.code, refusal.status, refusal.hint) == (UNREADABLE.code, 422, UNREADABLE.hint)
    assert refuse_unreadable("No face.").error == "No face."


def test_a_client_is_told_when_to_try_again() -> None:
    assert dict(BUSY.headers) == {"retry-after": "1"}
    later = retry_after(BUSY, 7)
    assert (dict(later.headers), later.code) == ({"retry-after": "7"}, "busy")
    assert dict(NEEDS_TOKEN.headers) == {"www-authenticate": "Bearer"}


def test_what_is_sent_is_a_sentence_and_a_hint_and_what_is_raised_has_its_reason() -> None:
    assert BUSY.body() == {"error": "Too many photos are waiting.", "hint": "Try again in a second."}
    refused = Refused(BUSY, reason="the disk")
    assert (str(refused), refused.refusal, refused.reason) == ("busy", BUSY, "the disk")
