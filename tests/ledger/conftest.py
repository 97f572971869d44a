"""What was built, once for all tests of the ledger, whichever worker plays them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portaudit.errors import NoCompiler
from portaudit.ledger.interposer import kept_interposer
from portaudit.libsystem import find_compiler
from tests.ledger.programs import Programs, build_programs
from tests.shared import once


@pytest.fixture(scope="package", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of these tests' own, for what `run --ledger` builds once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(once(tmp_path_factory, "ledger-cache", Path)))
        yield


@pytest.fixture(scope="package")
def programs(_cache: None, tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The interposer and programs that it watches; skipped where nothing can be compiled or preloaded."""
    if sys.platform != "linux":
        pytest.skip("LD_PRELOAD is Linux's; on a Mac the same file is inserted by dyld")
    try:
        find_compiler()
    except NoCompiler as error:
        pytest.skip(str(error))
    return once(tmp_path_factory, "ledger-programs", lambda folder: build_programs(folder, kept_interposer()))
