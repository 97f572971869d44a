"""C, Objective-C, C++ and Objective-C++: the functions of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.program import Function, Parameter
from portaudit.lint.reading.c_statements import CStatements
from portaudit.lint.reading.nodes import span, text
from portaudit.lint.reading.unit import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from portaudit.lint.program import Span

INSIDE = frozenset(
    {
        *("translation_unit", "namespace_definition", "declaration_list", "linkage_specification", "ERROR"),
        *("class_specifier", "struct_specifier", "field_declaration_list", "template_declaration"),
        *("preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "class_implementation"),
        *("category_implementation", "implementation_definition", "declaration", "export_declaration"),
    }
)
"""Where functions are defined; bodies of functions are not looked into."""

DEFINITIONS = {"function_definition", "method_definition"}


def functions(root: Node, *, destructors: bool) -> dict[Span, Found]:
    """Find all functions and methods; with destructors, variables of class types release what they hold."""

    def read(node: Node, name: str, nested: Callable[[Node], None]) -> Function:
        return _function(node, name, nested, destructors=destructors)

    found: dict[Span, Found] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in DEFINITIONS:
            found[span(node)] = Found(_name(node), node, read)
        elif node.type == "compound_statement":
            macro = _defined_by(node)
            if macro is not None:
                found[span(node)] = Found(macro, node, read)
        elif node.type in INSIDE:
            waiting += reversed(node.named_children)
    return found


def _defined_by(body: Node) -> str | None:
    """Give the name of a function whose head is a macro, as of `TEST(name) { }`; None if there is none."""
    head = body.prev_named_sibling
    while head is not None and head.type == "comment":
        head = head.prev_named_sibling
    call = head.named_children[0] if head is not None and head.named_children else None
    if head is None or call is None or call.type != "call_expression" or text(head).endswith(";"):
        return None
    listed = call.child_by_field_name("arguments")
    first = listed.named_children[0] if listed is not None and listed.named_children else None
    named = (
        first if first is not None and first.type == "identifier" else call.child_by_field_name("function")
    )
    return text(named) if named is not None else "?"


def _name(node: Node) -> str:
    if node.type == "method_definition":
        words = [text(child) for child in node.named_children if child.type == "identifier"]
        takes = any(child.type == "method_parameter" for child in node.named_children)
        return "".join(f"{word}:" for word in words) if takes else "".join(words)
    declarator = _function_declarator(node)
    inside = declarator.child_by_field_name("declarator") if declarator is not None else None
    while inside is not None and inside.type in {"qualified_identifier", "template_function"}:
        inside = inside.child_by_field_name("name")
    return text(inside) if inside is not None else "?"


def _function_declarator(node: Node) -> Node | None:
    found = node.child_by_field_name("declarator")
    while found is not None and found.type not in {"function_declarator", "abstract_function_declarator"}:
        found = found.child_by_field_name("declarator") or next(
            (child for child in found.named_children if child.type.endswith("declarator")), None
        )
    return found


def _function(node: Node, name: str, nested: Callable[[Node], None], *, destructors: bool) -> Function:
    reader = CStatements(destructors=destructors, nested=nested)
    parameters = tuple(_parameters(node))
    for parameter in parameters:
        reader.scopes.declare(parameter.name, local=not parameter.reference)
    body = node if node.type == "compound_statement" else _body(node)
    for child in node.named_children:
        if child.type == "field_initializer_list":  # what a constructor stores
            reader.builder.do(reader.expressions.captured(child, references=True), span(child))
    if body is not None:
        reader.statement(body)
    kind = node.child_by_field_name("type")
    return Function(
        name,
        span(node),
        parameters,
        reader.builder.finish(span(node)),
        result=text(kind) if kind is not None else _method_result(node),
        loops=reader.builder.loops,
        broken=reader.broken,
    )


def _body(node: Node) -> Node | None:
    inside = (child for child in node.named_children if child.type == "compound_statement")
    return node.child_by_field_name("body") or next(inside, None)


def _method_result(node: Node) -> str:
    kind = next((child for child in node.named_children if child.type == "method_type"), None)
    return text(kind).strip("() ") if kind is not None else ""


def _parameters(node: Node) -> Iterator[Parameter]:
    if node.type == "method_definition":
        for child in node.named_children:
            names = [part for part in child.named_children if part.type == "identifier"]
            if child.type == "method_parameter" and names:
                yield Parameter(text(names[-1]), pointer="*" in text(child))
        return
    declarator = _function_declarator(node) or node
    listed = declarator.child_by_field_name("parameters")
    for number, child in enumerate(listed.named_children if listed is not None else []):
        if child.type in {"parameter_declaration", "optional_parameter_declaration"}:
            yield _parameter(child, number)


def _parameter(node: Node, number: int) -> Parameter:
    found = node.child_by_field_name("declarator")
    kinds = set()
    while found is not None and found.type != "identifier":
        kinds.add(found.type)
        found = found.child_by_field_name("declarator") or next(iter(found.named_children), None)
    written = node.child_by_field_name("type")
    pointer = bool(kinds & {"pointer_declarator", "array_declarator", "reference_declarator"})
    array = written is not None and text(written).endswith("array_t")
    name = text(found) if found is not None else f"parameter {number}"
    return Parameter(name, pointer or array, reference="reference_declarator" in kinds)
