"""Where a syntax node stands, and its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.program import Span

if TYPE_CHECKING:
    from tree_sitter import Node


def span(node: Node) -> Span:
    """Give where a node stands."""
    return Span(node.start_byte, node.end_byte)


def text(node: Node) -> str:
    """Give a node's source text."""
    return (node.text or b"").decode("utf-8", "replace")
