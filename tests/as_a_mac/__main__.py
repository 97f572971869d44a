"""What a new user of a Mac sees: the README's first commands, on macOS 13, 15 and 26, as a user and as root.

`python -m tests.as_a_mac [RELEASE...] [user|root]` prints it, to be read as a new user would.
"""

import sys
from collections.abc import Iterator

from tests.as_a_mac.stage import RELEASES, TASK, Mac, a_mac
from tests.conftest import Ended

HOSTED = (
    *("--host-command", "portaudit demo --obey leak", "--extension", "demo-extension"),
    *("--repeat", "0:2", "--", "portaudit", "demo", "--transfer"),
)
FIRST_SCREEN = (
    ("demo",),
    ("demo", "leak"),
    ("demo", "silent-double-free"),
    ("doctor",),
    ("init",),
    ("check",),
    ("run", "--kernel", "simulated", *HOSTED),
    ("run", "--way", "lsmp", "--sudo", *HOSTED),
)


def main() -> None:
    """Play what was asked for, or all."""
    words = sys.argv[1:]
    releases = [int(word) for word in words if word.isdigit()] or list(RELEASES)
    users = [word for word in words if word in ("user", "root")] or ["user", "root"]
    for macos in releases:
        for user in users:
            sys.stdout.write(f"\n==== macOS {RELEASES[macos]}, {user}, python.org's Python, SIP on ====\n")
            with a_mac(macos, root=user == "root") as mac:
                for command, ended in first_screen(mac):
                    _tell(command, ended)


def first_screen(mac: Mac) -> Iterator[tuple[str, Ended]]:
    """Run what a new user runs first; gives each command with how it ended."""
    for words in FIRST_SCREEN:
        yield f"portaudit {' '.join(words)}", mac.portaudit(*words)
    with mac.runs(TASK) as pid:
        for way in (("doctor",), ("snapshot", "--pid"), ("snapshot", "--way", "lsmp", "--sudo", "--pid")):
            yield f"portaudit {' '.join(way)} {pid}", mac.portaudit(*way, pid)
        yield f"portaudit watch --looks 2 {pid}", mac.portaudit("watch", "--looks", 2, pid)
    yield (
        "portaudit diff double-free-before.json double-free-after.json",
        mac.portaudit("diff", *(f"portaudit-demo/double-free-{when}.json" for when in ("before", "after"))),
    )


def _tell(command: str, ended: Ended) -> None:
    sys.stdout.write(f"\n$ {command}\n{ended.err}{ended.out}[exit status {ended.status}]\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
