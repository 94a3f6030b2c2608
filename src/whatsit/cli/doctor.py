"""`whatsit doctor`: what this machine can do."""

from __future__ import annotations

import json as json_text
from contextlib import nullcontext

from whatsit.cli.terminal import console, stopping


@stopping.leaves(stopping.NOTHING)
def doctor(*, json: bool = False, prune: str | None = None) -> None:
    """Say what this machine can do: cores, instruction sets, GPU, precision, extras, and where caches lie.

    Example: `whatsit doctor`

    Parameters
    ----------
    json
        Print the findings as JSON.
    prune
        First make room: remove what is kept of photos (pixels, looks, features, faces), what was not used for
        longest first, until at most this much of it is left, as in 5GB. What is being written stays.
    """
    from whatsit import events, verbs
    from whatsit.examining import CACHES, DECIDED, rows_of
    from whatsit.words import count, human_bytes

    with nullcontext() if prune is None else stopping.leaves(stopping.GOES_ON):
        found = verbs.doctor(prune=prune)
    if prune is not None:
        freed = human_bytes(sum(store.bytes for store in found.removed))
        what = count(len(found.removed), "store")
        if found.removed and not json:
            console.table(("Removed", "Of", "Size", "Last used"), rows_of(found.removed))
        events.note(f"Removed {what}, {freed}." if found.removed else "Nothing had to be removed.")
    if json:
        console.show(json_text.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        return
    rows = [
        ("whatsit", f"{found.whatsit} on Python {found.python}, {found.system}"),
        (
            "cores",
            f"{found.cores}{f', {human_bytes(found.memory_bytes)} of memory' if found.memory_bytes else ''}",
        ),
        ("instruction sets", ", ".join(found.instruction_sets) or "unknown"),
        ("training on", f"{found.device}, in {found.precision}"),
        ("libraries", ", ".join(f"{name} {text}" for name, text in found.libraries.items())),
    ]
    console.table(("This machine", ""), rows)
    extras = [
        (name, "yes" if there else f"no: pip install 'whatsit[{name}]'", brings)
        for name, (there, brings) in found.extras.items()
    ]
    console.table(("Extra", "Installed", "What it brings"), extras)
    if found.plugins:
        added = [(one.kind, one.name, one.package, one.problem or "yes") for one in found.plugins]
        console.table(("Plug-in", "Name", "Of", "Used"), added)
    caches = [(name, human_bytes(size), CACHES.get(name, "")) for name, size in found.caches.items()]
    console.table(("Cache", "Size", "What lies in it"), caches or [("nothing yet", "", "")])
    if found.stores:
        console.table(("Kept", "Of", "Size", "Last used"), rows_of(found.stores))
    but = f", but for {DECIDED}, which has decisions of yours" if DECIDED in found.caches else ""
    console.show(f"Caches lie in {found.cache}; deleting them loses only time{but}.")
    console.show(
        f"What is kept of photos (pixels, looks, features, faces) takes at most {human_bytes(found.most_kept)}: "
        "what was not used for longest goes by itself. WHATSIT_CACHE_MOST=50GB names another size."
    )
