"""A simulated kernel that this process serves, and a demo pair on it, with a trigger for others to pull."""

import json
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from portaudit.auditing.snapshot import Request
from portaudit.demo.cues import Requests
from portaudit.demo.player import CHURN
from portaudit.demo.stage import Pair, kernel_server, pair
from portaudit.kernels import SIMULATED_MACOS
from portaudit.mach.serving import Server
from portaudit.simulator.kernel import ServedSimulator
from tests.shared import short_place

PORTAUDIT = (sys.executable, "-m", "portaudit")
ASK = (
    *(sys.executable, "-I", "-S", "-c"),
    """
import os, socket, sys, time
path = sys.argv[1] if sys.argv[1:] else os.environ["PORTAUDIT_MARKS"].rpartition("/")[0] + "/transfer"
while not (sys.argv[1:] or os.path.exists(path)):
    time.sleep(0.02)
with socket.socket(socket.AF_UNIX) as line:
    line.connect(path)
    line.sendall(b"transfer\\n")
    sys.exit(line.recv(9) != b"done\\n")
""",
)
"""`portaudit demo --transfer [SOCKET]` in a tenth of its time: a run starts it for each round."""


def driven(scenario):
    """Give what `portaudit demo --drive SCENARIO` becomes, as a configuration spells a list of words."""
    return json.dumps([sys.executable, "-P", "-m", "portaudit.demo.hosted", "drive", scenario])


def killed(process):
    """Kill a program once its trigger has said 1; give which of the processes below it live on."""
    assert process.stderr.readline() == "1\n"
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    return psutil.wait_procs(family, timeout=10)[1]


@dataclass(frozen=True)
class Staged:
    """A pair that runs: its kernel's name, its processes, and the command that lets it transfer once."""

    kernel: str
    players: Pair
    trigger: tuple[str, ...]

    @property
    def processes(self):
        """Ask for both of them."""
        return Request(str(self.players.host), str(self.players.extension), kernel=self.kernel)

    @property
    def options(self):
        """Name both of them on a command line."""
        return (
            *("--kernel", self.kernel),
            *("--host", str(self.players.host)),
            *("--extension", str(self.players.extension)),
        )

    def kill_kernel(self):
        """Kill the kernel, as nothing can be prepared for."""
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):  # one that has ended and was not waited for yet
                if any("portaudit.demo.kernel" in word for word in child.cmdline()):
                    child.kill()


@contextmanager
def served(macos=SIMULATED_MACOS):
    """Give the name of a simulated kernel that real processes can connect to.

    A process of its own would take longer to start than most tests need it.
    """
    with TemporaryDirectory(prefix="kernel-", dir=short_place()) as folder:
        path = Path(folder) / "kernel"
        with Server(ServedSimulator(macos), path):
            yield f"simulated:{path}"


@contextmanager
def staged(scenario, *, churn=False, mortal=False):
    """Give a pair that transfers when it is asked to; the kernel of a `mortal` one can be killed."""
    wanted: SimpleQueue[Any] = SimpleQueue()
    kernels = kernel_server("simulated") if mortal else served()
    with kernels as kernel, pair(scenario, kernel, *[CHURN] * churn) as players:
        socket = Path(kernel.partition(":")[2]).with_name("transfer")
        with Requests(socket, wanted.put):
            worker = threading.Thread(target=_transfer, args=(players, wanted), daemon=True)
            worker.start()
            yield Staged(kernel, players, (*ASK, str(socket)))
            wanted.put(None)
            worker.join()


def _transfer(players, wanted):
    while (made := wanted.get()) is not None:
        players.transfer()
        made()
