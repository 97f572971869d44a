"""`portaudit init`: a first configuration, with comments, that passes."""

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


@click.command(name="init")
@click.option("-o", "--output", default=FILE, show_default=True, metavar="FILE", help="The file to write.")
@quiet_option
def command(output: str, quiet: bool) -> None:
    """Write a commented portaudit.toml whose one check passes, to begin with.

    A file that is there already is left alone.

    \b
    Example:
      portaudit init
      portaudit check
    """
    from portaudit.auditing.files import save_new

    try:
        save_new(output, STARTER)
    except FileExistsError:
        raise UsageError(f"{output} is there already, and was left alone; -o FILE writes another") from None
    say(f"wrote {output}; now run `portaudit check`", quiet=quiet)
