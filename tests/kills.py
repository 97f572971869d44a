"""SIGKILL at random moments: `python -m tests.kills [HOW MANY [SEED]]`, 200 by default.

Each time one of host, extension, kernel or portaudit is killed while `run`, `demo` or `watch` is at work.
Afterwards there must be no damaged file, no process or socket left, no hang, and not the word balanced for
something that was not read.
"""

import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from portaudit.auditing.files import load
from portaudit.errors import AuditError
from tests.shared import short_place
from tests.staged import ASK

PORTAUDIT = (sys.executable, "-m", "portaudit")
TRIGGER = (*ASK[:-1], f"import time\ntime.sleep(0.1)\n{ASK[-1]}")
"""As long as `portaudit demo --transfer` takes, and idle: who is killed is at work meanwhile."""
LIMIT_SECONDS = 60.0
"""No command may give no sign of life for longer, whoever was killed: a word printed, a file written.

Not its whole time: what is left of all scenarios takes a busy machine more than a minute.
"""
LOOK_SECONDS = 2.0
"""How often it is looked for such a sign."""
GONE_SECONDS = 15.0
"""By then everything that belonged to the killed has ended."""
ROUNDS = 6
COMMANDS = ("run", "watch", "demo", "host-command")
VICTIMS = ("host", "extension", "kernel", "portaudit")
LATEST = {"run": 2.5, "watch": 1.5, "demo": 2.0, "host-command": 3.5}
"""Seconds after its start at which a command is surely at work or done."""


@dataclass(frozen=True)
class Moment:
    """Who is killed, during what, and when."""

    command: str
    victim: str
    after: float
    scenario: str | None = None
    """What `demo` plays; None: all."""


def moments(number, seed):
    """Choose moments by chance."""
    chance = random.Random(seed)  # noqa: S311  played chance
    for _ in range(number):
        command = chance.choice(COMMANDS)
        yield Moment(command, chance.choice(VICTIMS), chance.uniform(0, LATEST[command]))


