"""Extensions on a Mac: Pythons that are all called Python, and services that launchd starts."""

import os
import shlex
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.as_a_mac.stage import RELEASES, a_mac, await_file
from tests.staged import served

pytestmark = pytest.mark.whole


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("macos", RELEASES)
def test_the_first_check_passes(macos):
    """`portaudit init && portaudit check`: the demo's extension is found though it has no name of its own."""
    with a_mac(macos) as mac:
        written, checked = mac.portaudit("init"), mac.portaudit("check")

    assert (written.status, checked.status) == (0, 0), checked
    assert checked.out.startswith("passed: demo")
    assert "is taken for the extension: the host named it by its mark `extension`" in checked.err


def test_a_host_command_finds_the_demos_extension():
    """The README's `run --host-command` works as it stands, and says how the extension was found."""
    trigger = ("--", sys.executable, "-m", "portaudit", "demo", "--transfer")
    host = shlex.join((sys.executable, "-m", "portaudit", "demo", "--obey", "leak"))
    with a_mac(26) as mac:
        ended = mac.portaudit(
            *("run", "--kernel", "simulated", "--host-command", host, "--extension", "demo-extension"),
            *("--repeat", "0:3", *trigger),
        )

    assert ended.status == 1, ended
    assert "is taken for the extension: the host named it by its mark `extension`" in words(ended.out)


SERVICE = """
    import os, sys, time
    open("/proc/self/comm", "w").write(sys.argv[1])
    from portaudit.kernels import open_kernel
    with open_kernel():
        open(sys.argv[2], "w").write(str(os.getpid()))
        while os.path.exists(sys.argv[3]):
            time.sleep(0.02)
"""
HOST = """
    import os, subprocess, sys, time
    from portaudit.kernels import open_kernel
    from portaudit.demo.cues import mark
    with open_kernel():
        # launchd starts the service: it is no descendant of this process
        environment = dict(os.environ)
        environment.pop("PORTAUDIT_MARKS")
        if sys.argv[1] == "another audit's":
            environment["PORTAUDIT_MARKS"] = "/another/one"
        if sys.argv[1] == "responsible":
            environment["PLAYED_RESPONSIBLE"] = str(os.getpid())
        if sys.argv[1] == "another's":
            environment["PLAYED_RESPONSIBLE"] = str(os.getppid())
        if sys.argv[1] != "older":
            words = [sys.executable, sys.argv[2], *sys.argv[3:]]
            subprocess.run(["sh", "-c", 'DETACHED', "launchd", *words], env=environment)
        while not os.path.exists(sys.argv[4]):
            time.sleep(0.02)
        if sys.argv[1] == "said":
            mark("extension", int(open(sys.argv[4]).read()))
        mark("before")
        mark("after")
"""
NAME = f"played-{os.getpid()}"
"""What a service is called: another worker's has another name."""
DETACHED = 'setsid "$@" >/dev/null 2>&1 </dev/null &'


def start_by_launchd(mac, *words, **environment):
    """Start a Python that is nobody's child."""
    command = ["sh", "-c", DETACHED, "launchd", sys.executable, *map(str, words)]
    subprocess.run(command, env=mac.environment | environment, check=True)


@pytest.fixture
def spawned(tmp_path):
    """Give a function that audits a host whose service launchd has started."""

    def spawn(kind, *, name=NAME, limit=15, **environment):
        service, host = tmp_path / "service.py", tmp_path / "host.py"
        service.write_text(dedent(SERVICE))
        host.write_text(dedent(HOST).replace("DETACHED", DETACHED))
        pid, stays = tmp_path / "pid", tmp_path / "stays"
        stays.touch()
        command = (sys.executable, host, kind, service, NAME, pid, stays)
        with served() as kernel, a_mac(15) as mac:
            try:
                if kind == "older":
                    start_by_launchd(mac, service, NAME, pid, stays)
                    await_file(pid)
                ended = mac.portaudit(
                    *("run", "--spawn", "--kernel", kernel, "--extension", name, "--time-limit", limit),
                    *("--", *command),
                    **environment,
                )
                return ended, await_file(pid)
            finally:
                stays.unlink()

    return spawn


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("responsible", "launchd started it, and the system holds the host responsible for it"),
        ("nobody", "launchd started it, under this name and after the host"),
        ("terminal", "launchd started it, under this name and after the host"),
        ("said", "the host named it by its mark `extension`"),
    ],
)
def test_a_service_that_launchd_started_is_found(spawned, kind, how):
    """By whom the system holds responsible, else by its name, or by the host's own word; which, is told.

    For what is started in a terminal the system holds the terminal responsible, and for its services, too.
    """
    terminal = {"PLAYED_RESPONSIBLE": str(os.getpid())} if kind == "terminal" else {}
    ended, pid = spawned(kind, **terminal)

    assert ended.status == 0, ended
    assert f"{NAME} ({pid}) is taken for the extension: {how}" in words(ended.out)


