"""Connects every process that is begun with this folder in PYTHONPATH to the web of $TEST_WEB and to nothing else:
a studio, and the jobs that it starts."""

from __future__ import annotations

import os
from pathlib import Path

from web.child import connect

connect(Path(os.environ["TEST_WEB"]))
