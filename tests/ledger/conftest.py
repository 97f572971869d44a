"""What was built, once for all tests of the ledger."""

import sys

import pytest

from portaudit.errors import NoCompiler
from portaudit.libsystem.build import find_compiler
from tests.ledger.programs import Programs, build_programs


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The interposer and programs that it watches; skipped where nothing can be compiled or preloaded."""
    if sys.platform != "linux":
        pytest.skip("LD_PRELOAD is Linux's; on a Mac the same file is inserted by dyld")
    try:
        find_compiler()
    except NoCompiler as error:
        pytest.skip(str(error))
    return build_programs(tmp_path_factory.mktemp("ledger"))