def test_a_service_that_ran_before_the_host_is_left_alone(spawned):
    """A service of this name that is older than the host serves somebody else."""
    ended, _ = spawned("older", limit=3)

    assert ended.status == 3, ended


def test_an_orphan_of_another_audit_is_left_alone(spawned):
    """What bears the marks or the kernel of another run serves that one, whatever it is called."""
    ended, _ = spawned("another audit's", limit=3)

    assert ended.status == 3, ended
    assert "the host started no process called" in words(ended.err)


def test_a_service_of_another_app_is_left_alone(spawned):
    """The same name does not make it this host's, where the system says whose it is; what helps is told."""
    ended, _ = spawned("another's", limit=3)

    assert ended.status == 3, ended
    assert 'portaudit_mark("extension", pid)' in words(ended.err)


def test_a_child_that_has_not_become_what_it_will_be_is_not_taken_for_it(tmp_path):
    """Between fork and exec a child of the extension has its name: that is not called ambiguous."""
    extension = """
        import os, sys, time
        open("/proc/self/comm", "w").write("played-extension")
        from portaudit.kernels import open_kernel
        with open_kernel():
            if os.fork() == 0:
                time.sleep(0.6)
                os.execv("/bin/sleep", ["sleep", "30"])
            open(sys.argv[1], "w").write("ready")
            time.sleep(30)
    """
    host = """
        import os, subprocess, sys, time
        from portaudit.kernels import open_kernel
        from portaudit.demo.cues import mark
        with open_kernel():
            subprocess.Popen([sys.executable, *sys.argv[1:]])
            while not os.path.exists(sys.argv[2]):
                time.sleep(0.02)
            mark("before")
            mark("after")
    """
    for name, text in (("extension.py", extension), ("host.py", host)):
        (tmp_path / name).write_text(dedent(text))
    with served() as kernel, a_mac(15) as mac:
        ended = mac.portaudit(
            *("run", "--spawn", "--kernel", kernel, "--extension", "played-extension", "--time-limit", 20),
            *("--", sys.executable, *(tmp_path / name for name in ("host.py", "extension.py", "ready"))),
        )

    assert ended.status == 0, ended


AUDITS = """
    import os, subprocess, sys
    environment = dict(os.environ, PLAYED_RESPONSIBLE=str(os.getpid()))
    if os.environ.get("PLAYED_RESPONSIBLE") != str(os.getpid()):
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)
    import time
    import portaudit
    subprocess.run(["sh", "-c", 'DETACHED', "launchd", sys.executable, *sys.argv[2:]], env=environment)
    while not (os.path.exists(sys.argv[4]) and (service := open(sys.argv[4]).read())):
        time.sleep(0.02)
    whom = {"host": os.getpid(), "extension": sys.argv[3]} if sys.argv[1] == "named" else {}
    with portaudit.audit(kernel=sys.argv[6], **whom) as audited:
        pass
    print([task.process.pid for task in audited.before.tasks] == [os.getpid(), int(service)])
    print(audited.report.outcome, audited.report.notes)
"""


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("own", "counts as a child: launchd started it, and the system holds this process responsible"),
        ("named", "several have this name; launchd started it, and the system holds the host responsible"),
    ],
)
def test_an_audit_of_a_block_finds_the_services_that_launchd_runs_for_it(tmp_path, kind, note):
    """They count as children; and one of several of the same name is this host's."""
    service, audits = tmp_path / "service.py", tmp_path / "audits.py"
    service.write_text(dedent(SERVICE))
    audits.write_text(dedent(AUDITS).replace("DETACHED", DETACHED))
    pid, another, stays = tmp_path / "pid", tmp_path / "another", tmp_path / "stays"
    stays.touch()
    with served() as kernel, a_mac(26) as mac:
        try:
            start_by_launchd(mac, service, NAME, another, stays, PLAYED_RESPONSIBLE="1")
            await_file(another)
            command = (sys.executable, audits, kind, service, NAME, pid, stays, kernel)
            ended = mac.run(*command, PORTAUDIT_KERNEL=kernel)
        finally:
            stays.unlink()

    assert ended.out.startswith("True\nbalanced "), ended
    assert note in ended.out
