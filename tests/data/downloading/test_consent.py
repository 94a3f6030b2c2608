"""Somebody agrees to a download before its first byte, or it is refused in words."""

from __future__ import annotations

import pytest

from whatsit.data.downloading.consent import Declined, Download, asking, check_consent
from whatsit.errors import UserError

NET = Download("some/net", "https://huggingface.co/some/net", 14_200_000, "mit", "Without it: lite0.")


def test_a_program_that_names_it_has_asked_for_it() -> None:
    check_consent(NET)


def test_who_can_be_asked_is_told_what_it_is_from_where_how_large_and_how_to_do_without() -> None:
    asked: list[Download] = []

    def agree(download: Download) -> bool:
        asked.append(download)
        return True

    with asking(agree):
        check_consent(NET)
    (one,) = asked
    assert one.sentence() == (
        "some/net is not on this machine: it is 14.2 MB, from https://huggingface.co/some/net (licence: mit). "
        "Without it: lite0."
    )
    check_consent(NET)
    assert len(asked) == 1  # nobody is asked behind the block


def test_without_a_yes_it_is_refused_with_the_way_to_say_yes() -> None:
    asked: list[Download] = []
    with asking(lambda download: bool(asked.append(download))):
        for _ in range(2):
            with pytest.raises(Declined, match=r"14\.2 MB from https") as caught:
                check_consent(NET)
            assert caught.value.hint == "Give --yes to fetch it. Without it: lite0."
    assert asked == [NET]  # a no is an answer, too


def test_where_downloads_are_forbidden_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_OFFLINE", "1")
    with asking(lambda _download: pytest.fail("asked")), pytest.raises(UserError, match="forbids to fetch it"):
        check_consent(NET)
