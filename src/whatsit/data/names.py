"""Names of classes that are nearly the same: by case, blanks, a plural, what cannot be seen or told apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from whatsit.data.letters import write_as_seen
from whatsit.errors import UserError

_SEPARATORS = re.compile(r"(?<=\w)[\s_-]+(?=\w)")
_WHOLE = re.compile(r"(-?)0*(\d+?)(?:\.0+)?")
_IRREGULAR = {"mice": "mouse", "men": "man", "women": "woman", "people": "person", "geese": "goose"}
_IRREGULAR |= {"feet": "foot", "teeth": "tooth", "children": "child", "oxen": "ox", "leaves": "leaf"}
_IRREGULAR |= {"wolves": "wolf", "knives": "knife", "loaves": "loaf", "buses": "bus", "viruses": "virus"}
# What systems and people call a copy, or what they set aside.
_COPIES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(.+?)[ _-]*\(\d+\)",
        r"(.+?)[ _-]+(?:copy|copie|kopie|copia)(?:[ _-]*\(?\d+\)?)?",
        r"(?:copy of|kopie von|copie de|copia de) (.+)",
        r"(.+?)[ _.-]+(?:old|bak|backup|orig|tmp)",
    )
)


def fold(label: str) -> str:
    """A class name without what nobody means by it: case, blanks or lines between words, invisible characters."""
    seen = "".join(
        letter for letter in unicodedata.normalize("NFKC", label) if unicodedata.category(letter) != "Cf"
    )
    folded = _SEPARATORS.sub(" ", seen.strip()).casefold()
    number = _WHOLE.fullmatch(folded)  # 1.0 is what spreadsheets and data frames make of 1, and 1 of 01
    return number[1] + number[2] if number else unicodedata.normalize("NFC", folded)


def fold_plural(label: str) -> str:
    """`fold`, and the last word in the singular, as far as English plurals go."""
    folded = fold(label)
    start, _, last = folded.rpartition(" ")
    return f"{start} {_singular(last)}".lstrip()


def fold_seen(label: str) -> str:
    """`fold_plural`, of what one sees: letters of other alphabets as the Latin ones that they look like."""
    return fold_plural(write_as_seen(label))


def match_names(strange: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The strange names that are nearly one of those known, and only of one, and which that is."""
    exact, loose, seen = (_by(key, known) for key in (fold, fold_plural, fold_seen))
    found: dict[str, str] = {}
    for name in strange:
        near = exact.get(fold(name)) or loose.get(fold_plural(name)) or seen.get(fold_seen(name)) or []
        if len(near) == 1 and near[0] != name:
            found[name] = near[0]
    return found


def refuse_near_twins(data: str, labels: Sequence[str], parts: Sequence[str]) -> None:
    """Raise a UserError where a class of one part is nearly called as one of another part, and in no part both."""
    where: dict[str, set[str]] = {}
    for label, part in set(zip(labels, parts, strict=True)):
        where.setdefault(label, set()).add(part)
    if len({part for one in where.values() for part in one}) < 2:
        return
    for name, twin in _twins(where):
        first, second = min(where[name]) or "the rest", min(where[twin]) or "the rest"
        raise UserError(
            f"{data!r} calls a class {name!r} in {first} and {twin!r} in {second}.",
            hint="Give the class one name in all parts.",
        )


def find_copy(names: Sequence[str]) -> tuple[str, str] | None:
    """A folder called as a copy of another, or as what was set aside, and that other: `dog (1)` and `dog`."""
    known = {fold(name): name for name in names}
    for name in names:
        for pattern in _COPIES:
            kept = pattern.fullmatch(unicodedata.normalize("NFC", name))
            if kept and (other := known.get(fold(kept[1]))) and other != name:
                return name, other
    return None


def _twins(where: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    by = _by(fold_plural, sorted(where))
    pairs = [(names[0], names[1]) for names in by.values() if len(names) == 2]
    return [(name, twin) for name, twin in pairs if not where[name] & where[twin]]


def _by(key: Callable[[str], str], names: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(key(name), []).append(name)
    return found


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, instead in (
        ("ies", "y"),
        ("uses", "us"),
        ("oes", "o"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
