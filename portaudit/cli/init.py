"""`portaudit init`: a first configuration, with comments, that passes."""

from pathlib import Path

import click

from portaudit.cli.options import quiet_option, say
from portaudit.errors import UsageError

FILE = "portaudit.toml"

STARTER = """\
# What this project promises of its Mach port rights; `portaudit check` holds it against what happens.
# Every key is in portaudit.toml(5). In pyproject.toml the same tables begin with tool.portaudit.

# The demo pair: a host hands its task port to an extension, which gives it back each time.
# It runs on a simulated kernel, so it passes on every machine. Put your own pair in its place.
[check.demo]
kernel = "simulated"    # leave this line out to audit on a Mac's own kernel
spawn = "portaudit demo --drive clean"    # starts the host, which says by marks when it is to be read
extension = "demo-extension"    # looked for among what the host starts
timeout = 30    # seconds

# Processes that run already, and a command that makes one transfer (with spawn, as above, in place of
# host it is started for the check, and ended after it):
#
# [check.transfer]
# host = "Host"
# extension = "Ext"
# trigger = ["./hand-over", "--once"]    # no shell reads it
# repeat = "1:10"    # one round to fill caches, ten that are judged as a series
# platforms = ["darwin"]
#
# [[check.transfer.expect]]    # what a transfer may change
# task = "extension"
# object = "task-control"
# of = "host"
# change = 1
# reason = "the extension keeps the port that it was given"

# A finding that is known, and accepted until a day:
#
# [[suppress]]
# rule = "U5"
# match = { role = "extension", kobject = "TASK-CONTROL" }
# reason = "fixed in the next release"
# until = 2027-01-31

# Findings that were there on the first day, written by `portaudit baseline`:
#
# baseline = "portaudit-baseline.json"    # this line goes above all tables
"""


JOBS = {"github": ".github/workflows/portaudit.yml", "gitlab": ".gitlab/portaudit.yml"}
"""Whose CI -> the file that its job stands in."""


@click.command(name="init")
@click.option("--ci", type=click.Choice(list(JOBS)), help="Write a job for this CI that runs the checks.")
@click.option("-o", "--output", metavar="FILE", help=f"The file to write; {FILE}, or the job's own place.")
@quiet_option
def command(ci: str | None, output: str | None, quiet: bool) -> None:
    """Write a commented portaudit.toml whose one check passes, to begin with.

    With --ci write a job instead: it runs the checks, on a Mac and on Linux, and shows what was found. A file
    that is there already is left alone.

    \b
    Example:
      portaudit init
      portaudit check
      portaudit init --ci github
    """
    from portaudit.auditing.files import make_folder, save_new

    path = Path(output or (JOBS[ci] if ci else FILE))
    if ci and output is None:
        make_folder(path.parent)
    text = (Path(__file__).parent / "ci" / f"{ci}.yml").read_text(encoding="utf-8") if ci else STARTER
    try:
        save_new(str(path), text)
    except FileExistsError:
        raise UsageError(f"{path} is there already, and was left alone; -o FILE writes another") from None
    say(
        f"wrote {path}; {'say in it where you have portaudit from' if ci else 'now run `portaudit check`'}",
        quiet=quiet,
    )
