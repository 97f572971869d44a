"""README and manual do what they show: console blocks on a terminal of 80 columns, examples in a shell."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from portaudit.snapshot_file import encode
from tests.ledger.written import EventBytes, written
from tests.spaces import HOST_PORT, pair
from tests.staged import served
from tests.terminal import terminal

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?:<!-- differs: ([^\n]*) -->\n)?```console\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n", re.MULTILINE)
PROGRESS = re.compile(r"\r[^\n]*\x1b\[\?25h")
"""What a terminal shows of work that goes on, and no more when it is over."""

OMITTED = "..."
NEEDS = {"demo where": "cc"}
"""Words of a block -> the program that it takes."""


def blocks():
    """Give each console block: its command, what it shows, and the words that differ by run."""
    for differs, block in BLOCK.findall(README.read_text()):
        parts = COMMAND.split(block)
        for command, shown in zip(parts[1::2], parts[2::2], strict=True):
            yield command, shown.strip("\n"), differs.split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which the first block was typed: later ones look at its files."""
    made: Path = tmp_path_factory.mktemp("clone")
    typed("portaudit demo leak-once", made)
    return made


def typed(command, folder):
    """Type a command on a terminal of 80 columns, where portaudit is a word; gives what stands there then."""
    words = ["bash", "-c", f"cd {folder}; {command}\nexit"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with terminal(words, 80, PATH=path, PORTAUDIT_KERNEL="") as shown:
        return PROGRESS.sub("", shown.until()).strip("\n")


def pattern_of(shown, differs):
    """Give the expression of what is shown: the same words, but for those that differ by run.

    A word that stands twice stands for the same both times.
    """
    seen: dict[str, str] = {}
    expression = ""
    for part in re.split(r"(\s+|\W)", shown):
        if part in differs:
            expression += rf"(?P=w{list(seen).index(part)})" if part in seen else rf"(?P<w{len(seen)}>\w+)"
            seen.setdefault(part, part)
        elif part.strip():
            expression += re.escape(part)
        elif part:
            expression += r"\s+"
    return expression


def matches(told, shown, differs):
    """Whether a terminal shows this, word by word; `...` alone on a line is any number of lines."""
    pieces = re.split(rf"^ *{re.escape(OMITTED)}$", shown, flags=re.MULTILINE)
    expression = r".*?".join(f"\\s*{pattern_of(piece.strip(), differs)}\\s*" for piece in pieces)
    return re.fullmatch(expression, told, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("command", "shown", "differs"), list(blocks()), ids=[" ".join(one[0].split())[:40] for one in blocks()]
)
def test_a_console_block_shows_what_is_printed(folder, command, shown, differs):
    """Typed in 80 columns, the command prints these words; what differs by run is marked in the source."""
    needed = next((program for words, program in NEEDS.items() if words in command), None)
    if needed and shutil.which(needed) is None:
        pytest.skip(f"{needed} is not installed")

    told = typed(command, folder)

    assert matches(told, shown, differs), f"\n{told}\n\nis not\n\n{shown}"


PAGES = [page for page in sorted((ROOT / "man").glob("*.1")) if ".Sh EXAMPLES" in page.read_text()]
EXAMPLE = re.compile(r"^\.Dl ([^\n]*)$|^\.Bd -literal -offset indent\n(.*?)^\.Ed$", re.MULTILINE | re.DOTALL)
MDOC = {r"\-": "-", r"\e": "\\", r"\(dq": '"', r"\&": ""}

NOT_TRIED = {
    "DYLD_INSERT_LIBRARIES": "a Mac's loader alone",
    "lldb -o": "tried by tests/ledger",
    "--evidence": "tried by tests/evidence, and takes long",
    "--library .": "tried by tests/ledger, and takes long",
}
"""Words of examples that are not pasted here -> why."""

OWN = str(os.getpid())
"""Names of processes end so, for others run these tests at the same time."""

NAMES = ("Host", "Ext")
NAME = re.compile(r"\b(Host|Ext)\b(?!-)")

QUICKER = {
    "--repeat 1:10": "--repeat 1:10 --pace 0",
    "portaudit watch Host Ext": "portaudit watch Host Ext --looks 2 --interval 0.1",
    "watch 4242": "watch $HOST --looks 2 --interval 0.1",
}
"""What takes long, or waits for Ctrl-C -> the same, sooner ended; 4242 is somebody's pid."""

PROCESS = """\
#!/bin/sh
"exec" "{python}" "$0" "$@"
import pathlib, signal, subprocess, sys
pathlib.Path("/proc/self/comm").write_text("{name}")
from portaudit.demo.cues import mark
from portaudit.kernels import open_kernel
with open_kernel():
    if "{name}".startswith("Host"):
        other = subprocess.Popen(["./Ext{own}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        other.stdout.readline()
    print(flush=True)
    if "--self-test" in sys.argv:
        mark("before"), mark("after")
    else:
        signal.pause() if "--quiet" in sys.argv else sys.stdin.read()
    if "{name}".startswith("Host"):
        other.communicate()
"""


CHECKS = """\
[check.transfer]
host = "Host"
extension = "Ext"
trigger = "./hand-over"
"""


def examples(page):
    """Give the examples of a manual page as they stand on a screen."""
    text = page.read_text().partition(".Sh EXAMPLES")[2].partition(".Sh ")[0]
    for one, several in EXAMPLE.findall(text):
        for spelled, meant in MDOC.items():
            one, several = one.replace(spelled, meant), several.replace(spelled, meant)  # noqa: PLW2901
        yield one or several.strip()


def prepare(place):
    """Put everything into a folder that the examples speak of."""
    files = {"before.json": pair(taken=10.0)}
    for number in range(4):
        kept = [(0x1103, "send", number, HOST_PORT, 2)] if number else []
        files[f"round-{number}.json"] = pair(extension_rows=kept, taken=10.0 * (number + 1))
    files["after.json"] = files["round-3.json"]
    (place / "portaudit-run").mkdir()
    for name, snapshot in files.items():
        (place / name).write_bytes(encode(snapshot))
        if name.startswith("round"):
            (place / "portaudit-run" / name).write_bytes(encode(snapshot))
    for role, name in enumerate(("host.json", "ext.json")):
        task = replace(files["before.json"].tasks[role], role=None)
        (place / name).write_bytes(encode(replace(files["before.json"], tasks=(task,))))
    shutil.copy(ROOT / "tests/data/guard/flavour-in-words.ips.txt", place / "Host-2026-11-23.ips")
    (place / "ledger.4242").write_bytes(written([EventBytes()]))
    prints = {"before.txt": "xfer_before", "after.txt": "xfer_leak", "lsmp.txt": "xfer_leak"}
    for name, source in prints.items():
        text = (ROOT / f"tests/data/lsmp/prints/{source}.txt").read_text()
        (place / name).write_text(
            text.replace("HostApp", f"Host{OWN}").replace("ShareExtension", f"Ext{OWN}")
        )
    (place / "src").mkdir()
    (place / "src" / "app.c").write_text("int main(void) { return 0; }\n")
    (place / "app.c").write_text('#include "portaudit_probe.h"\nint main(void) { return 0; }\n')
    programs = {
        f"{name}{OWN}": PROCESS.format(python=sys.executable, name=f"{name}{OWN}", own=OWN) for name in NAMES
    }
    for name, text in (programs | {"hand-over": "#!/bin/sh\n", "poke": "#!/bin/sh\n"}).items():
        (place / name).write_text(text)
        (place / name).chmod(0o755)


@pytest.fixture(scope="module")
def kernel():
    """A simulated kernel for the processes that the examples speak of."""
    with served() as name:
        yield name


@contextmanager
def running(place, surroundings):
    """Let Host and its Ext run; gives the pid of Host."""
    with subprocess.Popen(
        [f"./Host{OWN}"],
        cwd=place,
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as host:
        assert host.stdout is not None
        host.stdout.readline()
        yield str(host.pid)
        host.communicate()


def tried(page):
    """Give the examples of a page that are pasted here, as they are run."""
    for example in examples(page):
        if not any(words in example for words in NOT_TRIED):
            for slow, quick in QUICKER.items():
                example = example.replace(slow, quick)  # noqa: PLW2901
            yield NAME.sub(rf"\g<1>{OWN}", example)


@pytest.mark.skipif(sys.platform != "linux", reason="a process is called Host by a file of Linux")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_can_be_pasted(page, tmp_path, kernel):
    """In a shell, with the files and processes that it speaks of, each example does what a reader expects."""
    prepare(tmp_path)
    if "check" in page.stem:
        (tmp_path / "portaudit.toml").write_text(NAME.sub(rf"\g<1>{OWN}", CHECKS))
    surroundings = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORTAUDIT_KERNEL": kernel,
    }
    pasted = list(tried(page))
    speaks_of_processes = "check" in page.stem or any(OWN in one or "$HOST" in one for one in pasted)
    with running(tmp_path, surroundings) if speaks_of_processes else nullcontext("") as host:
        for example in pasted:
            ended = subprocess.run(
                ["/bin/sh", "-c", example],
                cwd=tmp_path,
                env=surroundings | {"HOST": host},
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert ended.returncode in (0, 1), f"{example}\n{ended.stdout}\n{ended.stderr}"
