"""The page of the Python reference: a place for every public name, which mkdocstrings fills from the docstrings."""

from __future__ import annotations

import inspect

import whatsit

INTRO = """# Python

Every command can be called from Python, with the names and options of the command line. Nothing is printed: what
happens is told to whoever [listens](#events). What goes wrong and can be put right is a
[`UserError`](../troubles.md).

```python
import whatsit

run = whatsit.train("digits")
model = whatsit.load(run.folder)
print(model.predict("photo.jpg"))
```
"""
ESTIMATORS = """## scikit-learn

Imported from `whatsit.sklearn`; [how they are used](../elsewhere.md#scikit-learn).

"""
LISTENING = """## Events

A program that starts a command follows it through a file: with `WHATSIT_EVENTS=FILE` every event is added to FILE as
a line of JSON, as in `{"event": "note", "text": "…"}`, the moment it happens. To stop the command, send it what
Ctrl-C sends; the same command goes on from there.

"""


def reference_page() -> str:
    """Functions first, then the records they take and give, then what may go wrong."""
    names = [name for name in whatsit.__all__ if not name.startswith("_")]
    public = {name: getattr(whatsit, name) for name in names}
    functions = [name for name, one in public.items() if inspect.isroutine(one)]
    errors = [name for name, one in public.items() if inspect.isclass(one) and issubclass(one, BaseException)]
    classes = [name for name, one in public.items() if inspect.isclass(one) and name not in errors]
    modules = [name for name, one in public.items() if inspect.ismodule(one) and name != "events"]
    parts = [INTRO]
    for title, group in (("Functions", functions), ("Records", classes), ("Errors", errors), ("Modules", modules)):
        if group:
            parts.append(f"## {title}\n")
            parts += [_place(name, public[name]) for name in group]
    parts += [ESTIMATORS, *(f"::: whatsit.sklearn.{name}\n" for name in ("PhotoClassifier", "PhotoFeatures"))]
    parts += [LISTENING, *(_place(f"events.{name}", getattr(_events(), name)) for name in _events_told())]
    return "\n".join(parts)


def _events() -> object:
    from whatsit import events

    return events


def _events_told() -> list[str]:
    """What a listener meets: the way to listen, and every kind of event."""
    from typing import get_args

    from whatsit import events

    return ["listening", "Listening", "stop", "Stopped", *(kind.__name__ for kind in get_args(events.Event))]


def _place(name: str, one: object) -> str:
    """Where mkdocstrings writes what it finds in the source, under the name that people use."""
    where = f"{one.__module__}.{one.__qualname__}" if hasattr(one, "__qualname__") else one.__name__
    return f"::: {where}\n    options:\n      heading: whatsit.{name}\n      toc_label: {name}\n"
