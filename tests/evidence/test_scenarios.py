"""The claims about XPC, on a stand-in of its five calls: each of them, as a Mac would answer it."""

import pytest

from portaudit.evidence.claim import Seen
from portaudit.evidence.scenarios import CLAIMS
from portaudit.evidence.scene import Done, NotTriedError, Scene
from tests.demo.xpc.conftest import kernel, launchd, library, program

__all__ = ["kernel", "launchd", "library", "program"]

pytestmark = pytest.mark.whole

BY_XPC = {claim.id: claim for claim in CLAIMS if claim.id.startswith("xpc/")}


@pytest.fixture
def holds(program, monkeypatch):
    """A Mac whose program is built already, and whether its XPC holds what is set."""
    monkeypatch.setattr("portaudit.evidence.scenarios.check_machine", lambda: None)
    monkeypatch.setattr("portaudit.evidence.scenarios.build", lambda _folder: program)
    return program.with_name("set_holds").read_text() == "1"


@pytest.mark.usefixtures("launchd")
def test_the_transfer_by_xpc_is_answered(scene, holds):
    """Clean is balanced and leak is found, in one process and over two; whether set holds is as it is."""
    seen = {name: claim.attempt(scene) for name, claim in BY_XPC.items()}

    assert {name: one.holds for name, one in seen.items()} == {
        "xpc/clean/one": True,
        "xpc/leak/one": True,
        "xpc/clean/two": True,
        "xpc/leak/two": True,
        "xpc/set-holds": holds,
    }
    assert seen["xpc/set-holds"].words == f"set {int(holds):+}, on receipt +1, copy +1"


def test_without_xpc_nothing_is_claimed(scene, monkeypatch):
    """Linux answers none of it."""
    monkeypatch.setattr("sys.platform", "linux")
    for claim in BY_XPC.values():
        with pytest.raises(NotTriedError, match="this is no Mac"):
            claim.attempt(scene)


@pytest.mark.parametrize(
    ("status", "err", "seen"),
    [
        (0, "", Seen(holds=True, words="BALANCED  all came back")),
        (1, "", Seen(holds=False, words="BALANCED  all came back")),
        (3, "not the verdict that was planted: leak", Seen(holds=False, words="BALANCED  all came back")),
        (70, "this is a defect", Seen(holds=False, words="BALANCED  all came back")),
        (3, "The kernel here is a Mac's.\nroot may not read it", "root may not read it"),
        (2, "it cannot be played there", "it cannot be played there"),
    ],
)
def test_a_demo_that_was_not_played_is_no_verdict(scene, monkeypatch, status, err, seen):
    """What could not be played is not tried; another verdict than the planted one is a no."""
    said = Done(status, "leak: summary\n\nBALANCED  all came back\n", err)
    monkeypatch.setattr(Scene, "portaudit", lambda _scene, *_words, **_as: said)
    (claim,) = (claim for claim in CLAIMS if claim.id == "demo/leak/user")

    if isinstance(seen, str):
        with pytest.raises(NotTriedError, match=seen):
            claim.attempt(scene)
    else:
        assert claim.attempt(scene) == seen
