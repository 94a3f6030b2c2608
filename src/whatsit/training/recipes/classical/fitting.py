"""How simple models are fitted beside each other: without a word of scikit-learn's about what is meant so."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

_RACE = "sklearn.utils.parallel.delayed"


@contextlib.contextmanager
def fitting(threads: int = 1) -> Iterator[None]:
    """Around fits, each with so many threads for its arithmetic.

    A fit that stops at its last round is as good as any: its score says how good. And forests that are fitted in
    threads of ours at once meet each other's empty lists of warning filters, of which scikit-learn says that its
    settings cannot be handed on; there are none.
    """
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(threads):
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Not a filter: it is while the filters of all threads are gone that this one is given.
        earlier = warnings.showwarning

        def show(message: Warning | str, *where: object, **more: object) -> None:
            if _RACE not in str(message):
                earlier(message, *where, **more)  # type: ignore[arg-type]

        warnings.showwarning = show
        yield
