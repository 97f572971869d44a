"""Looking for the process of a host again and again: what is believed when."""

import pytest

from portaudit.collect import started_by
from portaudit.collect.started_by import (
    BY_MARK,
    BY_NAME,
    NAME_SECONDS,
    SEVERAL_SECONDS,
    Found,
    Search,
    SeveralFit,
)
from portaudit.model.snapshot import Process


@pytest.fixture
def table(monkeypatch):
    """A process table that answers what a test lets it, on a clock that a test moves."""
    answer: dict[str, object] = {}
    clock = {"now": 100.0}

    def find_started(_host, _name):
        if isinstance(answer["is"], Exception):
            raise answer["is"]
        return answer["is"]

    monkeypatch.setattr(started_by, "find_started", find_started)
    monkeypatch.setattr("time.monotonic", lambda: clock["now"])

    def tell(found, *, later=0.0):
        answer["is"] = found
        clock["now"] += later

    return tell


def several(*, passing):
    """Two processes of one name; `passing`: a fork explains it."""
    error = SeveralFit(1, "service", [])
    error.passing = passing
    return error


def test_one_that_only_its_name_tells_is_believed_after_a_while(table):
    """A descendant of the name may still come; until then it is kept for the end of the time."""
    found = Found(Process(7), BY_NAME, NAME_SECONDS)
    search = Search(1, "service")
    table(found)

    assert (search.look(), search.doubted) == (None, found)
    table(found, later=NAME_SECONDS)
    assert (search.look(), search.doubted) == (found, None)


def test_a_descendant_is_believed_at_once(table):
    """Nothing is to be waited for."""
    found = Found(Process(7))
    table(found)

    assert Search(1, "service").look() == found


def test_several_are_an_answer_only_if_it_stays_so(table):
    """What a fork explains is waited for as long as there is time; two siblings for a moment."""
    search = Search(1, "service")
    for passing in (True, False):
        table(several(passing=passing))
        assert search.look() is None
    table(several(passing=True), later=10 * SEVERAL_SECONDS)
    assert search.look() is None
    assert search.several is not None
    table(several(passing=False))
    with pytest.raises(SeveralFit, match="has started several called 'service'"):
        search.look()


def test_what_the_host_says_counts_unless_a_pid_is_looked_for(table, monkeypatch):
    """Its mark names the process, whatever it is called; a pid on the command line is the user's word."""
    monkeypatch.setattr(started_by, "_family", lambda _host, _name: (0.0, []))
    monkeypatch.setattr(started_by, "identify", Process)
    table(Found(Process(7)))

    assert Search(1, "service").look(told=8) == Found(Process(8), BY_MARK)
    assert Search(1, "7").look(told=8) == Found(Process(7))
