"""Control flow of Swift: conditions, branches, loops, switches and catches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.program import NOTHING, Assign, Compare, Const, Kind, Mixed, Place, Span
from portaudit.lint.reading.builder import Builder, Frame
from portaudit.lint.reading.nodes import Scopes, span, text
from portaudit.lint.reading.swift_nodes import (
    bindings,
    block_of,
    chain_of,
    names_in,
    parts_of,
    split_at,
    wanted_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from portaudit.lint.program import Expression
    from portaudit.lint.reading.builder import End
    from portaudit.lint.reading.swift_expressions import SwiftExpressions


class SwiftFlow:
    """Reads what decides where a path goes; plain statements are read by who inherits."""

    expressions: SwiftExpressions

    def __init__(self) -> None:
        self.builder = Builder()
        self.scopes = Scopes()
        self.label = ""
        """The label of the loop that comes next."""

    def body(self, nodes: list[Node]) -> None:
        """Read a block."""
        raise NotImplementedError

    def _conditions(self, nodes: list[Node]) -> tuple[list[End], list[End]]:
        """Read the conditions of an if, guard or while: all must hold."""
        false: list[End] = []
        true: list[End] = self.builder.loose
        for name, node in bindings(nodes):
            self.builder.loose = true
            true, not_true = self._bound(name, node) if name else self.condition(node)
            false += not_true
        return true, false

    def _bound(self, name: Node, node: Node | None) -> tuple[list[End], list[End]]:
        value = self.expressions.read(node) if node is not None else self.scopes.find(text(name))
        place = self.scopes.declare(text(name), local=True)
        self.builder.do(Assign(place, value, span(name)), span(name))
        return self.builder.test(place, span(name))

    def condition(self, node: Node | None) -> tuple[list[End], list[End]]:
        """Read a condition as tests, one for each operand of && and ||."""
        if node is None:
            return self.builder.test(Const("true", truth=True), Span(0, 0))
        while node.type == "tuple_expression" and len(node.named_children) == 1:
            node = node.named_children[0]
            node = node.child_by_field_name("value") or node
        operands, operators = chain_of(node)
        if not operators:
            return self.builder.test(self.expressions.read(node), span(node))
        true: list[End] = []
        false: list[End] = self.builder.loose
        for some, between in split_at(operands, operators, "||"):
            self.builder.loose = false
            more, false = self._all_of(some, between)
            true += more
        return true, false

    def _all_of(self, operands: list[Node], operators: list[str]) -> tuple[list[End], list[End]]:
        true: list[End] = self.builder.loose
        false: list[End] = []
        for some, between in split_at(operands, operators, "&&"):
            self.builder.loose = true
            if between:
                where = Span(some[0].start_byte, some[-1].end_byte)
                true, not_true = self.builder.test(self.expressions.compared(some, between), where)
            else:
                true, not_true = self.condition(some[0])
            false += not_true
        return true, false

    def _if_statement(self, node: Node) -> None:
        ends: list[End] = []
        chain: Node | None = node
        while chain is not None:
            before, then, otherwise = parts_of(chain)
            self.scopes.open()
            true, false = self._conditions(before)
            self.builder.loose = true
            self.body(then)
            self.scopes.close()
            ends += self.builder.loose
            self.builder.loose = false
            chain = otherwise[0] if otherwise and otherwise[0].type == "if_statement" else None
            if chain is None:
                self.body(otherwise)
        self.builder.loose += ends

    def _guard_statement(self, node: Node) -> None:
        before = node.children[: next(i for i, child in enumerate(node.children) if child.type == "else")]
        true, false = self._conditions(before)
        self.builder.loose = false
        self.body(
            [
                part
                for child in node.named_children
                if child.type == "statements"
                for part in child.named_children
            ]
        )
        self.builder.loose = true

    def _while_statement(self, node: Node) -> None:
        builder = self.builder
        head = builder.add(Kind.MEET, NOTHING, span(node))
        before, then, _ = parts_of(node)
        self.scopes.open()
        true, false = self._conditions(before)
        frame = self._loop_frame(false, head)
        builder.loose = true
        self._framed(frame, then)
        builder.tie(head)
        builder.loops.append(range(head, len(builder.steps)))
        self.scopes.close()
        builder.loose = frame.breaks or []

    def _repeat_while_statement(self, node: Node) -> None:
        builder = self.builder
        head = builder.add(Kind.MEET, NOTHING, span(node))
        again = builder.label(f"again {node.id}", span(node))
        frame = self._loop_frame([], again)
        self._framed(frame, block_of(node))
        builder.reach(f"again {node.id}", span(node))
        true, false = self.condition(node.child_by_field_name("condition"))
        builder.loose = true
        builder.tie(head)
        builder.loops.append(range(head, len(builder.steps)))
        builder.loose = false + (frame.breaks or [])

    def _loop_frame(self, breaks: list[End], again: int) -> Frame:
        label, self.label = self.label, ""
        return Frame(breaks=breaks, again=again, label=label)

    def _framed(self, frame: Frame, nodes: list[Node]) -> None:
        self.builder.frames.append(frame)
        self.body(nodes)
        self.builder.frames.pop()

    def _for_statement(self, node: Node) -> None:
        item = node.child_by_field_name("item")
        collection = self.expressions.read(node.child_by_field_name("collection"))
        names = [text(name) for name in names_in(item)] if item is not None else []
        self._round(node, names, collection, block_of(node))

    def _round(self, node: Node, names: list[str], collection: Expression, nodes: list[Node]) -> None:
        builder = self.builder
        if not builder.loose:
            return
        head = builder.fork(span(node))
        frame = self._loop_frame(builder.way(head), head)
        builder.loose = builder.way(head)
        self.scopes.open()
        for name in names:
            source = collection
            element = Place(source.path, source.local, element=True) if isinstance(source, Place) else NOTHING
            place = self.scopes.declare(name, local=True)
            builder.do(Assign(place, element, span(node)), span(node))
        self._framed(frame, nodes)
        self.scopes.close()
        builder.tie(head)
        builder.loops.append(range(head, len(builder.steps)))
        builder.loose = frame.breaks or []

    def _switch_statement(self, node: Node) -> None:
        builder = self.builder
        subject = builder.held(self.expressions.read(node.child_by_field_name("expr")), span(node))
        entries = [child for child in node.named_children if child.type == "switch_entry"]
        frame = self._loop_frame([], -1)
        frame.again = None
        builder.frames.append(frame)
        ends: list[End] = []
        for entry in entries:
            wanted = wanted_of(entry)
            true, false = builder.test(self._matches(subject, wanted), span(entry))
            builder.loose = true
            self.body(block_of(entry))
            ends += builder.loose
            builder.loose = false
        builder.frames.pop()
        builder.loose = ends + (frame.breaks or [])

    def _matches(self, subject: Expression, wanted: Node | None) -> Expression:
        if wanted is None:
            return Const("true", truth=True)
        value = self.expressions.read(wanted)
        if isinstance(value, Const) and isinstance(subject, Place):
            return Compare(subject, value, equal=True)
        return Mixed((subject,))

    def _do_statement(self, node: Node) -> None:
        builder = self.builder
        clauses = [child for child in node.named_children if child.type == "catch_block"]
        handler = len(builder.steps)
        before, builder.loose = builder.loose, []
        builder.fork(span(node))
        builder.loose = before
        if clauses:
            builder.frames.append(Frame(handler=handler))
        self.body(block_of(node))
        if clauses:
            builder.frames.pop()
        ends = builder.loose
        for clause in clauses:
            builder.loose = builder.way(handler)
            self.body(block_of(clause))
            ends += builder.loose
        builder.loose = ends

    def _statement_label(self, node: Node) -> None:
        self.label = text(node).rstrip(": ")
