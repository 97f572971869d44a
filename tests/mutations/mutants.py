"""Small mistakes, made on purpose: every place of a source where one can be made, and the source with it."""

import ast
import copy
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

OTHERS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""Comparison -> what it becomes: moved by one, or turned around."""

ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}

CHOICES = {"any": "all", "all": "any", "min": "max", "max": "min"}

FORMAL = frozenset({"slots", "frozen", "strict", "init", "repr"})
"""Keywords that say how a value is built, and nothing about what is judged."""

Mistake = tuple[ast.expr | ast.stmt, ast.expr | ast.stmt]
"""What stands there, and what shall."""


@dataclass(frozen=True)
class Mutant:
    """One mistake that can be made in a source."""

    file: str
    function: str
    """Where it is: `Class.method`, or nothing for the top of the file."""
    in_function: bool
    """Whether it runs when that is called, and not when the file is imported."""
    source: str
    """The whole of it, without the mistake."""
    node: ast.expr | ast.stmt
    other: ast.expr | ast.stmt

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.node.lineno

    @property
    def change(self) -> tuple[str, str, str]:
        """The function, what stands there, and what shall."""
        return self.function, ast.unparse(self.node), ast.unparse(self.other)

    @cached_property
    def text(self) -> str:
        """The whole source with the mistake."""
        return _replaced(self.source, self.node, self.other)

    @property
    def diff(self) -> str:
        """The lines that differ."""
        lines = difflib.unified_diff(self.source.splitlines(), self.text.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))

    @property
    def lines(self) -> tuple[str, str, str]:
        """The file, the line where the mistake is, and the line with it."""
        place = self.line - 1
        return self.file, self.source.splitlines()[place].strip(), self.text.splitlines()[place].strip()


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Give every mutant of a source, in the order of their places."""
    for function, called, place in _places(ast.parse(source)):
        for node, other in _mistakes(place):
            yield Mutant(file, function, called, source, node, other)


def _places(node: ast.AST, inside: str = "", *, called: bool = False) -> Iterator[tuple[str, bool, ast.AST]]:
    """Walk over what runs: no annotation, no text with values in it, nothing that is for types only."""
    yield inside, called, node
    defines = isinstance(node, ast.FunctionDef | ast.ClassDef)
    within = (
        f"{inside}.{node.name}".lstrip(".") if isinstance(node, ast.FunctionDef | ast.ClassDef) else inside
    )
    for name, value in ast.iter_fields(node):
        runs = isinstance(node, ast.FunctionDef) if name == "body" and defines else called
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in {"annotation", "returns"} and not _is_silent(child):
                yield from _places(child, within, called=runs)


def _is_silent(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in FORMAL
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    return isinstance(node, ast.JoinedStr)  # before Python 3.12 its parts have no place of their own


def _mistakes(node: ast.AST) -> Iterator[Mistake]:
    yield from _of_conditions(node)
    yield from _of_numbers(node)
    match node:
        case ast.IfExp(body=body, orelse=other):
            yield node, _with(node, body=other, orelse=body)
        case ast.Call(func=ast.Name(id=name)) if name in CHOICES:
            yield node.func, ast.Name(CHOICES[name])
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign():
            yield node, ast.Pass()


def _of_conditions(node: ast.AST) -> Iterator[Mistake]:
    match node:
        case ast.Compare(ops=[operator, *rest]):
            yield from ((node, _with(node, ops=[other(), *rest])) for other in OTHERS[type(operator)])
        case ast.BoolOp(op=operator):
            yield node, _with(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, operand
        case ast.If(test=test) | ast.While(test=test):
            yield from _forced(test)
        case ast.comprehension(ifs=conditions):
            yield from (mistake for condition in conditions for mistake in _forced(condition))


def _of_numbers(node: ast.AST) -> Iterator[Mistake]:
    match node:
        case ast.BinOp(op=operator) if type(operator) in ARITHMETIC and not _is_a_type(node):
            yield node, _with(node, op=ARITHMETIC[type(operator)]())
        case ast.Constant(value=bool(value)):
            yield node, ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield from ((node, ast.Constant(value + step)) for step in (1, -1))


def _with(node: ast.expr, **fields: object) -> ast.expr:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _is_a_type(node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.BitOr) and ast.unparse(node.right) == "None"


def _forced(test: ast.expr) -> Iterator[Mistake]:
    yield from ((test, ast.Constant(value)) for value in (True, False))


def _replaced(source: str, node: ast.expr | ast.stmt, new: ast.expr | ast.stmt) -> str:
    """Put the new code in the place of the old, in brackets where it would mean something else without."""
    lines = source.encode().splitlines(keepends=True)
    first, end = next(span for span in _statements(source) if span[0] < node.lineno <= span[1])
    piece = "\n" * first + b"".join(lines[first:end]).decode()
    changed = _spliced(piece, node, ast.unparse(new))
    wanted = ast.unparse(_Swap(node, new).visit(ast.parse(piece)))
    try:
        alike = ast.unparse(ast.parse(changed)) == wanted
    except SyntaxError:
        alike = False
    if not alike:
        changed = _spliced(piece, node, f"({ast.unparse(new)})")
    return b"".join(lines[:first]).decode() + changed[first:] + b"".join(lines[end:]).decode()


@cache
def _statements(source: str) -> list[tuple[int, int]]:
    """Give each statement at the top as the lines from its decorators to its end: a mistake changes one."""
    return [
        (min(part.lineno for part in (node, *getattr(node, "decorator_list", ()))) - 1, node.end_lineno or 0)
        for node in ast.parse(source).body
    ]


def _spliced(source: str, node: ast.expr | ast.stmt, text: str) -> str:
    lines = source.encode().splitlines(keepends=True)
    last = (node.end_lineno or node.lineno) - 1
    head = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    tail = lines[last][node.end_col_offset :] + b"".join(lines[last + 1 :])
    return (head + text.encode() + tail).decode()


class _Swap(ast.NodeTransformer):
    """Puts a node in the place of another, in a tree that was read anew."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new, self.place = type(old), new, _place(old)

    def visit(self, node: ast.AST) -> ast.AST:
        if type(node) is self.old and _place(node) == self.place:
            return self.new
        return self.generic_visit(node)


def _place(node: ast.AST) -> tuple[object, ...]:
    return tuple(
        getattr(node, name, None) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")
    )
