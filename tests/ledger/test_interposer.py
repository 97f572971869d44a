"""The interposer: what it writes is true, however the process lives and ends."""

import random
import resource
import signal
import subprocess
from contextlib import contextmanager

import pytest

from portaudit.ledger.read import read_ledger
from tests.ledger.programs import below_zero, kill_after, sums
from tests.ledger.written import image_at

pytestmark = pytest.mark.whole

LIBRARY = """
#include <mach/mach.h>
void take(void);
__attribute__((noinline)) void take(void) { volatile mach_port_t host = mach_host_self(); (void)host; }
"""

FULL_DISK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/types.h>
static long left = ROOM;
ssize_t pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    ssize_t (*real)(int, const void *, size_t, off_t);
    *(void **)&real = dlsym(RTLD_NEXT, "pwrite");
    if ((left -= (long)size) >= 0)
        return real(fd, data, size, at);
    errno = ENOSPC;
    return -1;
}
"""

SIGNAL_AT_NEW_ROOM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <sys/types.h>
static int raised;
ssize_t pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    ssize_t (*real)(int, const void *, size_t, off_t);
    *(void **)&real = dlsym(RTLD_NEXT, "pwrite");
    if (at > 128 + (1 << 20) + 8192 * 192 && !raised++)
        (void)raise(SIGUSR1);
    return real(fd, data, size, at);
}
"""
"""A signal while the second chunk of events gets its room."""


def test_a_million_events_from_eight_threads_add_up_to_what_the_kernel_counts(programs, tmp_path):
    """Names are reused all the time, and yet no sum differs, and none is below zero on the way there."""
    ran = programs.run("stress", 8, 120_000, ledger=tmp_path / "l")
    ledger = read_ledger(tmp_path / "l")

    assert len(ledger.events) > 1_000_000
    assert (ledger.dropped, ledger.recorder) == (0, "interposer")
    assert len({event.thread for event in ledger.events}) == 9
    assert sums(ledger) == ran.rows
    assert below_zero(ledger) == []


def test_every_event_has_the_stack_that_made_it(programs, tmp_path):
    """The first frame of each lies in the program, and the main thread's own call comes from main."""
    programs.run("stress", 2, 500, ledger=tmp_path / "l")
    ledger = read_ledger(tmp_path / "l")
    images = {image_at(ledger, ledger.stacks[event.stack][0], event.sequence) for event in ledger.events}

    assert [image.path for image in images if image] == [str(programs.program("stress"))]
    assert {len(image.id) for image in images if image} == {40}


def test_a_call_within_a_recorded_call_counts_once(programs, tmp_path):
    """xpc_dictionary_copy_mach_send calls mach_port_mod_refs: one event, under the outer name."""
    programs.run("stress", 1, 2000, ledger=tmp_path / "l")
    changes = {(e.function, e.change) for e in read_ledger(tmp_path / "l").events}

    assert ("xpc_dictionary_copy_mach_send", 1) in changes
    assert ("mach_port_mod_refs", 1) not in changes


def test_an_array_of_rights_is_one_event_each_of_one_call(programs, tmp_path):
    """task_threads gives two rights: both events name the first as their call."""
    programs.run("stress", 1, 2000, ledger=tmp_path / "l")
    arrays = [e for e in read_ledger(tmp_path / "l").events if e.function == "task_threads"]

    assert [e.call for e in arrays[:4]] == [arrays[0].sequence] * 2 + [arrays[2].sequence] * 2


def test_a_release_that_kills_is_the_last_thing_in_the_file(programs, tmp_path):
    """The kernel kills the process in mach_port_deallocate: the event was begun, and has its stack."""
    ran = programs.run("stress", 2, 1000, "crash", ledger=tmp_path / "l")
    ledger = read_ledger(tmp_path / "l")
    last = ledger.events[-1]

    assert (ran.status, ledger.ended) == (-signal.SIGKILL, None)
    assert (last.function, last.name, last.change, last.begun_only) == (
        "mach_port_deallocate",
        0x7FFF03,
        -1,
        True,
    )
    assert ledger.stacks[last.stack] != ()
    assert sums(ledger) == ran.rows


