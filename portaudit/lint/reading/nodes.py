"""What a reader of any language asks of a syntax node: where it stands, its text, and what its name means.

Which variable it is, block by block; names and literals whose truth is known, and calls that stand for their
argument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.lint.program import Const, Place, Span

if TYPE_CHECKING:
    from tree_sitter import Node


def span(node: Node) -> Span:
    """Give where a node stands."""
    return Span(node.start_byte, node.end_byte)


def text(node: Node) -> str:
    """Give a node's source text."""
    return (node.text or b"").decode("utf-8", "replace")


NONE = frozenset(
    {
        *("KERN_SUCCESS", "MACH_PORT_NULL", "MACH_PORT_DEAD", "IO_OBJECT_NULL", "TASK_NULL", "THREAD_NULL"),
        *("MACH_MSG_SUCCESS", "BOOTSTRAP_SUCCESS", "kIOReturnSuccess", "HOST_NULL", "SEMAPHORE_NULL"),
        *("NULL", "nullptr", "nil", "Nil", "false", "FALSE", "NO", "ERR_SUCCESS", "err_none", "noErr"),
        *("IPC_VOUCHER_NULL", "MACH_VOUCHER_NULL", "TASK_NAME_NULL", "THREAD_ACT_NULL", "CLOCK_NULL"),
    }
)
"""What compares equal to 0, or says that there is no right (MACH_PORT_DEAD) or that a call succeeded."""

THROUGH = frozenset(
    {
        *("static_cast", "reinterpret_cast", "const_cast", "dynamic_cast", "move", "forward", "exchange"),
        *("__builtin_expect", "likely", "unlikely", "LIKELY", "UNLIKELY"),
    }
)
"""What gives back its first argument, as far as rights go."""

BOXES = frozenset(
    {"numberWithUnsignedInt:", "numberWithUnsignedInteger:", "numberWithInt:", "numberWithInteger:"}
)
"""What makes an object of a number: whoever keeps it has the name."""

SOME = frozenset({"true", "TRUE", "YES"})
FAILED = re.compile(r"(KERN|BOOTSTRAP|MACH_(SEND|RCV|MSG)|kIOReturn|MIG)_?[A-Z]\w*\Z")
CONSTANT = re.compile(r"k?[A-Z][A-Z0-9_]*\Z|k[A-Z]\w+\Z")


def named(text: str) -> Const | None:
    """Give the constant that a name stands for; None for a name of a variable."""
    if text in NONE:
        return Const(text, truth=False)
    if text in SOME or FAILED.match(text):
        return Const(text, truth=True)
    return Const(text) if CONSTANT.match(text) else None


def number(text: str) -> Const:
    """Give a number as a constant."""
    try:
        value = int(text.rstrip("uUlL").replace("_", "").replace("'", ""), 0)
    except ValueError:
        return Const(text, truth=None)
    return Const(text, truth=value != 0)


@dataclass(slots=True)
class Scopes:
    """The variables in sight; one that hides another of its name is another place."""

    stack: list[dict[str, Place]] = field(default_factory=lambda: [{}])
    declared: dict[str, int] = field(default_factory=dict)
    twins: dict[tuple[int, str], Place] = field(default_factory=dict)
    """What another branch of the preprocessor has declared here: the same variable, written twice."""

    def open(self) -> None:
        """Begin a block."""
        self.stack.append({})

    def close(self) -> None:
        """End the innermost block."""
        self.stack.pop()

    def declare(self, name: str, *, local: bool) -> Place:
        """Make a variable known; a local one ends with the function."""
        place = self.twins.get((len(self.stack), name))
        if place is None or place.local is not local:
            number = self.declared.get(name, 0)
            self.declared[name] = number + 1
            place = Place(f"{name}'{number}" if number else name, local)
        self.stack[-1][name] = place
        return place

    def in_sight(self) -> dict[str, Place]:
        """Give the variables of the innermost block."""
        return dict(self.stack[-1])

    def declared_since(self, before: dict[str, Place]) -> dict[tuple[int, str], Place]:
        """Give what the innermost block has got since then, for the branch that stands in its place."""
        depth = len(self.stack)
        return {(depth, name): place for name, place in self.stack[-1].items() if before.get(name) != place}

    def find(self, name: str) -> Place:
        """Give the variable of this name; one that is not declared here does not end here."""
        return next((scope[name] for scope in reversed(self.stack) if name in scope), Place(name))
