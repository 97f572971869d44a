"""A pair that many audits may be made of, one after the other."""

import pytest

from tests.staged import staged


@pytest.fixture(scope="module")
def clean():
    """A pair that gives back whatever it gets: an audit finds it as the one before did, and ends neither."""
    with staged("clean") as stage:
        yield stage
