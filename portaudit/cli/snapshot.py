"""`portaudit snapshot`: read the port spaces now."""

import sys

import click

from portaudit.cli.options import (
    kernel_option,
    process_options,
    publish,
    quiet_option,
    say,
    settle_option,
    terminal_style,
    way_options,
)
from portaudit.cli.terminal import UNBROKEN, shown_progress
from portaudit.errors import ExitStatus
from portaudit.harmless import safe
from portaudit.render import Format, render_view

REASON_MAX = 4000
"""Characters of a reason that are shown."""


@click.command(name="snapshot")
@process_options
@click.option("-o", "--output", metavar="FILE", help="The snapshot file to write; - for standard output.")
@way_options
@settle_option
@click.option("--label", help="A text to remember the snapshot by.")
@click.option("--print", "print_table", is_flag=True, help="Print the table though a file is written.")
@kernel_option
@quiet_option
@click.pass_context
def command(
    ctx: click.Context,
    host: str | None,
    extension: str | None,
    pids: tuple[str, ...],
    output: str | None,
    way: str,
    settle: float,
    sudo: bool,
    label: str | None,
    print_table: bool,
    kernel: str | None,
    quiet: bool,
) -> None:
    """Read the port spaces of a host, its extension and other processes now.

    Writes a snapshot file with -o, else prints the lsmp-style table. A process that could not be read is
    in the snapshot with the reason, and the exit status is 3.

    \b
    Example:
      portaudit snapshot --host Host --extension Ext -o before.json
    """
    from portaudit.auditing.files import save, view
    from portaudit.auditing.snapshot import Request, take_snapshot, taken_by_part

    with shown_progress(quiet=quiet) as progress:
        request = Request(host, extension, pids, way, kernel, settle, label, sudo, progress)
        snapshot = take_snapshot(request)
    for sentence in taken_by_part(request, snapshot):
        say(sentence, quiet=quiet)
    if output is not None:
        save(output, snapshot)
        say(f"wrote {output}", quiet=quiet or output == "-")
    if output is None or print_table:
        publish(
            render_view(view(snapshot), Format.TABLE, terminal_style(piped_width=UNBROKEN), summary=False)
        )
    # What a table on this terminal has said need not be said again
    if output is not None or not sys.stdout.isatty():
        for task in snapshot.tasks:
            if task.not_read is not None:
                reason = safe(task.not_read.reason, REASON_MAX)
                say(f"portaudit: {task.title} was not read: {reason}", quiet=False)
    if snapshot.settled is False:
        say(f"not settled: no two readings agreed within {settle:g} seconds", quiet=quiet)
    ctx.exit(
        ExitStatus.DONE if all(task.not_read is None for task in snapshot.tasks) else ExitStatus.UNDECIDED
    )
