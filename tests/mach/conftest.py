"""What the tests of kernels behind sockets share."""

import pytest


@pytest.fixture
def socket_path(tmp_path_factory):
    """A path short enough for a socket."""
    return tmp_path_factory.mktemp("k") / "kernel"
