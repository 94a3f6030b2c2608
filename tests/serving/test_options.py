"""How a model is served unless something else is said: for one person on this machine."""

from __future__ import annotations

from whatsit.serving.options import ServeOptions


def test_nobody_else_is_let_in_unless_it_is_said() -> None:
    options = ServeOptions()
    assert (options.host, options.public, options.behind_proxy) == ("127.0.0.1", False, False)
    assert (options.allow_origin, options.addresses, options.corrections) == ((), False, False)
    assert options.metrics == "local"


def test_the_largest_request_is_given_in_mebibytes() -> None:
    assert ServeOptions().max_body == 10 * 1024 * 1024
    assert ServeOptions(max_mb=0.5).max_body == 512 * 1024
