"""The transfer by XPC, built for this machine, on a simulated kernel."""

import os
import shlex
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.headers.conftest import sdk
from tests.probe.conftest import compile_strictly
from tests.probe.mach_headers import write_headers
from tests.shared import once
from tests.staged import served

__all__ = ["sdk"]

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The audit's half of the transfer, as a library."""
    return once(tmp_path_factory, "transfer", build)


def build(folder):
    """Build it in a folder."""
    write_headers(folder)
    built = folder / "transfer.so"
    beside = [f"-I{HERE / 'stand_in'}", f"-I{ROOT / 'portaudit/demo/xpc'}"]
    compile_strictly(
        str(HERE / "stand_in/transfer_stand_in.c"), "C99", folder, built, "-shared", "-fPIC", *beside
    )
    return built


@pytest.fixture
def kernel():
    """A simulated kernel for real processes."""
    with served() as address:
        yield address


@pytest.fixture(params=[True, False], ids=["set holds", "set borrows"])
def program(request, library, kernel, tmp_path, monkeypatch):
    """A program that takes transfer.c's arguments, whose XPC holds or borrows what is set."""
    monkeypatch.setenv("TRANSFER_LIBRARY", str(library))
    monkeypatch.setenv("PORTAUDIT_KERNEL", kernel)
    monkeypatch.setenv("SET_HOLDS", str(int(request.param)))
    path = tmp_path / "transfer"
    started = shlex.join([sys.executable, "-m", "tests.demo.xpc.program"])
    path.write_text(f'#!/bin/sh\ncd {shlex.quote(str(ROOT))}\nexec {started} "$@"\n')
    path.chmod(0o700)
    path.with_name("set_holds").write_text(str(int(request.param)))
    return path


LAUNCHCTL = """
import os, plistlib, signal, subprocess, sys
verb, where, *rest = sys.argv[1:]
pids = {pids!r}
if verb == "bootstrap":
    if where.startswith("gui/"):
        sys.exit("Bootstrap failed: 125: Domain does not support specified action")
    job = plistlib.load(open(rest[0], "rb"))
    with open(job["StandardErrorPath"], "w") as said:
        started = subprocess.Popen(job["ProgramArguments"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=said, start_new_session=True, cwd="/")
    open(pids, "w").write(f"{{where}}/{{job['Label']}} {{started.pid}}")
else:
    name, pid = open(pids).read().split()
    assert (verb, where) == ("bootout", name), (verb, where, name)
    os.killpg(int(pid), signal.SIGTERM)
"""
"""A launchd of one job, which refuses a user's graphical session, as it does over ssh."""


@pytest.fixture
def launchd(tmp_path, monkeypatch):
    """Where launchctl is; the job that it started has ended with the test."""
    pids = tmp_path / "pids"
    body = tmp_path / "launchctl.py"
    body.write_text(LAUNCHCTL.format(pids=str(pids)))
    path = tmp_path / "launchctl"
    path.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(body)])} "$@"\n')
    path.chmod(0o700)
    monkeypatch.setattr("portaudit.demo.xpc.launched.LAUNCHCTL", str(path))
    monkeypatch.setattr("portaudit.demo.xpc.launched.domains", lambda: ["gui/501", "user/501"])
    yield path
    if pids.exists():
        _, pid = pids.read_text().split()
        deadline = time.monotonic() + 5
        while left := in_group(int(pid)):
            assert time.monotonic() < deadline, left
            time.sleep(0.02)


def in_group(group):
    """The processes of a process group that have not ended."""
    alive = []
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError):  # one that ends meanwhile
            if process.info["status"] != psutil.STATUS_ZOMBIE and os.getpgid(process.pid) == group:
                alive.append(process.pid)
    return alive
