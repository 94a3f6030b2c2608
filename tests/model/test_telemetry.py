"""Nothing that runs a model tells anybody of it."""

from __future__ import annotations

import os
import subprocess
import sys


def test_onnxruntime_is_told_to_tell_nobody_before_it_is_imported() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = (
        "import sys, os, whatsit.model.graph.session as session; assert 'onnxruntime' not in sys.modules; "
        "session.runtime(); print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**environment, "PYTHONPATH": "src"}, capture_output=True, text=True
    )
    assert done.stdout == "1\n", done.stderr
