"""Control flow of C, Objective-C and C++: conditions, branches, loops, switches and catches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.program import NOTHING, Assign, Const, Kind, Place, Span
from portaudit.lint.reading.builder import Frame
from portaudit.lint.reading.c_switch import CSwitch
from portaudit.lint.reading.nodes import span, text

if TYPE_CHECKING:
    from tree_sitter import Node

    from portaudit.lint.reading.builder import End


class CFlow(CSwitch):
    """Reads what decides where a path goes; plain statements are read by who inherits."""

    def _if_statement(self, node: Node) -> None:
        ends: list[End] = []
        chain: Node | None = node
        self.scopes.open()
        while chain is not None and chain.type == "if_statement":
            true, false = self.condition(chain.child_by_field_name("condition"))
            self.builder.loose = true
            self._branch(chain.child_by_field_name("consequence"))
            ends += self.builder.loose
            self.builder.loose = false
            chain = _else_of(chain)
        if chain is not None:
            self._branch(chain)
        self.scopes.close()
        self.builder.loose = ends + self.builder.loose

    def _branch(self, node: Node | None) -> None:
        if node is not None:
            self.scopes.open()
            self.statement(node)
            self.scopes.close()

    def condition(self, node: Node | None) -> tuple[list[End], list[End]]:
        """Read a condition as tests, one for each operand of && and ||."""
        while node is not None and node.type == "parenthesized_expression" and node.named_child_count == 1:
            node = node.named_children[0]
        if node is None:
            return self.builder.test(Const("true", truth=True), Span(0, 0))
        operator = node.child_by_field_name("operator") if node.type == "binary_expression" else None
        if operator is not None and text(operator) in {"&&", "||", "and", "or"}:
            return self._either(node, stops_at=text(operator) in {"||", "or"})
        negated = node.child_by_field_name("argument") if node.type == "unary_expression" else None
        if negated is not None and text(node).startswith("!"):
            true, false = self.condition(negated)
            return false, true
        if node.type == "condition_clause":
            return self._clause(node)
        return self.builder.test(self.expressions.read(node), span(node))

    def _clause(self, node: Node) -> tuple[list[End], list[End]]:
        initializer, value = (node.child_by_field_name(name) for name in ("initializer", "value"))
        if initializer is not None:
            self.statement(initializer)
        if value is not None and value.type == "declaration":
            self.statement(value)
            name, _ = name_of(value.child_by_field_name("declarator") or value)
            declared = self.scopes.find(text(name)) if name is not None else NOTHING
            return self.builder.test(declared, span(node))
        return self.condition(value)

    def _either(self, node: Node, *, stops_at: bool) -> tuple[list[End], list[End]]:
        true, false = self.condition(node.child_by_field_name("left"))
        self.builder.loose = false if stops_at else true
        more_true, more_false = self.condition(node.child_by_field_name("right"))
        return (true + more_true, more_false) if stops_at else (more_true, false + more_false)

    def _while_statement(self, node: Node) -> None:
        self._loop(node, condition=node.child_by_field_name("condition"))

    def _for_statement(self, node: Node) -> None:
        if any(child.type == "in" for child in node.children):
            self._for_in(node)
            return
        self.scopes.open()
        initializer = node.child_by_field_name("initializer")
        if initializer is not None:
            self.statement(initializer)
        condition, update = (node.child_by_field_name(name) for name in ("condition", "update"))
        self._loop(node, condition=condition, update=update)
        self.scopes.close()

    def _loop(self, node: Node, *, condition: Node | None, update: Node | None = None) -> None:
        builder = self.builder
        head = builder.add(Kind.MEET, NOTHING, span(node))
        again = builder.label(f"again {node.id}", span(node)) if update is not None else head
        true, false = self.condition(condition)
        frame = Frame(breaks=false, again=again)
        builder.loose = true
        self.framed(node, frame)
        if update is not None:
            builder.reach(f"again {node.id}", span(node))
            self.evaluation(update)
        builder.tie(head)
        builder.loops.append(range(head, len(builder.steps)))
        builder.loose = frame.breaks or []

    def framed(self, node: Node, frame: Frame) -> None:
        """Read the body of a statement that `break` leaves."""
        self.builder.frames.append(frame)
        inside = node.named_children
        body = node.child_by_field_name("body") or (inside[-1] if inside else None)
        self._branch(body)
        self.builder.frames.pop()

    def _do_statement(self, node: Node) -> None:
        builder = self.builder
        head = builder.add(Kind.MEET, NOTHING, span(node))
        again = builder.label(f"again {node.id}", span(node))
        frame = Frame(breaks=[], again=again)
        self.framed(node, frame)
        builder.reach(f"again {node.id}", span(node))
        true, false = self.condition(node.child_by_field_name("condition"))
        builder.loose = true
        builder.tie(head)
        builder.loops.append(range(head, len(builder.steps)))
        builder.loose = false + (frame.breaks or [])

    def _for_range_loop(self, node: Node) -> None:
        declarator = node.child_by_field_name("declarator")
        self._each(node, declarator, node.child_by_field_name("right"))

    def _for_in(self, node: Node) -> None:
        named = [child for child in node.named_children if child.type != "comment"]
        self._each(node, named[-3] if len(named) > 2 else None, named[-2])  # noqa: PLR2004  name, list, body

    def _each(self, node: Node, declarator: Node | None, collection: Node | None) -> None:
        builder = self.builder
        self.scopes.open()
        source = self.expressions.read(collection)
        head = builder.add(Kind.FORK, NOTHING, span(node))
        builder.loose = []
        frame = Frame(breaks=builder.way(head), again=head)
        builder.loose = builder.way(head)
        name, _ = name_of(declarator) if declarator is not None else (None, False)
        if name is not None:
            element = Place(source.path, source.local, element=True) if isinstance(source, Place) else source
            place = self.scopes.declare(text(name), local=True)
            builder.do(Assign(place, element, span(node)), span(node))
        self.framed(node, frame)
        builder.tie(head)
        builder.loops.append(range(head, len(builder.steps)))
        self.scopes.close()
        builder.loose = frame.breaks or []

    def _fork_here(self, node: Node) -> int:
        return self.builder.fork(span(node))

    def _try_statement(self, node: Node) -> None:
        builder = self.builder
        clauses = [child for child in node.named_children if child.type in {"catch_clause", "finally_clause"}]
        body = node.child_by_field_name("body") or node.named_children[0]
        final = next((clause for clause in clauses if clause.type == "finally_clause"), None)
        if final is not None:
            builder.frames.append(Frame(at_exit=lambda: self.statements(final.named_children)))
        self._guarded(node, body, [clause for clause in clauses if clause is not final])
        if final is not None:
            builder.frames.pop()
            self.statements(final.named_children)

    def _guarded(self, node: Node, body: Node, catches: list[Node]) -> None:
        builder = self.builder
        handler = len(builder.steps)
        before = builder.loose
        builder.loose = []
        builder.fork(span(node))
        builder.loose = before
        if catches:
            builder.frames.append(Frame(handler=handler))
        outside, builder.calls_throw = builder.calls_throw, bool(catches) or builder.calls_throw
        self.statement(body)
        builder.calls_throw = outside
        if catches:
            builder.frames.pop()
        ends = builder.loose
        for clause in catches:
            builder.loose = builder.way(handler)
            self._branch(clause.child_by_field_name("body") or clause.named_children[-1])
            ends += builder.loose
        builder.loose = ends


def _else_of(node: Node) -> Node | None:
    alternative = node.child_by_field_name("alternative")
    if alternative is None or alternative.type != "else_clause":
        return alternative
    inside = [child for child in alternative.named_children if child.type != "comment"]
    return inside[-1] if inside else None


def name_of(node: Node) -> tuple[Node | None, bool]:
    """Give the identifier that a declarator declares, and whether it is an array."""
    array = False
    found: Node | None = node
    while found is not None and found.type not in {"identifier", "field_identifier"}:
        if found.type == "function_declarator":
            return None, False
        array |= found.type == "array_declarator"
        named = [child for child in found.named_children if child.type.endswith(("declarator", "identifier"))]
        found = found.child_by_field_name("declarator") or (named[0] if named else None)
    return found, array
