"""A file's functions are read when they are asked for, and once."""

from types import SimpleNamespace
from typing import Any

from portaudit.lint.program import Span
from portaudit.lint.reading.unit import Found, Unit


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
