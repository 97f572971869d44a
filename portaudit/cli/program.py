"""The `portaudit` command: its group, loading each command only when it is asked for."""

from importlib import import_module

import click

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


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used: start-up stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Name the commands in the order of the manual."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"portaudit.cli.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        command.short_help = COMMANDS[cmd_name]
        return command

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

    \b
    Exit status: 0 balanced or done, 1 findings, 2 wrong usage, 3 undecided or
    not readable, 4 a file is unreadable, 70 a defect in portaudit, 130
    interrupted.
    """
