"""Accessibility of a page by axe-core, which lies in tests/node_modules after `npm install --prefix tests`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


def violations(tab: Any) -> list[str]:
    """What axe-core finds wrong with an open page (opened with bypass_csp, as it runs as a script of its own)."""
    if not SCRIPT.exists():
        pytest.skip("needs axe-core: npm install --prefix tests")
    tab.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = tab.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [f"{one['id']}: {one['help']} {[node['html'] for node in one['nodes']]}" for one in found]