def kill_at(moment):
    """Play one moment; gives what went wrong, nothing if all is well."""
    folder = Path(tempfile.mkdtemp(prefix="pk-", dir=short_place()))
    environment = os.environ | {"TMPDIR": str(folder / "tmp")}
    (folder / "tmp").mkdir()
    (folder / "here").mkdir()
    try:
        ended = KILLS.get(moment.command, _kill_beside)(moment, folder, environment)
        return [*ended, *_left_over(folder), *_damaged(folder / "here")]
    finally:
        _end_all(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _kill_demo(moment, folder, environment):
    """Kill somebody while `demo` plays; the command is the whole play."""
    command = _start(("demo", *[moment.scenario] * bool(moment.scenario)), folder, environment)
    time.sleep(0.3 + moment.after)
    _kill(moment.victim, folder, command)
    return _ended(command, folder)


def _kill_started(moment, folder, environment):
    """Kill somebody while `run` has started a kernel, a host and its extension."""
    host = shlex.join((*PORTAUDIT, "demo", "--obey", "clean"))
    arguments = ("--kernel", "simulated", "--host-command", host, "--extension", "demo-extension")
    options = (
        "--repeat",
        f"0:{ROUNDS}",
        "--pace",
        "0",
        "--time-limit",
        "20",
        "--",
        *TRIGGER,
    )
    command = _start(("run", *arguments, *options), folder, environment)
    time.sleep(moment.after)
    _kill(moment.victim, folder, command)
    return _ended(command, folder)


def _kill_beside(moment, folder, environment):
    """Kill somebody while `run` or `watch` looks at a held pair."""
    hold = _start(("demo", "--hold", "--churn", "clean"), folder, environment)
    typed = _typed(hold)
    options = typed[2 : typed.index("--repeat")]
    if moment.command == "run":
        trigger = ("--", *TRIGGER, typed[-1])
        arguments = (
            "run",
            *options,
            "--repeat",
            f"0:{ROUNDS}",
            "--pace",
            "0",
            "--time-limit",
            "20",
            *trigger,
        )
    else:
        pids = [word for word in options if word.isdecimal()]
        arguments = ("watch", *pids, *options[:2], "--interval", "0.05", "--looks", "40", "--alarm", "1")
    command = _start(arguments, folder, environment)
    time.sleep(moment.after)
    _kill(moment.victim, folder, command)
    wrong = _ended(command, folder)
    hold.terminate()
    hold.communicate()
    return wrong


KILLS = {"demo": _kill_demo, "host-command": _kill_started}


def _start(arguments, folder, environment):
    return subprocess.Popen(
        [*PORTAUDIT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder / "here",
    )


def _typed(hold):
    """Give the words of the run that a held pair prints."""
    assert hold.stdout is not None
    line = next(line for line in hold.stdout if line.strip().startswith("portaudit run"))
    next(text for text in hold.stdout if text.startswith("Ctrl-C"))
    return line.split()


def _kill(victim, folder, command):
    if victim == "portaudit":
        command.kill()
    for process in _processes(folder):
        if any(f"portaudit.demo.{victim}" in word for word in _words(process)):
            _try(process.kill)
            return


def _ended(command, folder):
    """Wait for the command; gives what is wrong with its end."""
    try:
        out, err = _output_of(command, folder / "here")
    except subprocess.TimeoutExpired:
        doing = "; ".join(map(_doing, _processes(folder)))
        _end_all(folder)
        command.communicate()
        return [f"hung for {LIMIT_SECONDS:g} seconds: {doing}"]
    wrong = []
    if command.returncode not in (0, 1, 3, 130, -signal.SIGKILL):
        wrong.append(f"ended with {command.returncode}: {err[-2000:]}")
    if "defect in portaudit" in err:
        wrong.append(f"a defect: {err[-2000:]}")
    return [*wrong, *_called_balanced_unread(out, folder / "here")]


def _output_of(command, here):
    """Give what the command prints. Raises TimeoutExpired where it gives no sign of life for too long."""
    seen, deadline = None, 0.0
    while True:
        try:
            return command.communicate(timeout=LOOK_SECONDS)
        except subprocess.TimeoutExpired as still:
            signs = len(still.output or b""), len(still.stderr or b""), sorted(map(str, here.rglob("*")))
            if signs != seen:
                seen, deadline = signs, time.monotonic() + LIMIT_SECONDS
            elif time.monotonic() > deadline:
                raise


def _doing(process):
    """Say what a process that may have hung is at: where it sleeps, and how much it has worked."""
    try:
        kernel = Path(f"/proc/{process.pid}/wchan").read_text()
        used = sum(process.cpu_times()[:2])
        return f"{' '.join(_words(process)[-3:])}: {process.status()} in {kernel}, {used:.1f} s of CPU"
    except (psutil.Error, OSError) as error:
        return str(error)


def _called_balanced_unread(out, here):
    """Whatever is called balanced must have been read, from first to last."""
    for line in out.splitlines():
        if "BALANCED" not in line:
            continue
        scenario = line.split()[1] if line.startswith("ok ") else None
        kept = sorted(here.glob(f"portaudit-demo/{scenario}-*.json" if scenario else "portaudit-run/*.json"))
        tasks = [task for path in kept for task in load(str(path)).tasks]
        if len(kept) < (2 if scenario else ROUNDS + 1) or any(task.not_read for task in tasks):
            yield f"called balanced, and not read: {line}"


def _left_over(folder):
    deadline = time.monotonic() + GONE_SECONDS
    while (left := _leftovers(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _leftovers(folder):
    processes = [f"process {process.pid}: {' '.join(_words(process))}" for process in _processes(folder)]
    return processes + [f"left in TMPDIR: {path.name}" for path in (folder / "tmp").iterdir()]


def _processes(folder):
    """Every process that works for this moment, by the folder in its environment."""
    wanted = str(folder / "tmp")
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("TMPDIR") == wanted:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _words(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _damaged(here):
    """Every file that was kept must be whole."""
    wrong = []
    for path in here.rglob("*.json"):
        if path.name.startswith("."):
            continue
        try:
            load(str(path))
        except AuditError as error:
            wrong.append(f"damaged: {error}")
    return wrong


def _end_all(folder):
    for process in _processes(folder):
        _try(process.kill)


def _try(ask):
    try:
        ask()
    except psutil.Error:
        return


def main():
    """Play moments, and say what went wrong; the exit status is 1 if anything did."""
    number, seed = ([int(word) for word in sys.argv[1:]] + [200, 0][len(sys.argv) - 1 :])[:2]
    failures = 0
    for count, moment in enumerate(moments(number, seed), 1):
        wrong = kill_at(moment)
        failures += bool(wrong)
        sys.stdout.write(f"{count}/{number} {moment} {wrong or 'ok'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{failures} of {number} moments went wrong\n")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
