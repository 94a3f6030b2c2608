"""How ranks find one another: those of this start, and none of an earlier one.

`torchrun` keeps one store through all its restarts, and what ranks that are gone have said stays in it. So each
rank says hello with a word made anew; rank 0 names a round for the hellos it sees, and another as soon as one of
them changes, until every rank has found its own word in it.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

from whatsit.errors import UserError
from whatsit.records import decode_json
from whatsit.training.ranks import who

_LOOK_S = 0.1  # at most between two looks into the store


def find_round(store: Any, limit_s: float) -> str:
    """The name of a round that all ranks are in. Raises UserError where they do not come in time.

    store: torch's, that all ranks see
    """
    own = secrets.token_hex(8)
    store.set(f"hello/{who.rank()}", own)
    found = _name_round(store, limit_s) if who.leads() else _enter_round(store, own, limit_s)
    if found is None:
        raise UserError(
            f"The {who.world()} ranks did not find one another within {limit_s:g} seconds.",
            hint="Each has to be started, and their machines have to reach each other.",
        )
    return found


def _name_round(store: Any, limit_s: float) -> str | None:
    hellos, name = [""], ""
    keys = [f"hello/{rank}" for rank in range(who.world())]
    for _ in look_again(limit_s):
        if not store.check(keys):
            continue
        seen = [store.get(key).decode() for key in keys]
        if seen != hellos:
            hellos, name = seen, secrets.token_hex(8)
            store.set("round", json.dumps({"name": name, "hellos": hellos}))
        if store.check([f"{name}/met/{rank}" for rank in range(1, who.world())]):
            store.set(f"{name}/begun", "")
            return name
    return None


def _enter_round(store: Any, own: str, limit_s: float) -> str | None:
    for _ in look_again(limit_s):
        named = decode_json(store.get("round")) if store.check(["round"]) else None
        if named is not None and own in named["hellos"]:
            name: str = named["name"]
            store.set(f"{name}/met/{who.rank()}", "")
            if store.check([f"{name}/begun"]):
                return name
    return None


def look_again(limit_s: float) -> Iterator[None]:
    """Turns of a loop that looks for something, soon at first and then less often, at least one."""
    began, pause = time.monotonic(), 0.001
    while True:
        yield
        if time.monotonic() - began >= limit_s:
            return
        time.sleep(pause)
        pause = min(2 * pause, _LOOK_S)