def test_a_kill_at_any_moment_leaves_a_true_ledger(programs, tmp_path):
    """Each of four threads may be within one call; all else is there, and no name is below zero."""
    chance = random.Random(17)  # noqa: S311  moments
    for at in range(12):
        ledger = kill_after(programs, chance.uniform(0, 0.03), tmp_path / f"l{at}", 4, 0, "spin")

        assert below_zero(ledger) == []
        assert sum(event.begun_only for event in ledger.events) <= 4


def test_a_forked_child_has_a_ledger_of_its_own(programs, tmp_path):
    """Its hundred rights are in its file, and none of them in its parent's."""
    ran = programs.run("stress", 4, 6000, "fork", ledger=tmp_path / "l.%p")
    ledgers = sorted((read_ledger(path) for path in tmp_path.iterdir()), key=lambda ledger: ledger.taken)

    assert [ledger.taken for ledger in ledgers[:1]] == [100]
    assert len(ledgers) == len({ledger.pid for ledger in ledgers}) == 2
    assert sums(ledgers[1]) == {name: count for name, count in ran.rows.items() if name in sums(ledgers[1])}


def test_a_cancelled_thread_does_not_stop_the_others(programs, tmp_path):
    """Writing a file is where pthread_cancel takes effect, a Mach call is not: recording adds none."""
    ran = programs.run("stress", 0, 20_000, "cancel", ledger=tmp_path / "l")
    ledger = read_ledger(tmp_path / "l")

    assert len(ledger.events) > 2 * 8192
    assert sums(ledger) == ran.rows


def test_a_handler_on_a_higher_stack_does_not_wait_for_its_own_thread(programs, tmp_path):
    """A signal comes while room is taken for events, and its handler asks for a right: no hang, no event."""
    library = programs.library("signal", SIGNAL_AT_NEW_ROOM)
    ran = programs.run("stress", 0, 20_000, "handle", ledger=tmp_path / "l", extra=str(library))
    ledger = read_ledger(tmp_path / "l")

    assert len(ledger.events) == ledger.taken > 2 * 8192
    assert sum(ran.rows.values()) == sum(sums(ledger).values()) + 1


@pytest.mark.parametrize("kilobytes", [1000, 2000])
def test_a_limit_on_the_size_of_files_ends_the_ledger_and_not_the_process(programs, tmp_path, kilobytes):
    """A write beyond `ulimit -f` is SIGXFSZ, which kills: there is no ledger, and the reason is told."""
    with limited_to(kilobytes * 1000):
        ran = programs.run("stress", 0, 0, ledger=tmp_path / "l")

    assert (ran.status, list(tmp_path.iterdir())) == (0, [])
    assert ran.err == f"portaudit_ledger: cannot write {tmp_path}/l: File too large\n"


@contextmanager
def limited_to(size):
    """Let no file become larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_ledger_that_is_there_is_never_overwritten(programs, tmp_path):
    """Exec keeps the pid: the second program writes beside the first one's file."""
    ran = programs.run("stress", 1, 100, "exec", ledger=tmp_path / "l.%p")
    first, second = sorted(tmp_path.iterdir())
    ledgers = [read_ledger(first), read_ledger(second)]

    assert second.name == f"{first.name}.1"
    assert ledgers[0].pid == ledgers[1].pid
    assert sums(ledgers[1]) == ran.rows


def test_a_longjmp_out_of_a_call_does_not_silence_the_thread(programs, tmp_path):
    """What is called after it is recorded, though the call was never left."""
    programs.run("stress", 0, 0, "jump", ledger=tmp_path / "jumped")
    programs.run("stress", 0, 0, "bench", ledger=tmp_path / "plain")

    assert [event.function for event in read_ledger(tmp_path / "jumped").events] == ["mach_thread_self"]
    ran = programs.run("stress", 1, 0, "jump", ledger=tmp_path / "l")
    assert ran.status == 0


