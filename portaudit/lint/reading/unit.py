"""A source file as functions, each read from its syntax tree when it is asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.lint.program import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from portaudit.lint.program import Function


UNPARSED_MAX = 5
"""Lines that a note names; more of them say no more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A function's node, its name, and how to read it; nested ones are found while the outer is read."""

    name: str
    node: Node
    read: Callable[[Node, str, Callable[[Node], None]], Function]


@dataclass(slots=True)
class Unit:
    """The functions of one file."""

    found: dict[Span, Found]
    functions: dict[Span, Function] = field(default_factory=dict)
    by_name: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    too_deep: list[Span] = field(default_factory=list)
    too_tangled: list[Span] = field(default_factory=list)
    unparsed: list[int] = field(default_factory=list)
    """Lines of functions that were looked at, and not understood."""

    def __post_init__(self) -> None:
        """Index the functions by name."""
        for found in self.found.values():
            self.by_name[found.name].append(found)

    def function(self, found: Found) -> Function | None:
        """Read a function, once; None if it nests too deeply to be read."""
        span = Span(found.node.start_byte, found.node.end_byte)
        if span not in self.functions:
            if span in self.too_deep:
                return None
            nested: list[Node] = []
            try:
                self.functions[span] = found.read(found.node, found.name, nested.append)
            except RecursionError:
                self.too_deep.append(span)
                return None
            for node in nested:
                inner = Found(f"a block in {found.name}", node, found.read)
                self.found.setdefault(Span(node.start_byte, node.end_byte), inner)
        return self.functions[span]

    def named(self, name: str) -> Function | None:
        """Give the one function of this name; None if there is none, or several."""
        listed = self.by_name.get(name, ())
        return self.function(listed[0]) if len(listed) == 1 else None

    def around(self, offsets: Iterable[int]) -> list[Found]:
        """Give the functions in which these offsets lie, those inside of them included."""
        reached: list[Found] = []
        places = sorted(offsets)
        waiting = list(self.found.values())
        for found in waiting:  # it grows meanwhile
            if _holds(found.node, places):
                known = len(self.found)
                self.function(found)
                if len(self.found) > known:
                    waiting += list(self.found.values())[known:]
                reached.append(found)
                self._note_errors(found, places)
        return reached

    def _note_errors(self, found: Found, places: list[int]) -> None:
        """Note the parts of a function that could not be parsed and hold what is looked for."""
        waiting = [found.node] if found.node.has_error else []
        while waiting and len(self.unparsed) < UNPARSED_MAX:
            node = waiting.pop()
            if node.type == "ERROR" and _holds(node, places):
                self.unparsed.append(node.start_point[0] + 1)
            else:
                waiting += [child for child in node.children if child.has_error]


def _holds(node: Node, places: list[int]) -> bool:
    """Whether one of these offsets, in their order, lies in a node."""
    at = bisect_left(places, node.start_byte)
    return at < len(places) and places[at] < node.end_byte
