"""Statements of Swift, read from a syntax tree into a graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.lint.program import NOTHING, Assign, Const, Either, Kind, Mixed, Span
from portaudit.lint.reading.builder import Frame
from portaudit.lint.reading.c_statements import ENDS
from portaudit.lint.reading.nodes import span, text
from portaudit.lint.reading.swift_expressions import SwiftExpressions
from portaudit.lint.reading.swift_flow import SwiftFlow
from portaudit.lint.reading.swift_nodes import block_of, closure_of, closure_parameter, is_value, names_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from portaudit.lint.program import Expression, Place
    from portaudit.lint.reading.builder import End

SKIPPED = frozenset(
    {
        *("comment", "multiline_comment", "class_declaration", "protocol_declaration", "import_declaration"),
        *("typealias_declaration", "directive", "availability_condition"),
    }
)
NESTED = frozenset({"function_declaration"})


@dataclass(slots=True)
class Branches:
    """An `#if` while what it decides of is read."""

    other: list[End]
    """Ways on which no condition held so far."""
    before: dict[str, Place]
    twins: dict[tuple[int, str], Place]
    ends: list[End] = field(default_factory=list)


class SwiftStatements(SwiftFlow):
    """Reads the body of one function."""

    def __init__(self, nested: Callable[[Node], None]) -> None:
        super().__init__()
        self.expressions = SwiftExpressions(self.scopes, self)
        self.nested = nested
        self.results: list[tuple[Frame, list[Expression]]] = []
        self.broken = False
        self.branches: list[Branches] = []
        self.builder.add(Kind.MEET, NOTHING, Span(0, 0))

    def body(self, nodes: list[Node]) -> None:
        """Read a block: what it defers runs where it ends."""
        depth = len(self.builder.frames)
        self.scopes.open()
        for node in nodes:
            self.statement(node)
        while len(self.builder.frames) > depth:
            at_exit = self.builder.frames.pop().at_exit
            if at_exit is not None and self.builder.loose:
                at_exit()
        self.scopes.close()

    def body_of_function(self, nodes: list[Node]) -> None:
        """Read all of a function; a single expression is its result."""
        told = [node for node in nodes if node.type not in SKIPPED]
        if len(told) == 1 and is_value(told[0]):
            self.builder.leave(Kind.LEAVE, self.expressions.read(told[0]), span(told[0]))
        else:
            self.body(nodes)

    def statement(self, node: Node) -> None:
        """Read one statement; what is not understood is read for what stands in it."""
        if node.type == "directive":
            self._directive_of(node)
        if node.type in SKIPPED:
            return
        self.broken |= node.type == "ERROR"
        reader: Callable[[Node], None] | None = getattr(self, f"_{node.type}", None)
        if reader is not None:
            reader(node)
        elif node.type in NESTED:
            self.builder.do(self.expressions._lambda_literal(node), span(node))  # noqa: SLF001  it captures alike
        else:
            self._expression(node)

    def _directive_of(self, node: Node) -> None:
        """Read `#if` and what belongs to it: its branches stand one after the other in the tree."""
        builder, scopes = self.builder, self.scopes
        told = text(node)
        if told.startswith("#if"):
            true, false = builder.test(Const(f"#{told}"), span(node))
            self.branches.append(Branches(false, scopes.in_sight(), scopes.twins))
            builder.loose = true
        elif self.branches and told.startswith("#else"):
            branches = self.branches[-1]
            branches.ends += builder.loose
            scopes.twins = scopes.twins | scopes.declared_since(branches.before)
            builder.loose, branches.other = branches.other, []
            if told.startswith("#elseif"):
                builder.loose, branches.other = builder.test(Const(f"#{told}"), span(node))
        elif self.branches and told.startswith("#endif"):
            branches = self.branches.pop()
            scopes.twins = branches.twins
            builder.loose += [*branches.ends, *branches.other]

    def block(self, node: Node) -> None:
        """Read a statement, or a call, that stands inside of an expression."""
        self.statement(node)

    def _statements(self, node: Node) -> None:
        self.body(node.named_children)

    def _ERROR(self, node: Node) -> None:  # noqa: N802  the grammar's name
        for child in node.named_children:
            self.statement(child)

    def _expression(self, node: Node) -> None:
        if node.type == "call_expression" and text(node).startswith("defer"):
            closure = closure_of(node)
            if closure is not None:
                self.builder.frames.append(Frame(at_exit=lambda: self.body(block_of(closure))))
                return
        found = self.expressions.read(node)
        self.builder.do(found, span(node))
        if getattr(found, "name", "") in ENDS:
            self.builder.loose = []

    def _defer_statement(self, node: Node) -> None:
        self.builder.frames.append(Frame(at_exit=lambda: self.body(block_of(node))))

    def inline(self, closure: Node) -> Expression:
        """Read the body of a closure that runs here, and give its value."""
        frame = Frame(breaks=[], label="closure")
        results: list[Expression] = []
        self.builder.frames.append(frame)
        self.results.append((frame, results))
        nodes = block_of(closure)
        self.scopes.open()
        for node in nodes:
            if node is nodes[-1] and is_value(node):
                results.append(self.expressions.read(node))
            else:
                self.statement(node)
        self.scopes.close()
        self.results.pop()
        self.builder.frames.pop()
        self.builder.loose += frame.breaks or []
        return results[0] if len(results) == 1 else Either(tuple(results)) if results else NOTHING

    def each(self, node: Node, closure: Node, collection: Expression) -> None:
        """Read a closure that runs for each element."""
        name = closure_parameter(closure)
        self._round(node, [name] if name else [], collection, block_of(closure))

    def attempt(self, node: Node) -> None:
        """Let the path part here: the error goes to the handler around, or out."""
        self.builder.attempt(span(node))

    def _property_declaration(self, node: Node) -> None:
        value = node.child_by_field_name("value")
        names = [child for child in node.children_by_field_name("name") if child.type == "pattern"]
        read = self.expressions.read(value) if value is not None else Const("undefined")
        declared = [text(name) for pattern in names for name in names_in(pattern)]
        lasts = any(
            text(child).startswith("static") for child in node.named_children if child.type == "modifiers"
        )
        if len(declared) != 1:
            for name in declared:
                self.scopes.declare(name, local=True)
            self.builder.do(Mixed((read,)), span(node))
            return
        place = self.scopes.declare(declared[0], local=not lasts)
        self.builder.do(Assign(place, read, span(node)), span(node))

    def _control_transfer_statement(self, node: Node) -> None:
        word = text(node).partition(" ")[0].partition("\n")[0]
        result = node.child_by_field_name("result")
        label = text(result) if result is not None else ""
        match word:
            case "break":
                self.builder.leave_loop(label)
            case "continue":
                self.builder.next_round(label)
            case "throw":
                self.builder.do(self.expressions._mixed(node), span(node))  # noqa: SLF001  all that is in it
                self.builder.leave(Kind.THROW, NOTHING, span(node))
            case _:
                self._return(node, self.expressions.read(result))

    def _return(self, node: Node, value: Expression) -> None:
        if not self.results:
            self.builder.leave(Kind.LEAVE, value, span(node))
            return
        frame, results = self.results[-1]
        results.append(value)
        self.builder.run_exits(lambda other: other is frame)
        (frame.breaks if frame.breaks is not None else []).extend(self.builder.loose)
        self.builder.loose = []
