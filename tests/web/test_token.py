"""Tokens: made, chosen, and recognised in a request."""

from __future__ import annotations

import pytest

from whatsit.errors import UserError
from whatsit.web.token import SHORTEST, are_same, check_token, is_given, make_cookie, new_token

TOKEN = "correct-horse-battery"


def test_a_new_token_is_another_each_time_and_could_have_been_chosen() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(check_token(token) == token for token in made)


def test_a_token_that_can_be_guessed_is_refused() -> None:
    assert check_token("x" * SHORTEST) == "x" * SHORTEST
    with pytest.raises(UserError, match="15 characters can be guessed"):
        check_token("x" * (SHORTEST - 1))


@pytest.mark.parametrize("letter", ["ü", " ", "\n", ";", '"', ","])
def test_a_token_that_no_header_can_carry_is_refused(letter: str) -> None:
    with pytest.raises(UserError, match="characters that cannot be sent"):
        check_token("x" * SHORTEST + letter)


def test_a_cookie_is_kept_from_scripts_and_other_sites_and_sent_back_is_the_token() -> None:
    header = make_cookie(TOKEN, secure=False)
    assert header.endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert is_given(TOKEN, "", header.partition(";")[0])
    assert make_cookie(TOKEN, secure=True) == f"{header}; Secure"


def test_servers_on_several_ports_keep_their_cookies_apart() -> None:
    names = {make_cookie(token, secure=False).partition("=")[0] for token in (TOKEN, TOKEN + "x")}
    assert len(names) == 2
    both = "; ".join(make_cookie(token, secure=False).partition(";")[0] for token in (TOKEN, TOKEN + "x"))
    assert is_given(TOKEN, "", both)
    assert is_given(TOKEN + "x", "", both)


@pytest.mark.parametrize("cookies", ["", "=;;=", 'a="', "whatsit-0=" + "x" * 3000, "whatsit\x80=1"])
def test_nonsense_in_the_cookies_is_no_token(cookies: str) -> None:
    assert not is_given(TOKEN, "", cookies)


def test_tokens_are_the_same_only_where_every_letter_is() -> None:
    assert are_same(TOKEN, TOKEN)
    assert not are_same(TOKEN, TOKEN[:-1])
    assert not are_same(TOKEN, "")
    assert not are_same(TOKEN, "\udce9" * len(TOKEN))  # bytes that are no UTF-8, as a header brings them
