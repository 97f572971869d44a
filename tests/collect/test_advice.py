"""What opens a task port: advice for the target at hand, each with the report that it rests on."""

import pytest

from portaudit.collect.ways import Circumstances, advice
from portaudit.mach.system import CodeSigning

TARGETS = {
    "unknown": None,
    "apple": CodeSigning(get_task_allow=False, hardened=True, platform=True),
    "get-task-allow": CodeSigning(get_task_allow=True, hardened=False, platform=False),
    "hardened": CodeSigning(get_task_allow=False, hardened=True, platform=False),
    "adhoc": CodeSigning(get_task_allow=False, hardened=False, platform=False),
}


@pytest.mark.parametrize("target", TARGETS)
def test_root_is_not_told_to_become_root(target):
    """Whoever is root already hears of no sudo to be run, and nobody of SIP to be switched off."""
    root, user = (advice(Circumstances(who, TARGETS[target])) for who in (True, False))

    assert "sudo" not in root
    assert "--way lsmp --sudo" in user
    assert "SIP off" not in root + user
    assert ("print nothing of some programs (AirBattery#207)" in user) == (target != "apple")


@pytest.mark.parametrize(
    ("target", "first"),
    [
        ("apple", "let Apple's lsmp read it"),
        (
            "get-task-allow",
            "read it with a Python of your own that is signed with com.apple.security.cs.debug",
        ),
        ("hardened", "if it is yours, sign it with get-task-allow"),
        ("adhoc", "run this by sudo: root is reported to open such a program"),
    ],
)
def test_the_nearest_way_stands_first(target, first):
    """The advice begins with what fits this target, and ends with the probe, which needs no permission."""
    said = advice(Circumstances(root=False, signing=TARGETS[target])).partition(": ")[2]

    assert said.startswith(first)
    assert said.endswith("needs no permission")
