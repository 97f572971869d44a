"""Statements of C, Objective-C and C++, read from a syntax tree into a graph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portaudit.lint.program import NOTHING, Assign, Const, Kept, Kind, Span
from portaudit.lint.reading.c_expressions import CExpressions
from portaudit.lint.reading.c_flow import CFlow, name_of
from portaudit.lint.reading.nodes import span, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from portaudit.lint.program import Expression

PLAIN = re.compile(
    r"(?:(?:const|volatile|unsigned|signed|struct|enum|register)\s+)*"
    r"(?:\w+_t|int|long|short|char|bool|unsigned|signed|auto|__auto_type|BOOL|Boolean|NSU?Integer|U?Int\d+"
    r"|kern_return_t|mach_port_name_t|IONotificationPortRef|IOReturn|boolean_t|void|double|float)"
)
"""Types without a destructor: what such a variable holds, nobody releases for it."""

MACRO = re.compile(r"[A-Z]\w*_[A-Z_]+\Z")
OWNER = re.compile(
    r"cleanup|[Aa]uto_?[Rr]elease|AUTO_?RELEASE|CLEANUP|\A(?:const\s+)?[A-Z][A-Z0-9_]+\s+\w+\s+\*?\w+\s*[=;]"
)
"""Attributes and macros that release a variable where it ends."""

LASTS = frozenset({"static", "extern", "thread_local", "__thread", "_Thread_local", "__block"})
RETURNS = re.compile(r"\w*RETURN(?:_(?!IF|ON|UNLESS)[A-Z]+)*\s*(?:\(.*)?\Z", re.DOTALL)
"""Macros that leave the function, such as Py_RETURN_NONE; those with a condition may."""
ENDS = frozenset(
    {
        *("exit", "_exit", "_Exit", "abort", "err", "errx", "verr", "verrx", "__builtin_trap", "quick_exit"),
        *("__builtin_unreachable", "pthread_exit", "thread_exit", "longjmp", "siglongjmp", "terminate"),
        *("__assert_rtn", "fatalError", "preconditionFailure"),
    }
)
"""Functions that do not come back; the process or thread ends, and a task's rights with it."""


