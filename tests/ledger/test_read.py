"""Reading a ledger: whatever its bytes are, what is said of it is true or it is refused in a sentence."""

import os
import random
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.errors import LedgerFileError
from portaudit.ledger import layout
from portaudit.ledger.images import images_at, read_image_file
from portaudit.ledger.read import _notes, read_ledger
from portaudit.ledger.stacks import Stacks
from tests.ledger.written import EventBytes, image_at, parse_ledger, unresolved, written

PLAIN = written(
    [
        EventBytes(name=0x103, change=1, function=1, stack=(0x1010, 0x1020)),
        EventBytes(name=0x103, change=-1, function=2, stack=(0x2010,)),
        EventBytes(name=0x203, change=-1, function=2, state=layout.State.BEGUN),
    ],
    functions={1: "mach_host_self", 2: "mach_port_deallocate"},
    images=[(0, 0x1000, 0x100, "app"), (0, 0x2000, 0x100, "lib")],
)


def test_what_was_written_is_read():
    """Events in order with the function's own name, stacks, images, and who wrote it when."""
    ledger = parse_ledger(PLAIN, "l")

    assert [(e.function, e.name, e.change, e.done, e.begun_only) for e in ledger.events] == [
        ("mach_host_self", 0x103, 1, True, False),
        ("mach_port_deallocate", 0x103, -1, True, False),
        ("mach_port_deallocate", 0x203, -1, False, True),
    ]
    assert [ledger.stacks[e.stack] for e in ledger.events] == [(0x1010, 0x1020), (0x2010,), ()]
    assert (ledger.pid, ledger.recorder, ledger.architecture) == (4242, "interposer", "arm64")
    assert (ledger.started, ledger.ended, ledger.events[1].when) == (1000.0, None, 1000.001)
    assert [image.path for image in ledger.images] == ["app", "lib"]


def test_a_writer_of_the_other_byte_order_is_read_alike():
    """Every number is in the order that the header shows."""
    other = written([EventBytes(name=0x103, stack=(1, 2))], functions={1: "f"}, order=">")
    ledger = parse_ledger(other)

    assert (ledger.events[0].name, ledger.events[0].function) == (0x103, "f")
    assert ledger.stacks[ledger.events[0].stack] == (1, 2)


def test_a_writer_with_larger_parts_is_read_alike():
    """Sizes stand in the header: more stack, or fields unknown to this version, need no new one."""
    larger = written([EventBytes(name=0x103, stack=tuple(range(1, 31)))], depth=40, header_size=192)
    ledger = parse_ledger(larger)

    assert ledger.stacks[ledger.events[0].stack] == tuple(range(1, 31))


def test_a_place_that_was_taken_and_not_written_is_no_event():
    """The process was killed between taking it and writing to it."""
    empty = EventBytes(state=layout.State.EMPTY)
    ledger = parse_ledger(written([EventBytes(name=1), empty, EventBytes(name=3)]))

    assert [(event.sequence, event.name) for event in ledger.events] == [(0, 1), (2, 3)]


def test_places_beyond_the_capacity_are_counted():
    """A full ledger knows how much it lacks."""
    ledger = parse_ledger(written([EventBytes(), EventBytes()], head=7, capacity=2))

    assert (len(ledger.events), ledger.taken, ledger.dropped) == (2, 7, 5)


@pytest.mark.parametrize("size", [layout.HEADER_SIZE, len(PLAIN) - 1, len(PLAIN) - layout.EVENT_SIZE - 160])
def test_a_ledger_that_was_cut_off_has_the_events_before_the_cut(size):
    """What is whole is read; half an event is none."""
    whole = parse_ledger(PLAIN).events

    cut = parse_ledger(PLAIN[:size]).events

    assert list(cut) == list(whole)[: len(cut)]
    assert len(cut) < len(whole)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "l is no ledger: it has 0 bytes, fewer than a header"),
        (b"\x7fELF" + bytes(200), "l is no ledger: it does not begin with PALEDGR1"),
        (PLAIN[:8] + b"\1\1\1\1" + PLAIN[12:], "l is damaged: its byte order is unknown"),
        (
            PLAIN[:12] + struct.pack("<I", 9) + PLAIN[16:],
            "l is a ledger of version 9; this portaudit reads version 1",
        ),
        (
            PLAIN[:20] + struct.pack("<I", 7) + PLAIN[24:],
            "l is damaged: a header of 128 and events of 7 bytes",
        ),
    ],
)
def test_what_is_no_ledger_is_refused_in_a_sentence(data, sentence):
    """It names the file and what is wrong."""
    with pytest.raises(LedgerFileError) as refused:
        parse_ledger(data, "l")

    assert (str(refused.value), refused.value.exit_status) == (sentence, 4)


def test_a_file_that_is_not_there_is_refused_in_a_sentence(tmp_path):
    """The system's reason stands in it."""
    with pytest.raises(LedgerFileError, match="cannot be read: No such file or directory"):
        read_ledger(tmp_path / "nothing")


