"""One browser for all pages that a worker opens: to start it takes as long as to open twenty pages."""

import pytest

from tests.render.browser import as_started, chromium


@pytest.fixture(scope="package")
def started_browser():
    """Start it, or skip the test."""
    with chromium() as started:
        yield started


@pytest.fixture
def browser(started_browser):
    """Give the browser as it was when it had started, whatever the test before has asked of it."""
    as_started(started_browser)
    return started_browser
