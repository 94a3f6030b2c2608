"""Which libraries the modules of whatsit import, read from their source."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

SRC = Path(__file__).parents[1] / "src"


def third_party_imports() -> dict[str, set[str]]:
    """The top-level libraries that each module imports anywhere in it, by the module's path in the package."""
    found = {}
    for file in sorted((SRC / "whatsit").rglob("*.py")):
        names = {name.partition(".")[0] for name in _imported(ast.parse(file.read_text(encoding="utf-8")))}
        libraries = names - set(sys.stdlib_module_names) - {"whatsit"}
        if libraries:
            found[file.relative_to(SRC / "whatsit").as_posix()] = libraries
    return found


def _imported(tree: ast.Module) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
    return names
