"""Expressions of Swift, read from a syntax tree."""

from __future__ import annotations

import re
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
from portaudit.lint.reading.nodes import named, number, span, text
from portaudit.lint.reading.swift_nodes import chain_of, flat, operator_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from portaudit.lint.reading.nodes import Scopes
    from portaudit.lint.reading.swift_nodes import Host

THROUGH = re.compile(
    r"(?:U?Int(?:8|16|32|64)?|Double|Float|CUnsignedInt|CInt|UInt|Optional|Array|\w+_t|unsafeBitCast|numericCast"
    r"|(?:Unsafe|Opaque)(?:Mutable)?(?:Raw)?(?:Buffer)?Pointer)\Z"
)
"""Conversions: what they give is what they were given, as far as rights go."""

INLINE = frozenset(
    {
        *("withUnsafeMutablePointer", "withUnsafePointer", "withUnsafeMutableBytes", "withUnsafeBytes"),
        *("withMemoryRebound", "autoreleasepool", "withExtendedLifetime", "withUnsafeMutableBufferPointer"),
        *("withUnsafeBufferPointer", "withCString", "withUnsafeTemporaryAllocation", "withLock", "sync"),
    }
)
"""Functions that run their closure before they return."""


class SwiftExpressions:
    """Reads expressions."""

    def __init__(self, scopes: Scopes, host: Host) -> None:
        self.scopes = scopes
        self.host = host

    def read(self, node: Node | None) -> Expression:
        """Read one expression; what is not understood is read for what stands in it."""
        if node is None or node.type in {"comment", "multiline_comment", "user_type", "type_annotation"}:
            return NOTHING
        reader: Callable[[Node], Expression] = getattr(self, f"_{node.type}", self._mixed)
        return reader(node)

    def all(self, nodes: list[Node]) -> tuple[Expression, ...]:
        """Read several."""
        return tuple(part for part in map(self.read, nodes) if part is not NOTHING)

    def _mixed(self, node: Node) -> Expression:
        parts = self.all(node.named_children)
        return Mixed(parts) if parts else NOTHING

    def _first(self, node: Node) -> Expression:
        return self.read(node.named_children[0]) if node.named_children else NOTHING

    _directly_assignable_expression = _first

    def _simple_identifier(self, node: Node) -> Expression:
        name = text(node)
        place = self.scopes.find(name)
        return place if place.local else (named(name) or place)

    def _self_expression(self, _node: Node) -> Expression:
        return Place("self")

    def _integer_literal(self, node: Node) -> Expression:
        return number(text(node))

    def _boolean_literal(self, node: Node) -> Expression:
        return Const(text(node), truth=text(node) == "true")

    def _nil_literal(self, _node: Node) -> Expression:
        return Const("nil", truth=False)

    _nil = _nil_literal

    def _tuple_expression(self, node: Node) -> Expression:
        inside = self.all(node.named_children)
        return inside[0] if len(inside) == 1 else Kept(inside)

    def _array_literal(self, node: Node) -> Expression:
        return Kept(self.all(node.named_children))

    _dictionary_literal = _array_literal

    def _as_expression(self, node: Node) -> Expression:
        return self.read(node.child_by_field_name("expr") or node.named_children[0])

    _await_expression = _as_expression

    def _try_expression(self, node: Node) -> Expression:
        operator = next((text(child) for child in node.named_children if child.type == "try_operator"), "try")
        if operator == "try":
            self.host.attempt(node)
        return self.read(node.child_by_field_name("expr"))

    def _postfix_expression(self, node: Node) -> Expression:
        return self.read(node.child_by_field_name("target"))

    def _prefix_expression(self, node: Node) -> Expression:
        target = node.child_by_field_name("target")
        sign = text(node)[:1]
        if sign == ".":
            return named(text(target)) or Const(text(node)) if target is not None else NOTHING
        inside = self.read(target)
        if sign == "&":
            return Ref(inside) if isinstance(inside, Place) else inside
        return Not(inside) if sign == "!" else Mixed((inside,))

    def _infix_expression(self, node: Node) -> Expression:
        operands, operators = chain_of(node)
        return self.compared(operands, operators) if operators else self._mixed(node)

    _equality_expression = _comparison_expression = _infix_expression
    _conjunction_expression = _disjunction_expression = _infix_expression

    def compared(self, operands: list[Node], operators: list[str]) -> Expression:
        """Read operands and the operators between them; only == and != of two say something."""
        read = self.all(operands)
        if operators in (["=="], ["!="], ["==="], ["!=="]) and len(read) == 2:  # noqa: PLR2004  a pair
            return Compare(read[0], read[1], equal=operators[0].startswith("="))
        return Mixed(read)

    def _ternary_expression(self, node: Node) -> Expression:
        condition = Mixed((self.read(node.child_by_field_name("condition")),))
        return Either(
            (condition, *(self.read(node.child_by_field_name(arm)) for arm in ("if_true", "if_false")))
        )

    def _nil_coalescing_expression(self, node: Node) -> Expression:
        return Either(self.all(node.named_children))

    def _assignment(self, node: Node) -> Expression:
        target, result = (node.child_by_field_name(name) for name in ("target", "result"))
        value = self.read(result)
        if target is not None and text(target) == "_":
            return Mixed((value,))
        if operator_of(node) not in {"=", ""}:
            return Mixed((self.read(target), value))
        return Assign(self.read(target), value, span(node))

    def _navigation_expression(self, node: Node) -> Expression:
        target = self.read(node.child_by_field_name("target"))
        suffix = text(found)[1:] if (found := node.child_by_field_name("suffix")) is not None else ""
        if not isinstance(target, Place):
            return Mixed((target,))
        if suffix in {"pointee", "unsafelyUnwrapped", "first", "last"}:
            return Place(target.path, target.local, element=suffix != "unsafelyUnwrapped")
        return Place(f"{target.path}.{suffix}")

    def _call_expression(self, node: Node) -> Expression:
        callee, suffixes = flat(node)
        listed = [part for suffix in suffixes for part in suffix.named_children]
        closures = [part for part in listed if part.type == "lambda_literal"]
        given = [part for part in listed if part.type == "value_arguments"]
        if given and text(given[0]).startswith("["):
            return self._element(callee, given[0])
        name, receiver = self._callee(callee)
        arguments = tuple(self._argument(part) for listed in given for part in listed.named_children)
        if name in INLINE and closures:
            self._before(arguments, receiver, callee)
            return self.host.inline(closures[-1])
        if name == "forEach" and closures and receiver is not None:
            self.host.each(node, closures[-1], receiver)
            return NOTHING
        if len(arguments) == 1 and THROUGH.match(name):
            return arguments[0]
        if given and THROUGH.match(name) and text(given[0]).startswith("(start:"):
            return arguments[0]
        called = tuple(self.read(closure) for closure in closures)
        return Call(name, (*arguments, *called), span(node), receiver)

    def _before(self, arguments: tuple[Expression, ...], receiver: Expression | None, node: Node) -> None:
        # A pointer to a variable is lent to the closure, which reads and writes the variable itself
        for part in (*arguments, *(() if receiver is None else (receiver,))):
            if isinstance(part, Call):
                self.host.block(node)
                break

    def _argument(self, node: Node) -> Expression:
        value = node.child_by_field_name("value")
        inside = node.named_children
        return self.read(value if value is not None else inside[-1] if inside else None)

    def _element(self, callee: Node, listed: Node) -> Expression:
        base = self.read(callee)
        if isinstance(base, Place):
            return Place(base.path, base.local, element=True)
        return Mixed((base, *(self._argument(part) for part in listed.named_children)))

    def _callee(self, node: Node) -> tuple[str, Expression | None]:
        if node.type == "simple_identifier":
            return text(node), None
        if node.type == "navigation_expression":
            suffix = node.child_by_field_name("suffix")
            target = node.child_by_field_name("target")
            name = text(suffix).lstrip("?.") if suffix is not None else ""
            outer = target is not None and target.type in {"self_expression", "simple_identifier"}
            if outer and target is not None and text(target)[:1].isupper():
                return name, None  # a function of a module or type: Darwin.mach_host_self()
            if target is not None and target.type == "self_expression":
                return name, None
            return name, self.read(target)
        return "", self.read(node)

    def _line_string_literal(self, node: Node) -> Expression:
        parts = self.all([child for child in node.named_children if child.type == "interpolated_expression"])
        return Mixed(parts) if parts else Const("text", truth=True)

    _multi_line_string_literal = _line_string_literal

    def _interpolated_expression(self, node: Node) -> Expression:
        return self._mixed(node)

    def _lambda_literal(self, node: Node) -> Expression:
        self.host.nested(node)
        names: set[str] = set()
        waiting = [node]
        while waiting:
            found = waiting.pop()
            if found.type == "simple_identifier":
                names.add(text(found))
            waiting += found.named_children
        places = (self.scopes.find(name) for name in sorted(names))
        return Kept(tuple(place for place in places if place.local))

    def _if_statement(self, node: Node) -> Expression:
        self.host.block(node)
        return NOTHING

    _switch_statement = _if_statement
