"""The `portaudit` command: its group, loading each command only when it is asked for."""

from collections.abc import Iterable
from importlib import import_module
from textwrap import indent as indented
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "snapshot": "Read the port spaces of live processes.",
    "show": "Print the tables of a stored snapshot.",
    "diff": "Say what changed between snapshots, judged.",
    "run": "Audit what a command brings about.",
    "watch": "Show rights grow while it happens.",
    "check": "Run the checks that the project declares.",
    "lint": "Find the classic leaks in sources.",
    "init": "Write a starter portaudit.toml.",
    "baseline": "Record today's findings as accepted.",
    "import": "Join what others wrote into one snapshot.",
    "doctor": "Say which ways of reading work here.",
    "explain": "Say what a finding means, and how to mend it.",
    "probe": "Where the header is with which a process audits itself.",
    "ledger": "Record where rights are acquired, and read such a record.",
    "lldb": "Where the script is with which lldb reads and records.",
    "decode": "Say what an EXC_GUARD or EXC_RESOURCE means.",
    "demo": "Play a pair that leaks on purpose, audited.",
    "schema": "Print the JSON Schemas of what is read and printed.",
}
"""What each command does, in the order of the manual: told without importing one of them."""
MODULES = {"import": "importing"}

CONTEXT = {"help_option_names": ["-h", "--help"]}


HELD = "\u2011"
"""A hyphen at which no line is broken: an option's name is one word."""


class Formatter(click.HelpFormatter):
    """Help that cuts no word in two, and whose examples can be pasted however narrow the terminal is."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called."""
        super().write_usage(prog, _held(args), prefix)

    def write_text(self, text: str) -> None:
        """Write a paragraph, or an example."""
        room = self.width - self.current_indent
        super().write_text("\n".join(_held(_typable(line, room)) for line in text.split("\n")))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and what they mean."""
        super().write_dl([(name, _held(text)) for name, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """Give all that was written."""
        return super().getvalue().replace(HELD, "-")


def _held(text: str) -> str:
    return text.replace("-", HELD)


def _typable(line: str, width: int) -> str:
    indent = len(line) - len(line.lstrip())
    if not indent or len(line) <= width:
        return line
    from portaudit.cli.terminal import typable

    return indented(typable(line.strip(), width - indent), " " * indent)


class Context(click.Context):
    """What a command is called with; its help is written by the formatter above."""

    formatter_class = Formatter


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used: start-up stays fast."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Name the commands in the order of the manual."""
        return list(COMMANDS)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `help` for --help, before a command or alone."""
        return super().parse_args(ctx, [*args[1:], "--help"] if args[:1] == ["help"] else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; where there is none of this name, say what was probably meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from portaudit.cli.guessing import NoCommand

            raise NoCommand(args, list(COMMANDS), ctx)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"portaudit.cli.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        command.context_class = Context
        command.short_help = COMMANDS[cmd_name]
        if ctx.resilient_parsing:
            from portaudit.cli.completing import completing

            completing(command, cmd_name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Give the commands that begin so, without importing one, and the options."""
        from click.shell_completion import CompletionItem

        begun = [
            CompletionItem(name, help=told) for name, told in COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*begun, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """List the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Print the version."""
    if value and not ctx.resilient_parsing:
        from portaudit.version import __version__

        click.echo(f"portaudit {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings=CONTEXT)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=print_version,
    help="Print the version.",
)
def program() -> None:
    """Audit Mach port rights: the lsmp that you can diff.

    Take a snapshot of a host and its extension before and after the host hands over its task port, and
    say which send rights leaked, which were freed twice, and why.

    \b
    Example:
      portaudit snapshot --host Host --extension Ext -o before.json
      ... the transfer ...
      portaudit snapshot --host Host --extension Ext -o after.json
      portaudit diff before.json after.json

    Exit status: 0 balanced or done, 1 findings, 2 wrong usage, 3 undecided or
    not readable, 4 a file is unreadable, 70 a defect in portaudit, 130
    interrupted.
    """
