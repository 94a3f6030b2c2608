"""The first run of a foreign network, in a process that apart.py starts and may end.

A line of JSON and the file come in, a line of JSON goes out: `{}`, or the sentence and the hint of what is wrong.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import numpy as np

from whatsit.errors import UserError
from whatsit.model.classifier import Classifier
from whatsit.model.container import has_facts
from whatsit.model.foreign.apart import NOT_LET_IN
from whatsit.model.graph.session import BATCH, Session
from whatsit.model.graph.write import FEATURES
from whatsit.model.outputs import OUTPUTS
from whatsit.records import decode_json


def main() -> None:
    """Run what comes on stdin, and say on stdout what came of it."""
    order = decode_json(sys.stdin.buffer.readline())
    _limit(order["memory"], order["limit_s"])
    try:
        _answer_once(sys.stdin.buffer.read(), order["name"])
    except UserError as error:
        verdict = {"error": error.sentence, "hint": error.hint}
    except MemoryError:
        verdict = {"error": f"The network in {order['name']!r} takes too much memory.", "hint": NOT_LET_IN}
    else:
        verdict = {}
    print(json.dumps(verdict), flush=True)


def _answer_once(content: bytes, name: str) -> None:
    if has_facts(content):
        model = Classifier(content, name)
        # Sizes may grow with the batch, too, and faster than it does: the largest that is asked is tried.
        model.run(np.zeros((BATCH, *model.facts.size, 3), np.uint8), OUTPUTS)
        return
    session = Session(content)
    side = session.size or (224, 224)
    if FEATURES in session.outputs:
        session.run(np.zeros((BATCH, *side, 3), np.uint8), [FEATURES])


def _limit(memory: int, limit_s: int) -> None:
    """Bound what this process may take; not every system can."""
    with contextlib.suppress(OSError):  # where memory runs out all the same, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))


if __name__ == "__main__":
    main()
