"""Numbers and foreign text as people read them."""

from __future__ import annotations

import re
import reprlib
import shlex
import unicodedata
from dataclasses import fields, is_dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from typing import Any

_TURNS_TEXT = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def show_controls(text: str) -> str:
    """Text in which characters that steer a terminal are shown and not obeyed: `\\x1b[2J` for ESC [2J.

    They are control characters but for line ends and tabs, and those that turn the direction of text.
    """
    return "".join(char.encode("unicode_escape").decode("ascii") if _steers(char) else char for char in text)


def _steers(char: str) -> bool:
    return char not in "\n\t" and (char in _TURNS_TEXT or unicodedata.category(char) in {"Cc", "Zl", "Zp"})


def isolate(name: str) -> str:
    """A name within a sentence, so that one written from right to left does not turn what stands around it."""
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


# The blocks that Unicode keeps for what is written from right to left. names.js has the same.
_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff"
_RUN = re.compile(f"\u2068[^\u2069]*\u2069|[{_RIGHT}](?:[{_RIGHT}0-9A-Za-z_ '’.-]*[{_RIGHT}])?")


def set_apart(text: str) -> str:
    """A sentence of ours for a page, in which each name that is written from right to left is isolated; what is
    already stays as it is. For sentences that a terminal shows too: it obeys no such mark."""
    return _RUN.sub(lambda run: run[0] if run[0][0] == "\u2068" else isolate(run[0]), text)


def photos(number: int) -> str:
    """A number of photos: `no photos`, `1 photo`, `2,000 photos`."""
    return count(number, "photo") if number else "no photos"


def count(number: int, noun: str) -> str:
    """`count(1, "file")` → `1 file`, `count(2000, "class")` → `2,000 classes`."""
    return f"{number:,} {noun if number == 1 else _plural(noun)}"


def be(number: int) -> str:
    """The verb of so many: `is` or `are`."""
    return "is" if number == 1 else "are"


def _plural(noun: str) -> str:
    if noun.endswith("s"):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"  # of our nouns in y none is a `day`


def percent(share: float, digits: int = 1) -> str:
    """`0.98765` → `98.8 %`; only what is all is called all: `0.9999` → `99.9 %`."""
    shown = 100 * share if share >= 1 else min(100 * share, 100 - 10.0**-digits)
    return f"{_round_up(shown, digits)} %"


def probability(share: float) -> str:
    """How likely an answer is: `0.934` → `93 %`; what is nearly certain or nearly ruled out keeps a digit more,
    `0.996` → `99.6 %`, `0.0042` → `0.4 %`, and nothing is called certain or ruled out: `> 99.9 %`, `< 0.1 %`.

    No model is certain: its 1.0 is a probability that lies nearer to 1 than to any other number of 32 bits.
    Every probability of an answer is said so, wherever one stands: two that are the same look the same.
    """
    value = 100 * share
    if value < 0.05:
        return "< 0.1 %"
    if value >= 99.95:
        return "> 99.9 %"
    return f"{_round_up(value, 1 if value < 0.95 or value > 99 else 0)} %"  # 0.96 is 1 %, as 1.04 is


def _round_up(value: float, digits: int) -> Decimal:
    """Rounded as browsers do: what lies in the middle goes up."""
    return Decimal(float(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def whole_percent(share: float) -> int:
    """A share in whole per cent; only what is all is 100: `0.996` → `99`."""
    return 100 if share >= 1 else min(99, round(100 * share))


_PERCENT = re.compile(r"(?<=\d) %(?!})")  # not the end of a template's `{% if x > 3 %}`


def keep_together(text: str) -> str:
    """Text in which no line ends between a number and its per cent sign."""
    return _PERCENT.sub("\N{NARROW NO-BREAK SPACE}%", text)


def part_lines(text: str) -> str:
    """Text with the ordinary spaces that `keep_together` replaced."""
    return text.replace("\N{NARROW NO-BREAK SPACE}%", " %")


def typed(*words: object) -> str:
    """Words as one types them on a command line: `typed("whatsit", "review", "My photos")` quotes the last."""
    return shlex.join(map(str, words))


def between(low: int, high: int) -> str:
    """`between(3, 7)` → `3 to 7`, `between(5, 5)` → `5`."""
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def seconds(count: float) -> str:
    """`75` → `1 min 15 s`, `0.25` → `0.2 s`."""
    if count < 10:
        return f"{count:.1f} s"
    if count < 60:
        return f"{count:.0f} s"
    minutes, rest = divmod(round(count), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def human_bytes(count: float) -> str:
    """`1536` → `1.5 kB`: decimal units, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def brief(record: Any) -> str:
    """The `repr` of a record in a few lines, whatever it holds: records within it by name, what is long cut.

    A record with a method `in_brief` says itself what matters of it, be it shown alone or within another.
    """
    if hasattr(record, "in_brief"):
        return f"{type(record).__name__}({record.in_brief()})"
    inside = (f"{one.name}={_cut(getattr(record, one.name))}" for one in fields(record) if one.repr)
    return f"{type(record).__name__}({', '.join(inside)})"


def _cut(value: Any) -> str:
    if is_dataclass(value):
        return brief(value) if hasattr(value, "in_brief") else f"{type(value).__name__}(…)"
    if hasattr(value, "dtype"):
        return f"<{' × '.join(map(str, value.shape))} {value.dtype}>"
    if isinstance(value, (tuple, list, dict, set, frozenset)) and any(is_dataclass(one) for one in _items(value)):
        return f"<{len(value):,} of {type(next(iter(_items(value)))).__name__}>"
    if isinstance(value, dict):  # in its own order, which may say something
        shown = [f"{_cut(name)}: {_cut(one)}" for name, one in islice(value.items(), _SHORT.maxdict)]
        return "{" + ", ".join([*shown, *(["..."] if len(value) > len(shown) else [])]) + "}"
    return _SHORT.repr(value)


def _items(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80
_SHORT.maxlevel = 3
