"""A file's functions are read when they are asked for, and once."""

import tracemalloc
from types import SimpleNamespace
from typing import Any

import pytest

from portaudit.lint.program import Span
from portaudit.lint.reading.unit import Found, Unit
from portaudit.lint.source import check_source


def test_a_function_that_nests_too_deeply_is_tried_once():
    """Each look at it would cost what the first one did; it is noted once, too."""
    tried = []

    def read(_node, name, _nested):
        tried.append(name)
        raise RecursionError

    node: Any = SimpleNamespace(start_byte=0, end_byte=9)
    unit = Unit({Span(0, 9): Found("deep", node, read)})

    assert (unit.named("deep"), unit.named("deep")) == (None, None)
    assert (tried, unit.too_deep) == (["deep"], [Span(0, 9)])


class Offset(int):
    """A place in a source that counts how often it is compared."""

    compared = 0

    def __lt__(self, other):
        Offset.compared += 1
        return int(self) < other

    def __ge__(self, other):
        Offset.compared += 1
        return int(self) >= other


def test_a_function_more_costs_no_more_than_the_one_before():
    """Each is held against a few of the places that are asked for, not against all: 1500 took 19 seconds."""

    def read(_node, _name, _nested):
        return None

    nodes: list[Any] = [
        SimpleNamespace(start_byte=at * 10, end_byte=at * 10 + 9, has_error=False) for at in range(1000)
    ]
    unit = Unit({Span(node.start_byte, node.end_byte): Found("f", node, read) for node in nodes})
    places = [Offset(at * 10 + 5) for at in range(0, 1000, 2)]

    assert len(unit.around(places)) == 500
    assert Offset.compared < 1000 * 25


@pytest.mark.whole
def test_thousands_of_rights_in_one_function_cost_no_gigabyte():
    """Each state of each path knows of all of them: beyond a million facts nothing is said of its paths."""
    ports = "".join(f"mach_port_t p{at} = mach_host_self();" for at in range(2000))
    tracemalloc.start()
    checked = check_source("many.c", f"void f(void) {{ {ports} }}\n".encode())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [note.text for note in checked.notes] == [
        "the function in line 1 has more paths than can be followed: nothing is said of its paths"
    ]
    assert most < 300 << 20
