"""`portaudit probe`: the C header with which a process audits itself."""

import click

from portaudit.errors import UsageError
from portaudit.probe import EXAMPLE, header_path


@click.command(name="probe")
@click.option("--path", is_flag=True, help="Print where the header is.")
@click.option("--example", is_flag=True, help="Print a short use of it.")
def command(path: bool, example: bool) -> None:
    """Say where portaudit_probe.h is, and how it is used.

    A process that includes the header writes a probe record of its own port space: no permission is
    needed, on macOS and iOS, in the sandbox and under SIP. `portaudit import` reads what it writes.

    \b
    Example:
      portaudit probe --path
      cc -I "$(dirname "$(portaudit probe --path)")" app.c
    """
    if path == example:
        raise UsageError(
            "say --path for where the header is, or --example for how it is used:",
            f"  {header_path()}",
            *(f"  {line}" for line in EXAMPLE.rstrip().splitlines()),
        )
    click.echo(str(header_path()) if path else EXAMPLE.rstrip())
