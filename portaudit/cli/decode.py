"""`portaudit decode`: an EXC_GUARD or EXC_RESOURCE code or crash report in words."""

import re

import click

from portaudit.cli.options import format_option, publish, terminal_style
from portaudit.render import Format, guards


class _Command(click.Command):
    """Takes a negative number for a code, as programs print it that know no unsigned ones."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Part the arguments; a blank before its sign keeps a number from being an option."""
        return super().parse_args(ctx, [f" {arg}" if _NEGATIVE.fullmatch(arg) else arg for arg in args])


_NEGATIVE = re.compile(r"-\d{1,20}")


@click.command(name="decode", cls=_Command)
@click.argument("source", metavar="CODE|FILE")
@click.option("--payload", metavar="SUBCODE", help="The subcode that belongs to a CODE.")
@click.option(
    "--in",
    "snapshot",
    metavar="SNAPSHOT",
    help="Look the port name up, or the largest kinds of names, in this snapshot.",
)
@format_option(Format.TABLE, Format.JSON)
def command(source: str, payload: str | None, snapshot: str | None, form: Format) -> None:
    """Say what a Mach port guard exception means: its CODE, or a crash report or log FILE.

    A release of a name that is already gone leaves no trace in the tables; its EXC_GUARD does. A port
    space that was full has its EXC_RESOURCE. FILE is an .ips or text crash report, kernel log lines or a
    debugger's stop reason; - is standard input.

    \b
    Example:
      portaudit decode 0x2000020000002703
      portaudit decode Host-2026-11-23.ips --in after.json
    """
    from portaudit.auditing.decode import decode_guard

    decoded = decode_guard(source, payload=payload, snapshot=snapshot)
    renderer = guards.document if form is Format.JSON else guards.text
    publish(renderer(decoded, terminal_style()), form)
