"""Swift: the functions of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.program import Function, Parameter
from portaudit.lint.reading.nodes import span, text
from portaudit.lint.reading.swift_statements import SwiftStatements
from portaudit.lint.reading.unit import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from portaudit.lint.program import Span

BODIES = frozenset(
    {"function_body", "statements", "computed_getter", "computed_setter", "willset_didset_block"}
)
FUNCTIONS = {
    "function_declaration": "",
    "init_declaration": "init",
    "deinit_declaration": "deinit",
    "computed_property": "get",
    "lambda_literal": "a closure",
}


def functions(root: Node) -> dict[Span, Found]:
    """Find all functions, accessors and closures; what stands at the top of a file runs as `main`."""
    found = {span(root): Found("main", root, _top)}
    waiting = list(reversed(root.named_children))
    while waiting:
        node = waiting.pop()
        if node.type in FUNCTIONS:
            found[span(node)] = Found(_name(node), node, _function)
        elif node.type not in {"statements", "call_expression"} or _is_outside(node):
            waiting += reversed(node.named_children)
    return found


def _is_outside(node: Node) -> bool:
    # A closure that makes the first value of a property: `let x: T = { ... }()`
    return node.parent is not None and node.parent.type == "property_declaration"


def _name(node: Node) -> str:
    named = node.child_by_field_name("name")
    if node.type == "function_declaration" and named is not None:
        return text(named)
    return FUNCTIONS[node.type]


def _top(node: Node, name: str, nested: Callable[[Node], None]) -> Function:
    reader = SwiftStatements(nested)
    calls = [child for child in node.named_children if child.type not in {*FUNCTIONS, "class_declaration"}]
    reader.body([child for child in calls if child.type != "property_declaration"])
    return Function(name, span(node), (), reader.builder.finish(span(node)), loops=reader.builder.loops)


def _function(node: Node, name: str, nested: Callable[[Node], None]) -> Function:
    reader = SwiftStatements(nested)
    parameters = tuple(_parameters(node))
    for parameter in parameters:
        reader.scopes.declare(parameter.name, local=not parameter.pointer)
    reader.body_of_function(list(_body(node)))
    return Function(
        name,
        span(node),
        parameters,
        reader.builder.finish(span(node)),
        result=_result(node),
        loops=reader.builder.loops,
        broken=reader.broken,
    )


def _body(node: Node) -> Iterator[Node]:
    waiting = list(node.named_children)
    while waiting:
        child = waiting.pop(0)
        if child.type == "statements":
            yield from child.named_children
        elif child.type in BODIES:
            waiting[:0] = child.named_children


def _result(node: Node) -> str:
    kinds = [child for child in node.children_by_field_name("name") if child.type.endswith("type")]
    return text(kinds[-1]) if kinds else ""


def _parameters(node: Node) -> Iterator[Parameter]:
    for child in node.named_children:
        if child.type == "parameter":
            names = [
                part for part in child.children_by_field_name("name") if part.type == "simple_identifier"
            ]
            pointer = "inout" in text(child).split(":", 1)[-1] or "Pointer" in text(child)
            yield Parameter(text(names[0]) if names else "_", pointer)
