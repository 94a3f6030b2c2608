"""Which language a request is answered in."""

from __future__ import annotations

import pytest

from whatsit.languages.choosing import choose_language


@pytest.mark.parametrize(
    ("cookies", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de", "de"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "DE-ch", "de"),
        ("", "en-GB,en;q=0.9,de;q=0.8", "en"),
        ("", "fr-FR,fr;q=0.9,de;q=0.5,en;q=0.7", "en"),
        ("", "fr,de;q=0.5", "de"),
        ("", "fr, es", "en"),
        ("", "en;q=0.3, de;q=0.4", "de"),
        ("", "de;q=0, fr", "en"),
        ("", "*", "en"),
        ("", "de;q=high,,;;q=1, =", "en"),
        ("whatsit-language=de", "en", "de"),
        ("other=1; whatsit-language=en", "de", "en"),
        ("whatsit-language=fr", "de", "de"),
        ("whatsit-language=../en", "de", "de"),
        ("\0=;;whatsit-language", "de", "de"),
    ],
)
def test_the_choice_counts_first_and_then_what_the_browser_wants(
    cookies: str, accepted: str, language: str
) -> None:
    assert choose_language(cookies, accepted) == language
