"""The names of classes beside YOLO's labels: those in `data.yaml`, or in `classes.txt`, a line each.

Of YAML only the ways are read in which programs write names: a list, and numbers with a name each.
"""

from __future__ import annotations

import re
from pathlib import Path

from whatsit.data.listing.lines import decode_list, split_lines
from whatsit.data.readers.annotations.presence import Annotations, files_in, read_small
from whatsit.errors import UserError
from whatsit.records import decode_json

YAML = (".yaml", ".yml")
LINES = "classes.txt"
MOST_BYTES = 4 << 20
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\""""
_FIRST = r"""(?:[^\s\[\]{}&*!|>%@`"'#,?:-]|-(?=\S))"""  # of a plain text: no sign that means something in YAML
_REST = r"(?!\s\#|:\s|:$)"  # where a comment or a key begins, a plain text has ended
_LINE = rf"({_QUOTED}|{_FIRST}(?:{_REST}.)*?)\s*(?:\s\#.*)?"
_PIECE = rf"\s*({_QUOTED}|{_FIRST}(?:{_REST}[^,\[\]{{}}])*)\s*(?:,|$)"
_NUMBER = r"\s*(\d{1,6})\s*:\s+"
_KEY = re.compile(r"names\s*:(.*)")
_ITEM = re.compile(rf"\s*-\s+{_LINE}")
_NUMBERED = re.compile(rf"{_NUMBER}{_LINE}")
_IN_LIST = re.compile(_PIECE)
_IN_MAP = re.compile(_NUMBER + _PIECE)
_COMMENT = re.compile(r"(^|\s)#.*")


def read_names(path: Path, found: Annotations) -> list[str]:
    """The classes by their numbers, from a file in `path`, which is added to those of `found`.

    Raises UserError where there is none, or it is written in another way.
    """
    files = files_in(path)
    for name in sorted(files, key=lambda one: one != "data.yaml"):
        if Path(name).suffix.casefold() in YAML:
            lines = _lines(path / name)
            start = next((number for number, line in enumerate(lines) if _KEY.match(line)), None)
            if start is not None:
                found.files.add(name)
                return _check(path / name, _parse(lines[start:]))
    if LINES in files:
        found.files.add(LINES)
        return _check(path / LINES, [line.strip() for line in _lines(path / LINES) if line.strip()])
    raise UserError(
        f"{str(path)!r} has labels as YOLO writes them, and no data.yaml that names the classes.",
        hint=f"Put data.yaml there, with a line like names: [cat, dog], or {LINES} with a name a line.",
    )


def _lines(file: Path) -> list[str]:
    content = read_small(file, MOST_BYTES)
    text = None if isinstance(content, str) else decode_list(content)
    if text is None:
        why = content if isinstance(content, str) else "it is no text"
        raise UserError(f"{str(file)!r} cannot be read: {why}.", hint="Export the data set again.")
    return split_lines(text.removeprefix("\ufeff"))


def _check(file: Path, names: list[str] | None) -> list[str]:
    if not names or not all(name.strip() for name in names):
        raise UserError(
            f"The names in {str(file)!r} are not written as a list, or as numbers with a name each.",
            hint="As in names: [cat, dog]. Or export the data set as COCO.",
        )
    return names


def _parse(lines: list[str]) -> list[str] | None:
    """The names that stand behind `names:`, in its line or below it; None where they are written otherwise."""
    head = _KEY.match(lines[0])
    assert head is not None
    first = _COMMENT.sub("", head[1]).strip()
    if first.startswith(("[", "{")):
        return _parse_brackets(first, lines[1:])
    return None if first else _parse_below(lines[1:])


def _parse_below(lines: list[str]) -> list[str] | None:
    items: list[str | None] = []
    numbered: dict[int, str | None] = {}
    for line in lines:
        if not _COMMENT.sub("", line).strip():
            continue
        if item := _ITEM.fullmatch(line):
            items.append(_unquote(item[1]))
        elif (pair := _NUMBERED.fullmatch(line)) and line[0].isspace():
            numbered[int(pair[1])] = _unquote(pair[2])
        elif line[0].isspace() or line[0] == "-":
            return None
        else:
            break
    if items:
        return None if numbered else _whole(items)
    return _in_order(numbered)


def _parse_brackets(first: str, further: list[str]) -> list[str] | None:
    """Names between brackets, perhaps over several lines."""
    opening, pieces = first[0], [first]
    closing = "]" if opening == "[" else "}"
    for line in further:
        if pieces[-1].endswith(closing):
            break
        pieces.append(_COMMENT.sub("", line).strip())
    if not pieces[-1].endswith(closing):
        return None
    inner, place = " ".join(pieces)[1:-1].strip(), 0
    items: list[str | None] = []
    numbered: dict[int, str | None] = {}
    while place < len(inner):
        found = (_IN_LIST if opening == "[" else _IN_MAP).match(inner, place)
        if found is None:
            return None
        if opening == "[":
            items.append(_unquote(found[1].strip()))
        else:
            numbered[int(found[1])] = _unquote(found[2].strip())
        place = found.end()
    return _whole(items) if opening == "[" else _in_order(numbered)


def _in_order(numbered: dict[int, str | None]) -> list[str] | None:
    if sorted(numbered) != list(range(len(numbered))):
        return None
    return _whole([numbered[number] for number in range(len(numbered))])


def _whole(names: list[str | None]) -> list[str] | None:
    return None if None in names else [name for name in names if name is not None]


def _unquote(text: str) -> str | None:
    """What a text of YAML stands for; None where it is quoted in a way that JSON has not."""
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if not text.startswith('"'):
        return text
    try:
        return str(decode_json(text))
    except ValueError:
        return None