def test_a_signal_handler_within_a_call_counts_as_called_by_it(programs, tmp_path):
    """Its own calls are not recorded, what comes after is; and no call changes errno: the program looks."""
    ran = programs.run("stress", 0, 0, "signal", ledger=tmp_path / "l")

    assert ran.status == 0
    assert [event.function for event in read_ledger(tmp_path / "l").events] == [
        *("mach_thread_self", "task_for_pid", "mach_port_deallocate", "mach_thread_self")
    ]


def test_a_full_ledger_keeps_the_first_events_and_counts_the_rest(programs, tmp_path):
    """Acquisitions are what is asked for: the oldest stay, and the reader knows that some are missing."""
    programs.run("stress", 4, 5000, ledger=tmp_path / "l", events=10_000)
    ledger = read_ledger(tmp_path / "l")

    assert len(ledger.events) == 10_000
    assert ledger.dropped == ledger.taken - 10_000 > 0


@pytest.mark.parametrize("room", [2_000_000, 4_000_000])
def test_a_full_disk_ends_the_ledger_and_not_the_process(programs, tmp_path, room):
    """The program ends well, what was written is true, and the rest is counted as missing."""
    full = programs.library(f"full{room}", FULL_DISK.replace("ROOM", str(room)))
    ran = programs.run("stress", 4, 20_000, ledger=tmp_path / "l", extra=str(full))
    ledger = read_ledger(tmp_path / "l")

    assert ran.status == 0
    assert len(ledger.events) < room / 192
    assert ledger.dropped == ledger.taken - len(ledger.events) > 0
    assert below_zero(ledger) == []


def test_a_process_that_closes_every_descriptor_is_recorded_on(programs, tmp_path):
    """Daemons do that: room for more events is taken by the file's path, not by a descriptor."""
    ran = programs.run("stress", 2, 20_000, "close", ledger=tmp_path / "l")
    ledger = read_ledger(tmp_path / "l")

    assert len(ledger.events) == ledger.taken > 3 * 8192
    assert sums(ledger) == ran.rows


def test_what_is_loaded_late_is_known_by_its_name(programs, tmp_path):
    """Two libraries loaded after each other, perhaps to the same place: each event names its own."""
    libraries = [programs.library(f"late{at}", LIBRARY) for at in range(2)]
    programs.run("stress", 0, 0, "dlopen", *libraries, ledger=tmp_path / "l")
    ledger = read_ledger(tmp_path / "l")
    taken = [event for event in ledger.events if event.function == "mach_host_self"]
    images = [image_at(ledger, ledger.stacks[event.stack][0], event.sequence) for event in taken]

    assert [image.path for image in images if image] == list(map(str, libraries))


@pytest.mark.parametrize("where", ["missing/l", "x" * 300])
def test_a_ledger_that_cannot_be_written_is_said_and_nothing_else_happens(programs, tmp_path, where):
    """The program runs as it would without."""
    ran = programs.run("stress", 1, 100, ledger=tmp_path / where)

    assert ran.status == 0
    assert ran.err.startswith("portaudit_ledger: cannot write ")
    assert list(tmp_path.iterdir()) == []


def test_without_the_variable_nothing_is_written(programs, tmp_path):
    """The library alone records nothing."""
    ran = programs.run("stress", 1, 100, ledger="")

    assert (ran.status, ran.err, list(tmp_path.iterdir())) == (0, "", [])


def test_a_program_without_mach_is_left_alone(programs, tmp_path):
    """What starts the program, a shell or env, carries the library along: nothing is written for it."""
    ran = subprocess.run(
        ["/usr/bin/env", programs.program("stress"), "1", "100"],
        env=programs.environment(tmp_path / "l.%p"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(list(tmp_path.iterdir())) == 1
