"""How long a client is waited for."""

from __future__ import annotations

from whatsit.serving.door.patience import Patience


def test_the_longer_a_body_comes_the_longer_it_may_take() -> None:
    patience = Patience(body_s=10, body_bytes_per_s=1000, body_most_s=60)
    assert [patience.body_within_s(bytes_come) for bytes_come in (0, 5000, 10**6)] == [10, 15, 60]
