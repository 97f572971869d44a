"""Expressions of C, Objective-C and C++, read from a syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.program import (
    NOTHING,
    Assign,
    Call,
    Compare,
    Const,
    Either,
    Expression,
    Kept,
    Mixed,
    Not,
    Place,
    Ref,
)
from portaudit.lint.reading.nodes import BOXES, THROUGH, named, number, span, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from portaudit.lint.reading.nodes import Scopes

SILENT = frozenset(
    {
        *("sizeof_expression", "alignof_expression", "comment", "selector_expression", "encode_expression"),
        *("type_descriptor", "requires_expression", "offsetof_expression", "gnu_asm_expression"),
    }
)


class CExpressions:
    """Reads expressions; `run` reads a statement that stands inside of one."""

    def __init__(self, scopes: Scopes, run: Callable[[Node], None], capture: Callable[[Node], None]) -> None:
        self.scopes = scopes
        self.run = run
        self.capture = capture

    def read(self, node: Node | None) -> Expression:
        """Read one expression; what is not understood is read for what stands in it."""
        if node is None or node.type in SILENT:
            return NOTHING
        reader: Callable[[Node], Expression] = getattr(self, f"_{node.type}", self._mixed)
        return reader(node)

    def all(self, nodes: list[Node]) -> tuple[Expression, ...]:
        """Read several, comments left out."""
        return tuple(self.read(node) for node in nodes if node.type != "comment")

    def _mixed(self, node: Node) -> Expression:
        parts = tuple(part for part in self.all(node.named_children) if part is not NOTHING)
        return Mixed(parts) if parts else NOTHING

    def _identifier(self, node: Node) -> Expression:
        name = text(node)
        place = self.scopes.find(name)
        return place if place.local else (named(name) or place)

    def _number_literal(self, node: Node) -> Expression:
        return number(text(node))

    def _null(self, _node: Node) -> Expression:
        return Const("NULL", truth=False)

    def _nullptr(self, _node: Node) -> Expression:
        return Const("NULL", truth=False)

    def _true(self, _node: Node) -> Expression:
        return Const("true", truth=True)

    def _false(self, _node: Node) -> Expression:
        return Const("false", truth=False)

    def _string_literal(self, _node: Node) -> Expression:
        return Const("text", truth=True)

    def _parenthesized_expression(self, node: Node) -> Expression:
        return self.last(node.named_children)

    def _condition_clause(self, node: Node) -> Expression:
        initializer = node.child_by_field_name("initializer")
        if initializer is not None:
            self.run(initializer)
        return self.read(node.child_by_field_name("value"))

    def last(self, nodes: list[Node]) -> Expression:
        """Read what stands in brackets: statements, and the value of the last."""
        value: Expression = NOTHING
        for node in nodes:
            value = self._block_value(node) if node.type == "compound_statement" else self.read(node)
        return value

    def _block_value(self, node: Node) -> Expression:
        inside = [child for child in node.named_children if child.type != "comment"]
        for child in inside[:-1]:
            self.run(child)
        if not inside or inside[-1].type != "expression_statement":
            return NOTHING
        return self.last(inside[-1].named_children)

    def _cast_expression(self, node: Node) -> Expression:
        return self.read(node.child_by_field_name("value"))

    def _comma_expression(self, node: Node) -> Expression:
        return Either(self.all(node.named_children))

    def _conditional_expression(self, node: Node) -> Expression:
        condition = self.read(node.child_by_field_name("condition"))
        arms = self.all(
            [
                arm
                for arm in (node.child_by_field_name(name) for name in ("consequence", "alternative"))
                if arm is not None
            ]
        )
        return Either((Mixed((condition,)), *arms) if len(arms) > 1 else (condition, *arms))

    def _field_expression(self, node: Node) -> Expression:
        argument = self.read(node.child_by_field_name("argument"))
        if isinstance(argument, Place):
            name = text(field) if (field := node.child_by_field_name("field")) is not None else ""
            return Place(f"{argument.path}.{name}")
        return Mixed((argument,))

    def _subscript_expression(self, node: Node) -> Expression:
        base, *index = self.all(node.named_children)
        if isinstance(base, Place):
            place = Place(base.path, base.local, element=True)
            calls = tuple(part for part in index if isinstance(part, Call))
            return Either((Mixed(calls), place)) if calls else place
        return Mixed((base, *index))

    def _pointer_expression(self, node: Node) -> Expression:
        argument = self.read(node.child_by_field_name("argument"))
        if text(node).startswith("&"):
            return Ref(argument) if isinstance(argument, Place) else argument
        if isinstance(argument, Place):
            return Place(argument.path, argument.local, element=True)
        return argument if isinstance(argument, Ref) else Mixed((argument,))

    def _unary_expression(self, node: Node) -> Expression:
        argument = self.read(node.child_by_field_name("argument"))
        return Not(argument) if text(node).startswith(("!", "not")) else Mixed((argument,))

    def _binary_expression(self, node: Node) -> Expression:
        left, right = (self.read(node.child_by_field_name(side)) for side in ("left", "right"))
        operator = text(found) if (found := node.child_by_field_name("operator")) is not None else ""
        if operator in {"==", "!="}:
            return Compare(left, right, equal=operator == "==")
        return Mixed((left, right))

    def _assignment_expression(self, node: Node) -> Expression:
        left, right = (self.read(node.child_by_field_name(side)) for side in ("left", "right"))
        operator = text(found) if (found := node.child_by_field_name("operator")) is not None else "="
        return Assign(left, right, span(node)) if operator == "=" else Mixed((left, right))

    def _call_expression(self, node: Node) -> Expression:
        function = node.child_by_field_name("function")
        listed = node.child_by_field_name("arguments")
        arguments = self.all(listed.named_children) if listed is not None else ()
        if function is None:
            return Mixed(arguments)
        name, receiver = self.callee(function)
        if arguments and (name in THROUGH or function.type == "primitive_type"):
            return arguments[0]
        return Call(name, arguments, span(node), receiver)

    def callee(self, node: Node) -> tuple[str, Expression | None]:
        """Give a called function's own name, and what it is called on."""
        match node.type:
            case "identifier" | "field_identifier" | "primitive_type" | "type_identifier":
                return text(node), None
            case "field_expression":
                field = node.child_by_field_name("field")
                receiver = self.read(node.child_by_field_name("argument"))
                return (text(field).partition("<")[0] if field is not None else ""), receiver
            case "qualified_identifier" | "template_function" | "template_method" | "dependent_name":
                inside = node.child_by_field_name("name")
                return self.callee(inside) if inside is not None else ("", None)
            case _:
                return "", self.read(node)

    def _message_expression(self, node: Node) -> Expression:
        receiver = node.child_by_field_name("receiver")
        words = [text(part) for part in node.children_by_field_name("method")]
        arguments = [
            child
            for number, child in enumerate(node.children)
            if child.is_named and node.field_name_for_child(number) is None
        ]
        name = "".join(f"{word}:" for word in words) if arguments else "".join(words)
        read = self.all(arguments)
        if name in BOXES and len(read) == 1:
            return read[0]
        return Call(name, read, span(node), self.read(receiver))

    def _new_expression(self, node: Node) -> Expression:
        listed = node.child_by_field_name("arguments")
        return Kept(self.all(listed.named_children) if listed is not None else ())

    def _initializer_list(self, node: Node) -> Expression:
        return Kept(self.all(node.named_children))

    def _initializer_pair(self, node: Node) -> Expression:
        return self.read(node.child_by_field_name("value"))

    def _argument_list(self, node: Node) -> Expression:
        return Kept(self.all(node.named_children))

    def _compound_literal_expression(self, node: Node) -> Expression:
        return self.read(node.child_by_field_name("value"))

    def _array_literal(self, node: Node) -> Expression:
        return Kept(self.all(node.named_children))

    _dictionary_literal = _array_literal
    _dictionary_pair = _array_literal
    _boxed_expression = _at_expression = _parenthesized_expression

    def _block_literal(self, node: Node) -> Expression:
        self.capture(node)
        return self.captured(node)

    _lambda_expression = _block_literal

    def captured(self, node: Node, *, references: bool = False) -> Expression:
        """Give the local variables that a closure names: it may keep, release or change them."""
        names: set[str] = set()
        waiting = [node]
        while waiting:
            found = waiting.pop()
            if found.type in {"identifier", "type_identifier"}:
                names.add(text(found))
            waiting += found.named_children
        places = (self.scopes.find(name) for name in sorted(names))
        return Kept(tuple(place for place in places if place.local or references))
