"""The claims as their files hold them: what is written is listed, and what is listed is tried."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from portaudit import evidence
from portaudit.evidence.collect import CLAIMS

FILES = sorted(Path(evidence.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_attempt_is_a_claims(path):
    """A function that says what it saw stands in its file's CLAIMS, or is called by one that does."""
    tree = ast.parse(path.read_text())
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attempts = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "Seen"
    ]

    assert [name for name in attempts if name not in named] == [], "list it in CLAIMS"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_claim_of_a_file_is_tried(path):
    """The archive has the claims of every file."""
    listed = getattr(import_module(f"{evidence.__name__}.{path.stem}"), "CLAIMS", ())

    assert [claim.id for claim in listed if claim not in CLAIMS] == [], "evidence/collect.py leaves them out"