class CStatements(CFlow):
    """Reads the body of one function."""

    def __init__(self, *, destructors: bool, nested: Callable[[Node], None]) -> None:
        super().__init__()
        self.destructors = destructors
        self.expressions = CExpressions(self.scopes, self.statement, nested)
        self.broken = False
        self.builder.add(Kind.MEET, NOTHING, Span(0, 0))

    def statement(self, node: Node) -> None:
        """Read one statement; what is not understood is read for what stands in it."""
        reader: Callable[[Node], None] | None = getattr(self, f"_{node.type}", None)
        if reader is not None:
            reader(node)
        elif node.type.endswith(("_statement", "_definition", "_declaration")) or node.type == "ERROR":
            self._parts(node)
        else:
            self.evaluation(node)

    def _parts(self, node: Node) -> None:
        self.broken |= node.type == "ERROR"
        self.statements(node.named_children)

    def evaluation(self, node: Node) -> None:
        """Read an expression that stands as a statement; some calls do not come back."""
        found = self.expressions.read(node)
        if RETURNS.match(text(node)[:80]):
            self.builder.leave(Kind.LEAVE, found, span(node))
            return
        self.builder.do(found, span(node))
        if node.type == "call_expression" and getattr(found, "name", "") in ENDS:
            self.builder.loose = []

    def _expression_statement(self, node: Node) -> None:
        for child in node.named_children:
            if child.type not in {"comment", "ERROR"}:
                self.evaluation(child)

    def _comment(self, node: Node) -> None:
        pass

    _preproc_call = _preproc_def = _preproc_include = _preproc_function_def = _comment
    _function_definition = _type_definition = _struct_specifier = _using_declaration = _comment

    def _compound_statement(self, node: Node) -> None:
        self.scopes.open()
        self.statements(node.named_children)
        self.scopes.close()

    def _declaration(self, node: Node) -> None:
        kind = node.child_by_field_name("type")
        words = {text(child) for child in node.named_children if child.type.endswith("specifier")}
        lasts = bool(words & LASTS) or "__block" in text(node)[:12]
        told = text(kind) if kind is not None else "auto"
        plain = bool(PLAIN.match(told)) if self.destructors else not OWNER.search(text(node)[:200])
        for declarator in node.children_by_field_name("declarator"):
            self._declared(
                declarator,
                local=plain and not lasts,
                macro=bool(MACRO.match(told)),
                simple=bool(PLAIN.match(told))
                and "{" not in told
                and not told.startswith(("struct", "union")),
            )

    def _init_statement(self, node: Node) -> None:
        self._parts(node)

    def _declared(self, node: Node, *, local: bool, macro: bool, simple: bool) -> None:
        value = node.child_by_field_name("value") if node.type == "init_declarator" else None
        name, array = name_of(node)
        if name is None:
            self._constructed(node)
            return
        read: Expression = NOTHING
        if value is not None:
            read = self.expressions.read(value)
            if isinstance(read, Kept) and not array and local and simple and len(read.parts) == 1:
                read = read.parts[0]  # braces or brackets round the value of a plain variable
        known = self.scopes.find(text(name))
        if macro and known.local:
            place = known  # a macro in front of an assignment looks like a type
        else:
            place = self.scopes.declare(text(name), local=local and not _is_reference(node))
        if value is not None:
            self.builder.do(Assign(place, read, span(node)), span(node))
        elif local:
            self.builder.do(Assign(place, Const("undefined"), span(node)), span(node))

    def _constructed(self, node: Node) -> None:
        """Read `Owner name(variable)`, which looks like the declaration of a function."""
        self.builder.do(self.expressions.captured(node), span(node))

    def _labeled_statement(self, node: Node) -> None:
        label = node.child_by_field_name("label")
        self.builder.reach(text(label) if label is not None else "", span(node))
        self.statements([child for child in node.named_children if child != label])

    def _goto_statement(self, node: Node) -> None:
        label = node.child_by_field_name("label")
        self.builder.goto(text(label) if label is not None else "", span(node))

    def _break_statement(self, _node: Node) -> None:
        self.builder.leave_loop()

    def _continue_statement(self, _node: Node) -> None:
        self.builder.next_round()

    def _return_statement(self, node: Node) -> None:
        value = self.expressions.last([child for child in node.named_children if child.type != "comment"])
        self.builder.leave(Kind.LEAVE, value, span(node))

    _co_return_statement = _return_statement

    def _throw_statement(self, node: Node) -> None:
        self.builder.do(self.expressions.last(node.named_children), span(node))
        self.builder.leave(Kind.THROW, NOTHING, span(node))

    def _preproc_if(self, node: Node) -> None:
        condition = node.child_by_field_name("condition") or node.child_by_field_name("name")
        alternative = node.child_by_field_name("alternative")
        told = Const(f"#{text(condition) if condition is not None else ''}")
        true, false = self.builder.test(told, span(node))
        self.builder.loose = true
        skipped = {condition, alternative}
        before, twins = self.scopes.in_sight(), self.scopes.twins
        self.statements([child for child in node.named_children if child not in skipped])
        ends = self.builder.loose
        self.builder.loose = false
        if alternative is not None:
            self.scopes.twins = twins | self.scopes.declared_since(before)
            self.statement(alternative)
            self.scopes.twins = twins
        self.builder.loose += ends

    _preproc_ifdef = _preproc_elif = _preproc_elifdef = _preproc_if

    def _preproc_else(self, node: Node) -> None:
        self.statements(node.named_children)


def _is_reference(node: Node) -> bool:
    inside = node.child_by_field_name("declarator") if node.type == "init_declarator" else node
    return inside is not None and inside.type == "reference_declarator"
