"""transfer.c compiles without a warning and links against Apple's SDK, for both kinds of Mac."""

import pytest

from portaudit.demo.xpc.launched import SOURCE, STRICT
from portaudit.probe import header_path
from tests.headers.sdk import TARGETS

pytestmark = pytest.mark.whole

OPTIONS = (*STRICT, "-Wconversion", "-Wshadow", f"-I{header_path().parent}")


@pytest.mark.parametrize("architecture", TARGETS)
def test_it_compiles_and_links_strictly(sdk, architecture):
    """Not one warning under more options than a Mac builds it with, and every symbol is libSystem's."""
    assert sdk.complaints(SOURCE, architecture, *OPTIONS) == []
    assert sdk.link(SOURCE, architecture, *OPTIONS) == []


def test_a_call_that_xpc_does_not_have_would_be_seen(sdk, tmp_path):
    """The same link names a symbol that is not there."""
    source = tmp_path / "transfer.c"
    text = SOURCE.read_text().replace("xpc_dictionary_create_reply(", "xpc_dictionary_make_reply(")
    source.write_text(f"#include <xpc/xpc.h>\nxpc_object_t xpc_dictionary_make_reply(xpc_object_t);\n{text}")

    said = sdk.link(source, "arm64", "-std=c99", f"-I{header_path().parent}", f"-I{SOURCE.parent}")
    assert said == ["undefined symbol: _xpc_dictionary_make_reply"]
