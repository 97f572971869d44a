"""The shapes of Swift's syntax nodes: what stands where in them, and what expressions need around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from portaudit.lint.reading.nodes import text

if TYPE_CHECKING:
    from tree_sitter import Node

    from portaudit.lint.program import Expression


def is_value(node: Node) -> bool:
    """Say whether a node is an expression, which may be the result of what it stands alone in."""
    return node.type.endswith(("_expression", "_literal")) or node.type == "simple_identifier"


def block_of(node: Node) -> list[Node]:
    """Give the statements in a node's braces."""
    return [
        part for child in node.named_children if child.type == "statements" for part in child.named_children
    ]


def closure_of(node: Node) -> Node | None:
    """Give the closure that a call is given behind its brackets."""
    suffix = node.named_children[-1]
    return next((child for child in suffix.named_children if child.type == "lambda_literal"), None)


def closure_parameter(closure: Node) -> str:
    """Give the name of a closure's first parameter."""
    waiting = [child for child in closure.named_children if child.type == "lambda_function_type"]
    while waiting:
        found = waiting.pop(0)
        if found.type == "lambda_parameter":
            return text(found.child_by_field_name("name") or found)
        waiting += found.named_children
    return "$0"


def names_in(pattern: Node) -> list[Node]:
    """Give the identifiers in a pattern."""
    found, waiting = [], [pattern]
    while waiting:
        node = waiting.pop(0)
        if node.type == "simple_identifier":
            found.append(node)
        waiting += node.named_children
    return found


def parts_of(node: Node) -> tuple[list[Node], list[Node], list[Node]]:
    """Give what stands before the braces, in them, and behind `else`."""
    opens = next((i for i, child in enumerate(node.children) if child.type == "{"), len(node.children))
    before, rest = node.children[:opens], node.children[opens:]
    split = next((i for i, child in enumerate(rest) if child.type == "else"), len(rest))
    then, after = rest[:split], rest[split:]

    def inside(nodes: list[Node]) -> list[Node]:
        return [part for child in nodes if child.type == "statements" for part in child.named_children]

    chained = [child for child in after if child.type == "if_statement"]
    return before, inside(then), chained or inside(after)


def bindings(nodes: list[Node]) -> list[tuple[Node | None, Node | None]]:
    """Give the conditions in order; a binding has the name that it declares, and perhaps no value."""
    found: list[tuple[Node | None, Node | None]] = []
    name: Node | None = None
    binds = False
    for node in nodes:
        if node.type == ",":
            if binds and name is not None:
                found.append((name, None))
            name, binds = None, False
        elif node.type == "value_binding_pattern":
            binds = True
        elif binds and name is None and node.type in {"simple_identifier", "pattern"}:
            name = node
        elif node.is_named and node.type not in {
            "type_annotation",
            "comment",
            "else",
            "availability_condition",
        }:
            found.append((name, node))
            name, binds = None, False
    if binds and name is not None:
        found.append((name, None))
    return found


def wanted_of(entry: Node) -> Node | None:
    """Give the only pattern of a case; None for a default, itself for several."""
    if any(child.type == "default_keyword" for child in entry.named_children):
        return None
    patterns = [child for child in entry.named_children if child.type == "switch_pattern"]
    names = names_in(patterns[0]) if len(patterns) == 1 else []
    return names[0] if len(names) == 1 else entry


def operator_of(node: Node) -> str:
    """Give the operator of an expression of two."""
    marks = (text(child) for child in node.children if not child.is_named or "operator" in child.type)
    return next(marks, "")


def flat(node: Node) -> tuple[Node, list[Node]]:
    """Give what is called, and all that follows it: `f(a) { b }` is one call of f."""
    suffixes: list[Node] = []
    found = node
    while found.type == "call_expression":
        suffix = found.named_children[-1]
        is_subscript = suffix.named_children and text(suffix).startswith("[")
        if suffixes and (is_subscript or not is_closure(suffixes[0])):
            return found, suffixes
        suffixes.insert(0, suffix)
        found = found.named_children[0]
        if is_subscript or not is_closure(suffix):
            break
    return found, suffixes


def is_closure(suffix: Node) -> bool:
    """Say whether what follows a call is closures alone."""
    return all(child.type == "lambda_literal" for child in suffix.named_children)


CHAINED = frozenset(
    {
        *("equality_expression", "comparison_expression", "infix_expression"),
        *("conjunction_expression", "disjunction_expression"),
    }
)
"""Expressions of two operands that the grammar nests from right to left, whatever their operators bind."""


def chain_of(node: Node) -> tuple[list[Node], list[str]]:
    """Give the operands of an expression in order, and the operators between them."""
    operands: list[Node] = []
    operators: list[str] = []
    waiting: list[Node | str] = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            operators.append(found)
        elif found.type in CHAINED and (sides := _sides(found)):
            waiting += [sides[1], operator_of(found), sides[0]]
        else:
            operands.append(found)
    return operands, operators


def _sides(node: Node) -> tuple[Node, Node] | None:
    left, right = node.child_by_field_name("lhs"), node.child_by_field_name("rhs")
    return (left, right) if left is not None and right is not None else None


def split_at(operands: list[Node], operators: list[str], mark: str) -> list[tuple[list[Node], list[str]]]:
    """Part a chain at each operator of one kind."""
    parts: list[tuple[list[Node], list[str]]] = [([operands[0]], [])]
    for operator, operand in zip(operators, operands[1:], strict=True):
        if operator == mark:
            parts.append(([operand], []))
        else:
            parts[-1][0].append(operand)
            parts[-1][1].append(operator)
    return parts


class Host(Protocol):
    """What expressions ask of the statements around them."""

    def inline(self, closure: Node) -> Expression:
        """Read the body of a closure that runs here, and give its value."""

    def each(self, node: Node, closure: Node, collection: Expression) -> None:
        """Read a closure that runs for each element."""

    def attempt(self, node: Node) -> None:
        """Note that an error may be thrown here."""

    def nested(self, node: Node) -> None:
        """Note a closure that runs some other time."""

    def block(self, node: Node) -> None:
        """Read a statement that stands where a value is wanted."""
