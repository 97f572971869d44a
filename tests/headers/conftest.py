"""The SDK, found once for all tests of the headers."""

import pytest

from tests.headers.sdk import Sdk, find_sdk


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    """Apple's SDK, or a skipped test."""
    return find_sdk(tmp_path_factory.mktemp("zig"))
