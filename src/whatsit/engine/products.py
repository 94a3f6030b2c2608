"""How many threads multiply matrices: the libraries that do it take one a core, and small ones they wait for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 5e9  # multiplications in one product from which threads pay: a tenth of a second by one of them


@contextmanager
def few_threads(multiplications: float = 0.0) -> Iterator[None]:
    """Have one thread multiply matrices in the block, unless a product takes enough that several pay.

    Several wait for each other by spinning: on two cores the head of 2,000 photos and five classes takes a tenth
    of the processor's time by one, and where others work beside it a tenth of all time too (0.5 s for 4.6 s).
    Blocks that run at once may leave it at one thread.
    """
    import sklearn  # noqa: F401  it brings the three that multiply here; one that is loaded later knows of no limit
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1 if multiplications < LARGE else None):
        yield
