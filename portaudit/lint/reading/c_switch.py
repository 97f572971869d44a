"""What readers of C's statements share, and its switch: cases are tests, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portaudit.lint.program import NOTHING, Compare, Const, Kind, Mixed, Place
from portaudit.lint.reading.builder import Builder, Frame
from portaudit.lint.reading.nodes import Scopes, span, text

if TYPE_CHECKING:
    from tree_sitter import Node

    from portaudit.lint.program import Expression
    from portaudit.lint.reading.builder import End
    from portaudit.lint.reading.c_expressions import CExpressions


@dataclass(slots=True)
class Switch:
    """A switch while its body is read."""

    subject: Expression
    left: list[End]
    """Ways on which no case fitted so far."""
    default: int | None = None


class CSwitch:
    """Reads switches; other statements are read by who inherits."""

    expressions: CExpressions

    def __init__(self) -> None:
        self.builder = Builder()
        self.scopes = Scopes()
        self.switches: list[Switch] = []

    def statement(self, node: Node) -> None:
        """Read one statement."""
        raise NotImplementedError

    def evaluation(self, node: Node) -> None:
        """Read an expression that stands as a statement."""
        raise NotImplementedError

    def statements(self, nodes: list[Node]) -> None:
        """Read several in order."""
        for node in nodes:
            self.statement(node)

    def framed(self, node: Node, frame: Frame) -> None:
        """Read the body of a statement that `break` leaves."""
        raise NotImplementedError

    def _switch_statement(self, node: Node) -> None:
        builder = self.builder
        read = self.expressions.read(node.child_by_field_name("condition"))
        subject = builder.held(read, span(node))
        if not isinstance(subject, Place):
            builder.do(Mixed((subject,)), span(node))
        frame = Frame(breaks=[])
        switch = Switch(subject, builder.loose)
        builder.loose = []
        self.switches.append(switch)
        self.framed(node, frame)
        self.switches.pop()
        ends = builder.loose
        builder.loose = switch.left
        if switch.default is not None:
            builder.tie(switch.default)
        builder.loose += [*ends, *(frame.breaks or [])]

    def _case_statement(self, node: Node) -> None:
        value = node.child_by_field_name("value")
        if self.switches:
            self._reach_case(self.switches[-1], node, value)
        self.statements([child for child in node.named_children if child != value])

    def _reach_case(self, switch: Switch, node: Node, value: Node | None) -> None:
        builder = self.builder
        if value is None:
            switch.default = builder.add(Kind.MEET, NOTHING, span(node))
            return
        through = builder.loose
        builder.loose = switch.left
        wanted = self.expressions.read(value)
        is_told = isinstance(switch.subject, Place) and isinstance(wanted, Const)
        test = Compare(switch.subject, wanted, equal=True) if is_told else Const(f"case {text(value)}")
        true, switch.left = builder.test(test, span(node))
        builder.loose = through + true
