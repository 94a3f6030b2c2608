"""Recordings: what a call gave, without what differs between machines and days, and their comparison."""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "recorded"
LONGEST = 8_500  # characters of a file that are recorded as they are; of longer ones the check sum
VARYING = [  # (what, how it is recorded), in this order
    (r"\x1b\[[0-9;?]*[A-Za-z]", ""),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?", "<moment>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?", "<moment>"),
    (r"\b20\d\d-\d\d-\d\d\b", "<day>"),
    (
        r"\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d",
        "<day>",
    ),
    (r"(?<![\w.])[0-9a-f]{12,}\b", "<hex>"),
    (
        r'"integrity": "sha256-[A-Za-z0-9+/]{43}="',
        '"integrity": "<digest>"',
    ),  # of a model: machines round otherwise
    (r"(token=|Bearer )[\w-]{16,}", r"\1<token>"),
    (r"(127\.0\.0\.1|localhost):\d{2,5}", r"\1:<port>"),
    (r"\bwhatsit([ /-])\d+\.\d+\.\d+(\.\w+)?", r"whatsit\1<version>"),
    (r"[\d,.]+ photos/s", "<pace>"),
    (r"about [\d.,]+ (ms|s|min|h)\b", "about <time>"),
    (r"\b[\d.,]+ (ms|s|min) left", "<time> left"),
    (r"(?<![\w.])[\d.,]+ (kB|MB|GB|KB|bytes)\b", "<size>"),
    (r"in (bf16|fp32)( \([^)]*\))?", "in <precision>"),
    (r'"whatsit": "[^"]+"', '"whatsit": "<version>"'),
]


@dataclass(frozen=True)
class Plain:
    """Texts without what varies: `places` are folders of this machine and what they are called in a recording."""

    places: tuple[tuple[str, str], ...]

    def __call__(self, text: str) -> str:
        for place, name in self.places:
            text = text.replace(place, name)
        for what, instead in VARYING:
            text = re.sub(what, instead, text)
        return text

    def json(self, content: Any, masked: Iterable[str] = ()) -> str:
        """JSON with a value a line; values of keys in `masked` are recorded by their kind alone."""
        return self(json.dumps(_masked(content, frozenset(masked)), indent=1, ensure_ascii=False)) + "\n"

    def files(self, folder: Path, texts: Iterable[str] = (), masked: Iterable[str] = ()) -> str:
        """The names of all files below a folder, and what is in those whose name matches one of `texts`."""
        found = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".lock"))
        names = [self(file.relative_to(folder).as_posix()) for file in found]
        parts = [f"--- files of {folder.name}\n" + "".join(f"{name}\n" for name in sorted(names))]
        for file in found:
            if any(file.match(text) for text in texts):
                name = self(file.relative_to(folder).as_posix())
                parts.append(f"--- file {name}\n{self._content(file, masked)}")
        return "".join(parts)

    def _content(self, file: Path, masked: Iterable[str]) -> str:
        text = file.read_text()
        if file.suffix == ".json":
            return self.json(json.loads(text), masked)
        plain = self(text)
        if len(plain) > LONGEST:
            return f"{len(plain.splitlines())} lines, sha256 {_short(plain)}\n"
        return plain if plain.endswith("\n") else plain + "\n"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _masked(content: Any, keys: frozenset[str]) -> Any:
    if isinstance(content, dict):
        return {
            key: f"<{type(value).__name__}>" if key in keys else _masked(value, keys)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_masked(value, keys) for value in content]
    return content


def shape(content: Any) -> Any:
    """What JSON looks like: its keys and the kinds of its values; of a list the first."""
    if isinstance(content, dict):
        return {key: shape(value) for key, value in content.items()}
    if isinstance(content, list):
        return [shape(content[0])] if content else []
    return type(content).__name__


def columns(text: str) -> str:
    """The first line of a CSV and how many follow."""
    rows = list(csv.reader(io.StringIO(text)))
    return f"{','.join(rows[0])}\n{len(rows) - 1} rows\n"


def check(name: str, text: str, tolerance: float, anew: bool) -> None:
    """Compare a text with its recording, or record it anew."""
    file = FOLDER / f"{name}.txt"
    if anew:
        FOLDER.mkdir(exist_ok=True)
        if not file.exists() or _differences(file.read_text(), text, tolerance):
            file.write_text(text)
        return
    assert file.exists(), f"There is no recording {file.name}. Record it: pytest tests/referee --record"
    different = _differences(file.read_text(), text, tolerance)
    assert not different, f"{file.name} says otherwise (- recorded, + now):\n" + "\n".join(different)


def _differences(recorded: str, now: str, tolerance: float) -> list[str]:
    """Lines of a diff; lines that differ only in spaces, rules of tables and last digits count as the same."""
    before, after = recorded.splitlines(), now.splitlines()
    keys_before = [_words(line) for line in before]
    keys_after = [_words(line) for line in after]
    if len(keys_before) == len(keys_after) and all(
        _alike(one, two, tolerance) for one, two in zip(keys_before, keys_after, strict=True)
    ):
        return []
    steps = difflib.SequenceMatcher(None, [str(key) for key in keys_before], [str(key) for key in keys_after])
    lines: list[str] = []
    for what, i, j, k, m in steps.get_opcodes():
        if what == "equal":
            continue
        if j - i == m - k and all(
            _alike(one, two, tolerance) for one, two in zip(keys_before[i:j], keys_after[k:m], strict=True)
        ):
            continue
        lines += [f"  {line}" for line in before[max(0, i - 2) : i]]
        lines += [f"- {line}" for line in before[i:j]] + [f"+ {line}" for line in after[k:m]]
    return lines


def _words(line: str) -> list[str]:
    return re.findall(r"-?\d+(?:\.\d+)? ?%|-?\d+\.\d+(?:e-?\d+)?|\d+e-\d+|─+|[^\s─\d]+|\d+", line)


def _alike(one: list[str], two: list[str], tolerance: float) -> bool:
    return len(one) == len(two) and all(_same(a, b, tolerance) for a, b in zip(one, two, strict=True))


def _same(one: str, two: str, tolerance: float) -> bool:
    if one == two or (one[0] == two[0] == "─"):
        return True
    if one[-1] == two[-1] == "%":  # a hundredth of a share is as much as one of its percents
        return math.isclose(float(one[:-1]), float(two[:-1]), rel_tol=tolerance, abs_tol=1 + 100 * tolerance)
    if any("." in word or "e-" in word for word in (one, two)):
        try:
            return math.isclose(float(one), float(two), rel_tol=tolerance, abs_tol=tolerance)
        except ValueError:
            return False
    return False
