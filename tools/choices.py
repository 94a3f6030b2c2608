"""Write src/whatsit/choices.py: the options of verbs as keywords that editors complete and type checkers know.

`python tools/choices.py` writes it; `python tools/choices.py --check` fails where it is not up to date.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import types
import typing
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "src/whatsit/choices.py"
HEAD = '''"""The options of verbs as keywords, for editors and type checkers; made by tools/choices.py."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict
'''


def main(check: bool) -> int:
    """Write the file, or compare it; 1 where it differs."""
    content = HEAD + "".join(_typed_dict(place) for place in sorted(_places()))
    if FILE.exists() and FILE.read_text(encoding="utf-8") == content:
        return 0
    if check:
        print(f"{FILE.name} is not what tools/choices.py makes of the options")
        return 1
    FILE.write_text(content, encoding="utf-8")
    return 0


def _places() -> set[str]:
    """The classes of options that verbs take, as "module:Class"."""
    from whatsit import verbs

    functions = (one for _, one in inspect.getmembers(verbs, inspect.isfunction))
    return {one.choices_of for one in functions if hasattr(one, "choices_of")}


def _typed_dict(place: str) -> str:
    from whatsit.options import options_of

    module, _, name = place.partition(":")
    kind = getattr(importlib.import_module(module), name)
    rows = "".join(f"    {option.name}: {_text(option.kind)}\n" for option in options_of(kind))
    title = f"Keywords for the fields of {module}.{name}."
    return f'\n\nclass {name.removesuffix("Options")}Choices(TypedDict, total=False):\n    """{title}"""\n\n{rows}'


def _text(hint: Any) -> str:
    """A type as it is written."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is type(None):
        return "None"
    if origin is typing.Literal:
        values = ", ".join(f'"{value}"' if isinstance(value, str) else repr(value) for value in inner)
        return f"Literal[{values}]"
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(_text, inner))
    if origin is not None:
        return f"{origin.__name__}[{', '.join('...' if one is Ellipsis else _text(one) for one in inner)}]"
    return str(hint.__name__)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
