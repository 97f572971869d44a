"""How often Python looks for garbage in what tests make."""

import gc

from portaudit.__main__ import COLLECT_EVERY


def test_garbage_is_looked_for_as_seldom_as_portaudit_does():
    """With Python's own threshold a fifth of the time goes there."""
    assert gc.isenabled()
    assert gc.get_threshold()[0] == COLLECT_EVERY
