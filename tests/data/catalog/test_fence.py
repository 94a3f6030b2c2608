"""Statements stand in the catalog's own package, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import whatsit

SOURCE = Path(whatsit.__file__).parent
STATEMENT = re.compile(r"\s*(SELECT|INSERT|REPLACE|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA)\b.*\S", re.S)


def _statements(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
            yield f"{file.relative_to(SOURCE)}:{node.lineno}: {node.value}"


def test_sql_stands_only_in_the_catalog() -> None:
    outside = [file for file in SOURCE.rglob("*.py") if not file.is_relative_to(SOURCE / "data" / "catalog")]
    assert [one for file in outside for one in _statements(file)] == []


def test_the_fence_sees_statements_where_there_are_some() -> None:
    assert len(list(_statements(SOURCE / "data" / "catalog" / "decisions.py"))) > 5
