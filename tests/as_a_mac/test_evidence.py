"""What a volunteer's Mac answers to the claims that need no compiler, played on the stage."""

import json
import sys

import pytest

from tests.as_a_mac.stage import a_mac

pytestmark = pytest.mark.whole

COLLECT = """
import json, sys
from pathlib import Path
from portaudit.evidence.collect import CLAIMS, collect
from portaudit.evidence.scene import Scene
wanted = set(json.loads(sys.argv[1]))
work = Path("work")
work.mkdir()
scene = Scene(work.resolve(), sudo=sys.argv[2] == "sudo")
path, evidence = collect(Path(), scene, lambda _: None, [one for one in CLAIMS if one.id in wanted])
print(json.dumps({one.id: [one.answer, one.seen] for one in evidence.tried}))
print(json.dumps(evidence.machine))
"""
OWN = ("symbols", "own-space", "object-ids", "kinds", "footprint")
PYTHON = ("door/python/user", "door/python/root")
DEMO = tuple(f"demo/leak/{door}" for door in ("user", "lsmp", "root"))


def collected(mac, *claims, sudo="sudo"):
    """Try some claims there; gives the answers and the facts."""
    ended = mac.run(sys.executable, "-c", COLLECT, json.dumps(claims), sudo)
    assert ended.status == 0, ended.err
    return map(json.loads, ended.out.splitlines())


@pytest.mark.parametrize(("macos", "number"), [(13, 0), (26, 0xFFFFFFFF)])
def test_each_macos_answers(macos, number):
    """Its own kernel's number of a plain port, doors that nobody opens, and the demo by each door."""
    with a_mac(macos) as mac:
        tried, machine = collected(mac, *OWN, "plain-port", *PYTHON, *DEMO)

    answers = {name: answer for name, (answer, _) in tried.items()}
    assert answers == dict.fromkeys((*OWN, "plain-port", *DEMO), "yes") | dict.fromkeys(PYTHON, "no")
    assert tried["plain-port"][1] == f"mach_port_kobject says {number} (0x{number:x}); read as 0"
    assert "Operation not permitted (EPERM)" in tried["door/python/root"][1]
    assert machine["kernel"] == "xnu"
    assert machine["macOS"].startswith(f"{macos}.")


def test_without_sudo_root_s_claims_are_not_tried():
    """They are not answered for a user either."""
    with a_mac(15) as mac:
        tried, _ = collected(mac, *PYTHON, *DEMO, sudo="no")

    assert {name: answer for name, (answer, _) in tried.items()} == {
        "door/python/user": "no",
        "door/python/root": "not tried",
        "demo/leak/user": "yes",
        "demo/leak/lsmp": "not tried",
        "demo/leak/root": "not tried",
    }
    assert tried["demo/leak/lsmp"][1] == "root was not asked: give --sudo, after `sudo -v`"
