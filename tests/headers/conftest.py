"""The SDK, found once for all tests of the headers."""

import pytest

from tests.headers.sdk import Sdk, find_sdk


@pytest.fixture(scope="session")
def sdk(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    """Apple's SDK, or a skipped test; what its linker had to build stays in pytest's cache."""
    cache: pytest.Cache | None = getattr(pytestconfig, "cache", None)
    folder = tmp_path_factory.mktemp("sdk")
    return find_sdk(cache.mkdir("zig") if cache else folder, folder)
