"""Names of files where the locale knows ASCII alone (`LC_ALL=C` without Python's UTF-8 mode)."""

from __future__ import annotations

import codecs
import os
import sys

MODE = "PYTHONUTF8"


def read_as_utf8() -> None:
    """Begin anew in Python's UTF-8 mode where names would be ASCII; returns where nothing is to be done.

    Else `é.jpg` would be a name that is no text. What is printed stays in the encoding that the locale wants.
    """
    is_ascii = codecs.lookup(sys.getfilesystemencoding()).name == "ascii"
    if not is_ascii or os.name != "posix" or os.environ.get(MODE) == "1":  # 1: we did, and were not heeded
        return
    os.environ[MODE] = "1"
    os.environ.setdefault("PYTHONIOENCODING", "ascii")
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