@given(st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), max_size=12))
def test_a_forged_ledger_is_read_or_refused(changes):
    """Whatever bytes are changed: no crash, no endless loop, and every stack that is named is there."""
    data = bytearray(PLAIN)
    for at, value in changes:
        data[at] = value
    try:
        ledger = parse_ledger(bytes(data))
    except LedgerFileError:
        return
    for event in ledger.events:
        for address in ledger.stacks[event.stack]:
            image_at(ledger, address, event.sequence)


def test_random_bytes_behind_a_good_header_are_read_or_refused():
    """Sizes and counts beyond all measure cost neither memory nor time."""
    chance = random.Random(4)  # noqa: S311  bytes
    for _ in range(2000):
        data = PLAIN[:16] + chance.randbytes(chance.randrange(112, 4000))
        try:
            parse_ledger(data)
        except LedgerFileError:
            continue


def test_an_image_ends_where_another_one_comes_to_lie():
    """Without a note of unloading, too: an address belongs to what lay there at that time."""
    new = (0x1800, 0x1000, "new")
    ledger = parse_ledger(written([], images=[(0, 0x1000, 0x1000, "old"), (5, *new), (9, *new)]))

    at = [image_at(ledger, 0x1900, sequence) for sequence in (4, 5, 99)]
    assert [image.path for image in at if image] == ["old", "new", "new"]
    assert image_at(ledger, 0x1000, 99) is None


def test_as_many_images_as_a_ledger_holds_cost_no_more_each():
    """The time grows with the images and the addresses, not with both: a MiB of notes was half a minute."""
    images = [(0, 0x1000 * at, 0x1000, f"/{at}") for at in range(8000)]
    stacks = [EventBytes(stack=tuple(range(at * 0x4000, at * 0x4000 + 19))) for at in range(1, 1001)]
    began = time.process_time()
    ledger = parse_ledger(written(stacks, images=images))
    places = Stacks(ledger).resolved(range(1, 1001), unresolved)

    assert places[1000][1].image == "/4000"
    assert time.process_time() - began < 3


def test_the_images_of_every_moment_are_those_that_lay_there_then():
    """Against a plain look through all of them, for loads, unloads and what comes to lie over others."""
    chance = random.Random(5)  # noqa: S311  images
    for _ in range(200):
        length = chance.choice((1, 2, 3))
        images = [
            (at, chance.randrange(8) << 12, length << 12, chance.choice("abc"))
            for at in range(chance.randrange(12))
        ]
        ledger = parse_ledger(written([], images=images))
        asked = [(chance.randrange(12 << 12), chance.randrange(12)) for _ in range(30)]
        plain = {
            one: held for one in asked if (held := next((i for i in ledger.images if i.holds(*one)), None))
        }
        assert images_at(ledger.images, asked) == plain


def test_a_call_that_gives_more_than_any_name_has_is_refused():
    """Each reference that is open is remembered: two thousand million of one event would fill the memory."""
    with pytest.raises(LedgerFileError, match=r"^l is damaged: no calls give so many references$"):
        parse_ledger(written([EventBytes(change=(1 << 31) - 1)]), "l")


@pytest.mark.parametrize("place", ["l", "/image"])
def test_a_pipe_is_not_waited_for(tmp_path, place):
    """Neither in the place of a ledger, nor where a ledger says that an image lies."""
    os.mkfifo(tmp_path / "pipe")
    if place == "l":
        with pytest.raises(LedgerFileError, match=r"pipe is no ledger: it is no regular file$"):
            read_ledger(tmp_path / "pipe")
    else:
        assert read_image_file(str(tmp_path / "pipe")) == []


def test_a_ledger_without_end_is_not_looked_through(tmp_path, monkeypatch):
    """A sparse file has any size and costs its maker nothing; no recorder makes room for so many events."""
    path = tmp_path / "l"
    path.write_bytes(written([EventBytes()], head=1 << 62, capacity=1 << 62))
    os.truncate(path, 1 << 36)
    monkeypatch.setattr("portaudit.ledger.read.EVENTS_MAX", 1 << 24)
    began = time.process_time()

    assert len(read_ledger(path).events) == 1
    assert time.process_time() - began < 3


def test_a_ledger_that_is_cut_off_meanwhile_is_read_as_far_as_it_goes(tmp_path, monkeypatch):
    """Whoever is recorded may cut the file: a map of it would kill the reader by SIGBUS."""
    path = tmp_path / "l"
    path.write_bytes(written([EventBytes()] * 20_000))

    monkeypatch.setattr("portaudit.ledger.read._notes", cutting(path, _notes))
    assert len(read_ledger(path).events) < 20_000


def cutting(path, notes):
    """Cut the file off once its notes are read."""

    def read(source):
        found = list(notes(source))
        os.truncate(path, 4096)
        return found

    return read
