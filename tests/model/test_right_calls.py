"""The table of functions that give, take or pass on rights."""

import pytest

from portaudit.model.right_calls import RIGHT_CALLS, Library, Place
from tests.headers.sdk import find_sdk

BY_NAME = {call.name: call for call in RIGHT_CALLS}


def test_a_prototype_is_taken_apart():
    """Name, result and arguments come out of the C declaration, whatever stars and brackets it has."""
    call = BY_NAME["bootstrap_look_up"]

    assert (call.name, call.result, call.arguments) == (
        "bootstrap_look_up",
        "kern_return_t",
        ("bp", "service_name", "sp"),
    )
    assert (BY_NAME["mach_host_self"].arguments, call.position("sp")) == ((), 2)


def test_every_function_stands_once_in_the_table():
    """No function is told twice, perhaps differently."""
    assert len(BY_NAME) == len(RIGHT_CALLS)


def test_every_effect_speaks_of_arguments_that_are_there():
    """Whatever an effect names is an argument of its function, and only a result needs none."""
    for call, effect in ((one, effect) for one in RIGHT_CALLS for effect in one.effects):
        values = (effect.change, effect.right)
        spoken_of = [getattr(value, "argument", None) for value in values]
        spoken_of += [effect.argument, effect.count, effect.own_space, effect.flags_in]

        assert {name for name in spoken_of if name} <= set(call.arguments), call
        assert bool(effect.argument) == (effect.place is not Place.RESULT), call
        assert bool(effect.count) == (effect.place in {Place.LENT, Place.FILLED}), call


def test_every_fact_says_where_it_is_from():
    """A function has the header that declares it, or another source."""
    assert [call.name for call in RIGHT_CALLS if not call.header and not call.source] == []


@pytest.mark.parametrize("slices", [("arm64", "arm64e"), ("x86_64",)], ids="/".join)
def test_every_function_of_libsystem_is_exported_by_it(slices, tmp_path):
    """Apple's list of libSystem's symbols has each function that the table says it has.

    For Apple silicon it lists some of them for arm64e alone: one library holds the code of both.
    """
    sdk = find_sdk(tmp_path, tmp_path)
    exported = frozenset().union(*(sdk.exported_symbols(architecture) for architecture in slices))
    ours = {call.name for call in RIGHT_CALLS if call.library is Library.SYSTEM}

    assert ours - exported == set()
