"""U8: a service port that is looked up again and again."""

import pytest

from tests.analysis.causes.rows import SEMAPHORE, Told, recv, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 2, 1)], [send(0x403, 2, 1)]),
    "the references fell": ([send(0x403, 3, 1)], [send(0x403, 2, 1)]),
    "there is a kernel object behind the port": ([], [send(0x403, 1, 1, SEMAPHORE)]),
    "the task receives from the port itself": ([recv(0x403, 1, sends=1)], [recv(0x403, 1, sends=2)]),
    "the kobject type is not known": ([], [send(0x403, 1, 1, None)]),
    "a receive right came with it, which is a connection": ([], [send(0x403, 1, 1), recv(0x503, 2)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U8 has nothing to say unless send rights to a port that somebody else receives from rose."""
    assert "U8" not in rules(before, after)


def test_speaks_of_a_receiver_that_lsmp_named():
    """Who receives is told where the reader saw it."""
    before, after = [send(0x403, 1, 1, peer="launchd")], [send(0x403, 4, 1, peer="launchd")]

    assert told(before, after) == [
        Told(
            "U8",
            "likely",
            "1 -> 4 references; the name existed before, so no port count shows it; the receiver is launchd",
            3,
        )
    ]


def test_speaks_of_both_numbers_of_a_message_queue():
    """Lsmp calls kobject type 16 a message queue, too."""
    assert rules([send(0x403, 1, 1, 16)], [send(0x403, 4, 1, 16)]) == ["U8"]


def test_speaks_of_a_receiver_among_the_compared_tasks():
    """Who receives is also told by the object id."""
    service = [recv(0x503, 1)]

    assert told([], [send(0x403, 2, 1)], host=(service, service)) == [
        Told("U8", "likely", "0 -> 2 references; the name is new; the receiver is host", 2)
    ]


def test_speaks_as_a_hint_of_an_unknown_receiver():
    """Where nobody is seen to receive, U8 is a hint."""
    assert told([], [send(0x403, 2, 1)]) == [
        Told("U8", "hint", "0 -> 2 references; the name is new; the receiver is not known", 2)
    ]


def test_cuts_a_long_name_of_the_receiver():
    """A name from the machine under audit takes no more of a sentence than it can bear."""
    (only,) = told([], [send(0x403, 2, 1, peer="x" * 500)])

    assert only.seen.endswith(f"the receiver is {'x' * 80}…")
