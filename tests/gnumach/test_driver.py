"""No QEMU outlives its driver, every answer has a deadline, and nonsense is told from an answer."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from portaudit.errors import KernelNonsense, KernelUnavailable
from portaudit.gnumach.driver import Answer, Machine, parse_answer

DRIVER = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from portaudit.gnumach.driver import Machine
    with Machine(Path(sys.argv[1])) as machine:
        print(machine.pid, flush=True)
        time.sleep(60)
""")


def _gone(pid, seconds=5.0):
    """Whether a process ends in time; a zombie has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def instead_of_qemu(monkeypatch, tmp_path):
    """Put a script where QEMU should be; the machine's folder is an empty one."""

    def put(script):
        program = tmp_path / "qemu-system-i386"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return tmp_path

    return put


@pytest.mark.gnumach
def test_it_boots_in_seconds(gnumach_folder, capsys):
    """A boot takes under a second on an idle machine; ten times that only where others keep it busy."""
    with Machine(gnumach_folder) as machine:
        with capsys.disabled():
            sys.stderr.write(f"\nGNU Mach booted in {machine.boot_seconds:.2f} s\n")
        assert machine.boot_seconds < 10


@pytest.mark.gnumach
def test_qemu_ends_with_a_block_that_fails(gnumach_folder):
    """A failed test inside the block leaves no QEMU."""
    machine = Machine(gnumach_folder)
    pid = machine.pid
    with pytest.raises(pytest.fail.Exception, match="planted"), machine:
        pytest.fail("planted")
    assert _gone(pid)


@pytest.mark.gnumach
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_qemu_ends_with_the_process_that_drives_it(gnumach_folder, number):
    """Whether the driver's process is interrupted, ended or killed: QEMU goes with it."""
    command = [sys.executable, "-c", DRIVER, str(gnumach_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as driver:
        assert driver.stdout is not None
        pid = int(driver.stdout.readline())
        assert not _gone(pid, seconds=0.1)
        driver.send_signal(number)
        driver.wait(10)
    assert _gone(pid)


@pytest.mark.gnumach
def test_a_machine_that_hangs_is_given_up(gnumach_folder):
    """A kernel that does not answer in time is unavailable, and its QEMU is ended."""
    with Machine(gnumach_folder) as machine:
        pid = machine.pid
        machine.answer_seconds = 0.2
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(KernelUnavailable, match=r"^GNU Mach does not answer; its console says: "):
            machine.ask("start", 0)
        assert _gone(pid)
        with pytest.raises(KernelUnavailable, match=r"^the machine that ran GNU Mach has ended$"):
            machine.ask("start", 0)


@pytest.mark.gnumach
def test_a_machine_that_is_killed_has_hung_up(gnumach_folder):
    """A QEMU that goes away is no answer either."""
    with Machine(gnumach_folder) as machine:
        os.kill(machine.pid, signal.SIGKILL)
        with pytest.raises(KernelUnavailable, match=r"^GNU Mach hung up"):
            machine.ask("start", 0)


@pytest.mark.gnumach
@pytest.mark.parametrize(
    "request_line", ["dance 1", "mach_port_type", "mach_port_type 9 1 1", "start x", "space 0"]
)
def test_the_bootstrap_task_refuses_what_makes_no_sense(gnumach_folder, request_line):
    """An unknown command, too few numbers, no such task, no number: refused, not guessed."""
    with Machine(gnumach_folder) as machine:
        command, *numbers = request_line.split()
        with pytest.raises(KernelNonsense, match=r"^GNU Mach's bootstrap task answered b' 1 refused'$"):
            machine.ask(" ".join([command, *numbers]))


def test_a_qemu_that_ends_at_once_is_quoted(instead_of_qemu):
    """What QEMU says before it ends is in the sentence, without control characters."""
    folder = instead_of_qemu("printf 'no such\\033[31m machine\\n' >&2")
    with pytest.raises(
        KernelUnavailable, match=r"^GNU Mach hung up; its console says: …no such\[31m machine$"
    ):
        Machine(folder)


def test_a_kernel_that_never_speaks_is_given_up(instead_of_qemu):
    """A boot has a deadline as well."""
    with pytest.raises(KernelUnavailable, match=r"^GNU Mach does not answer$"):
        Machine(instead_of_qemu("exec sleep 60"), answer_seconds=0.5)


def test_a_boot_that_speaks_nonsense_is_told(instead_of_qemu):
    """What is no answer is quoted, not parsed."""
    with pytest.raises(KernelNonsense, match=r"^GNU Mach's bootstrap task answered b'SeaBIOS'$"):
        Machine(instead_of_qemu("echo SeaBIOS; exec sleep 60"))


def test_a_bootstrap_task_without_its_device_says_so(instead_of_qemu):
    """A bootstrap task that got no serial port cannot serve."""
    with pytest.raises(KernelUnavailable, match=r"bootstrap task could not start: Answer\(code=4"):
        Machine(instead_of_qemu("echo 0 answered 4; exec sleep 60"))


def test_an_answer_is_read():
    """Numbers are hexadecimal, and the return code is signed."""
    assert parse_answer(b" a answered fffffed1 10000 1", 10) == Answer(-303, (0x10000, 1))
    assert parse_answer(b" b ended", 11) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"1",
        b"1 answered",
        b"2 answered 0",
        b"1 answered zero",
        b"1 refused",
        b"\xff answered 0",
        b"1 ended 3",
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(line):
    """Out of step, cut off, or no number: all of it is nonsense."""
    with pytest.raises(KernelNonsense) as said:
        parse_answer(line, 1)
    assert str(said.value) == f"GNU Mach's bootstrap task answered {line!r}"
