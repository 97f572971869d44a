"""The kinds of Mach."""

from portaudit.gnumach.kernel import ServedGnuMach
from portaudit.model.way import STAND_INS
from portaudit.simulator.kernel import ServedSimulator


def test_each_stand_in_says_its_kind():
    """A stand-in kernel calls itself what --kernel calls it."""
    assert (ServedSimulator.kind, ServedGnuMach.kind) == STAND_INS
