"""Tests are sentences: each states its promise."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent


def test_every_test_states_its_promise():
    """Every test function of this suite has a docstring."""
    silent = [
        f"{path.relative_to(TESTS)}: {node.name}"
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []
