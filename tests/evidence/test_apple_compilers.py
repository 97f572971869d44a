"""The programs that a volunteer's compiler builds: they compile and link without a warning for both Macs."""

import pytest

from portaudit.evidence.cast import PROGRAMS, STRICT
from portaudit.probe import header_path
from tests.headers.conftest import sdk
from tests.headers.sdk import TARGETS

__all__ = ["sdk"]

pytestmark = pytest.mark.whole

SOURCES = sorted(PROGRAMS.glob("*.c"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
@pytest.mark.parametrize("architecture", TARGETS)
def test_a_program_compiles_and_links_strictly(sdk, architecture, source):
    """With more warnings than it is built with there."""
    options = (*STRICT, "-Wconversion", "-Wshadow", f"-I{header_path().parent}")

    assert sdk.complaints(source, architecture, *options) == []
    assert sdk.link(source, architecture, *options) == []
    assert {path.stem for path in SOURCES} == {"target", "guard"}
