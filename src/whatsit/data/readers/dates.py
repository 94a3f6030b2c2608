"""Folders that say when photos were taken, as programs make them that copy photos from cameras: no classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# 2023-01, 2023_01_15, 20230115, and a day with what was done on it: 2023-01-15 Beach
_DATE = re.compile(r"(19|20)\d\d([-_.]?)(0[1-9]|1[0-2])(\2(0[1-9]|[12]\d|3[01])([ _-]\D.*)?)?")
_YEAR = re.compile(r"(19|20)\d\d")
# 01, 3 March, 07-July, July
_NAMES = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_MONTH = re.compile(rf"(0?[1-9]|1[0-2])([ _-]*[^\W\d].*)?|{_NAMES}", re.IGNORECASE)


def are_dates(names: Sequence[str], list_inside: Callable[[str], Sequence[str]]) -> bool:
    """Whether folders are called as days or months, or as years that hold folders of such names and no others.

    Years with photos right in them may be classes, of coins and wines for example.
    list_inside: the names of the folders in one of them
    """
    if not names:
        return False
    if not all(map(_YEAR.fullmatch, names)):
        return all(map(_DATE.fullmatch, names))
    inside = [name for year in names for name in list_inside(year)]
    return bool(inside) and all(_MONTH.fullmatch(name) or _DATE.fullmatch(name) for name in inside)
