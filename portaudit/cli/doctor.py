"""`portaudit doctor`: which ways of reading work here."""

import sys

import click

from portaudit.cli.options import format_option, kernel_option, publish, say, terminal_style
from portaudit.render import diagnoses


@click.command(name="doctor", short_help="Say which ways of reading work here.")
@click.argument("target", metavar="[PID|NAME]", required=False)
@kernel_option
@format_option("table", "json")
def command(target: str | None, kernel: str | None, form: str) -> None:
    """Say which ways of reading a port space work on this machine, for a process if one is named.

    Each way is ok, not here, or refused, with the reason and the next step.

    \b
    Example:
      portaudit doctor Host
    """
    from portaudit.auditing.doctor import diagnose

    if sys.platform != "darwin" and kernel is None:
        say(
            "This is no Mac: its own processes have no port spaces. The stand-ins below work everywhere.\n",
            quiet=form == "json",
        )
    renderer = diagnoses.document if form == "json" else diagnoses.text
    publish(renderer(diagnose(target, kernel), terminal_style()))
