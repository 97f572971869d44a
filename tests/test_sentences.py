"""Tests are sentences: each states its promise."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent


def promising(node):
    """Yield the tests of a module or of its classes; what stands within functions is no test."""
    for inner in node.body:
        if isinstance(inner, ast.ClassDef):
            yield from promising(inner)
        elif isinstance(inner, ast.FunctionDef) and inner.name.startswith("test_"):
            yield inner


def test_every_test_states_its_promise():
    """Every test function of this suite has a docstring."""
    silent = [
        f"{path.relative_to(TESTS)}: {test.name}"
        for path in TESTS.rglob("test_*.py")
        for test in promising(ast.parse(path.read_text()))
        if not ast.get_docstring(test)
    ]

    assert silent == []
