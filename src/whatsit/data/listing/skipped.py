"""What is left out, by reason: every file counted, none hidden behind "and more"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from whatsit import events, words
from whatsit.data.dataset import Skipped
from whatsit.data.listing.walk import is_folder, is_other_file

MOST_KINDS = 4  # details of one reason (suffixes, bytes) that are a line each; more of them share a line
FEW = 5  # files that are named each by itself
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_CHECK = re.compile(r"([a-z]+(?:-[a-z]+)*): (.*)")  # what cleaning found, and details that name other photos
_DECIDED = re.compile(r"(left out )?by hand\b.*|none of the classes\b.*|nobody has said yet what it shows")
_NAMED = re.compile(r"'[^']*'")
_DETAIL = re.compile(r"(.*?)(?: \((.*)\)| as ('.*'))")


@dataclass(frozen=True)
class Left:
    """Files left out for one reason."""

    reason: str
    names: tuple[str, ...]


def group_reasons(skipped: Iterable[Skipped]) -> list[Left]:
    """All that is left out, by reason, most first; reasons that differ in a number or a detail are one."""
    by: dict[str, list[Skipped]] = {}
    for one in skipped:
        by.setdefault(_NUMBER.sub("…", _shorten(one.reason)), []).append(one)
    heads: dict[str, list[str]] = {}
    for reason in by:
        heads.setdefault(_head(reason), []).append(reason)
    found = []
    for head, reasons in heads.items():
        if len(reasons) > MOST_KINDS:
            named = [one.name for reason in reasons for one in by[reason]]
            details = sorted(reasons, key=lambda reason: -len(by[reason]))[:MOST_KINDS]
            found.append(Left(f"{head} ({', '.join(map(_detail, details))}, …)", tuple(named)))
        else:
            found += [_left(by[reason], reason) for reason in reasons]
    return sorted(found, key=lambda left: (-len(left.names), left.reason))


def may_be_missed(reason: str) -> bool:
    """Whether a file that is left out for this reason may have been meant as a photo: it cannot be read, or lies
    where none is looked for. Not so where somebody decided, or its name says that it is something else."""
    if checked := _CHECK.fullmatch(reason):
        return checked[1] == "broken"
    return not (is_other_file(reason) or _DECIDED.fullmatch(reason))


def say_groups(skipped: Sequence[Skipped], examples: int = 2) -> list[str]:
    """A line a reason: `12 left out, not a photo by its name (.mov): a.mov, b.mov, …`"""
    return [
        f"{len(left.names):,} left out, {left.reason}: {name_some(left.names, examples)}"
        for left in group_reasons(skipped)
    ]


def count_left(skipped: Iterable[Skipped]) -> str:
    """How much is left out: `7 files and 1 folder`."""
    names = ["folder" if is_folder(one.reason) else "file" for one in skipped]
    return " and ".join(words.count(names.count(name), name) for name in ("file", "folder") if name in names)


def list_left(skipped: Sequence[Skipped]) -> list[str]:
    """How much is left out, and below it, indented, why, in a few lines; nothing where nothing is."""
    return [f"{count_left(skipped)} left out:", *(f"  {line}" for line in say_skipped(skipped))] if skipped else []


def warn_of_skipped(skipped: Sequence[Skipped]) -> None:
    """Tell how much is left out and why, where anything is."""
    for line in list_left(skipped):
        events.warn(line)


def say_skipped(skipped: Sequence[Skipped]) -> list[str]:
    """A line a file where these are few, else a line a reason."""
    if len(skipped) <= FEW:
        return [f"{one.name}: {one.reason}" for one in skipped]
    return say_groups(skipped)


def name_some(names: Sequence[str], count: int) -> str:
    """The first names, and `…` where there are more."""
    return ", ".join(names[:count]) + (", …" if len(names) > count else "")


def _left(some: Sequence[Skipped], reason: str) -> Left:
    texts = {one.reason for one in some}
    return Left(texts.pop() if len(texts) == 1 else reason, tuple(one.name for one in some))


def _shorten(reason: str) -> str:
    """`the same folder as 'a/b'` names another file each time."""
    return _NAMED.sub("'…'", reason) if reason.startswith("the same ") else reason


def _head(reason: str) -> str:
    if checked := _CHECK.fullmatch(reason):
        return checked[1]
    detailed = _DETAIL.fullmatch(reason)
    return detailed[1] if detailed else reason


def _detail(reason: str) -> str:
    if checked := _CHECK.fullmatch(reason):
        return checked[2]
    detailed = _DETAIL.fullmatch(reason)
    return (detailed[2] or detailed[3]) if detailed else reason
