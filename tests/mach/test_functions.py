"""The kernel's functions as a type checker sees them: the table of prototypes in Python's words."""

import ast
import ctypes
import re
import sys
from pathlib import Path
from subprocess import run
from typing import get_args

import pytest

import portaudit
from portaudit.mach.library import GivesTaskPort
from portaudit.mach.prototypes import OFFERED_ONLY, PROTOTYPES, Way

PACKAGE = Path(portaudit.__file__).parent
DECLARED = PACKAGE / "mach" / "functions.pyi"

WRONG = """\
import ctypes
from portaudit.mach import c_types as c
from portaudit.mach.library import out_of_line, task_port
from portaudit.mach.library import Mach

def wrong(mach: Mach, port: int) -> None:
    refs = c.mach_port_urefs_t()
    mach.mach_port_nmaes(port)
    mach.mach_port_deallocate(port)
    mach.mach_port_deallocate(port, port, port)
    mach.mach_port_get_refs(port, port, "send", ctypes.byref(refs))
    mach.mach_port_get_refs(port, port, 0, refs.value)
    with out_of_line(mach, c.mach_port_t) as (ports,):
        mach.mach_ports_lookup(port, ports.count, ports.pointer)
    with task_port(mach, "task_raed_for_pid", 1):
        pass

def right(mach: Mach, port: int) -> int:
    refs = c.mach_port_urefs_t()
    mach.mach_port_get_refs(port, port, 0, ctypes.byref(refs))
    with out_of_line(mach, c.mach_port_t) as (ports,):
        mach.mach_ports_lookup(port, ports.pointer, ports.count)
    with task_port(mach, "task_read_for_pid", 1) as task:
        return mach.mach_port_deallocate(mach.task_self, task)
"""


def python_type(argument, before):
    """Give the Python type of an argument; a count goes the way of the array before it."""
    if argument.way is Way.COUNT:
        return {Way.LENT: "Count", Way.SHOWN: "int", Way.WORDS: "Place"}[before.way]
    if argument.way is Way.GIVEN:
        return "bytes" if argument.c_type is ctypes.c_char_p else "int"
    return {Way.LENT: "Lent", Way.SHOWN: "Shown"}.get(argument.way, "Place")


def line_of(name, prototype):
    """Write a function of the table as a type checker reads it."""
    before = [None, *prototype.arguments]
    types = (python_type(*pair) for pair in zip(prototype.arguments, before, strict=False))
    given = [f"{argument.name}: {kind}" for argument, kind in zip(prototype.arguments, types, strict=True)]
    result = "bytes" if prototype.result is ctypes.c_char_p else "int"
    return f"def {name}({', '.join(['self', *given, *['/'] * bool(given)])}) -> {result}:\n    ..."


def test_each_function_of_the_table_is_declared_for_the_type_checker():
    """functions.pyi declares the functions of prototypes.py, in its order, argument by argument."""
    (declared,) = (node for node in ast.parse(DECLARED.read_text()).body if isinstance(node, ast.ClassDef))

    written = [ast.unparse(node) for node in declared.body]
    wanted = [line_of(name, prototype) for name, prototype in PROTOTYPES.items()]
    assert [line for line in wanted if line not in written] == [], "these are missing"
    assert written == wanted


@pytest.mark.whole
def test_a_wrong_call_is_a_type_error(tmp_path):
    """A misspelt function, a wrong number or kind of arguments fails mypy; right calls pass."""
    pytest.importorskip("mypy", reason="needs mypy: pip install '.[dev]'")
    (tmp_path / "wrong.py").write_text(WRONG)
    command = (sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--no-incremental")
    # In this process it would leave its own limits of recursion and of garbage to the tests that follow
    told = run([*command, tmp_path / "wrong.py"], capture_output=True, text=True, check=False).stdout

    errors = re.findall(r"wrong\.py:(\d+): error: .*\[([\w-]+)\]", told)
    assert [(WRONG.splitlines()[int(line) - 1].strip(), kind) for line, kind in errors] == [
        ("mach.mach_port_nmaes(port)", "attr-defined"),
        ("mach.mach_port_deallocate(port)", "call-arg"),
        ("mach.mach_port_deallocate(port, port, port)", "call-arg"),
        ('mach.mach_port_get_refs(port, port, "send", ctypes.byref(refs))', "arg-type"),
        ("mach.mach_port_get_refs(port, port, 0, refs.value)", "arg-type"),
        ("mach.mach_ports_lookup(port, ports.count, ports.pointer)", "arg-type"),
        ("mach.mach_ports_lookup(port, ports.count, ports.pointer)", "arg-type"),
        ('with task_port(mach, "task_raed_for_pid", 1):', "arg-type"),
    ]


def called_functions():
    """Name the functions of the table that the package calls: on a Mach, or by giving its name."""
    named = re.compile(rf"\b(?:{'|'.join(PROTOTYPES)})\b")
    sources = [text for path in PACKAGE.rglob("*.py") if named.search(text := path.read_text("utf-8"))]
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    on_mach = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    given = {word.value for call in calls for word in call.args if isinstance(word, ast.Constant)}
    return PROTOTYPES.keys() & (on_mach | (given & {*get_args(GivesTaskPort)}))


def test_the_table_says_which_functions_portaudit_calls():
    """All but those that are there for the stand-ins only are called somewhere, and none of these is."""
    uncalled = PROTOTYPES.keys() - called_functions()

    assert uncalled - OFFERED_ONLY == set(), "nothing calls these: name them in OFFERED_ONLY"
    assert OFFERED_ONLY - uncalled == set(), "these are called: take them out of OFFERED_ONLY"
