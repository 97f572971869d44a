"""A print that was cut off at any line says which of its tasks lack rows."""

import pytest

from portaudit.collect.lsmp import read_lsmp
from tests.collect.lsmp.prints import SPEAKING, bytes_of
from tests.cuts import cut_texts, read_cut, unsaid


@pytest.mark.parametrize("form", ["txt", "json"])
@pytest.mark.parametrize("name", SPEAKING)
def test_a_task_that_lost_rows_says_so(name, form):
    """Wherever the print ends, a task that is there without a row of its own has a gap."""
    data = bytes_of(name, form)
    whole = read_lsmp(data)
    cuts = [cut for text in cut_texts(data, form) if (cut := read_cut(text)) is not None]

    assert [unsaid(whole, cut) for cut in cuts] == [set()] * len(cuts)
