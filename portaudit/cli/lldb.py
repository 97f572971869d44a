"""`portaudit lldb`: the script with which lldb reads and records a process."""

import click

from portaudit.errors import UsageError
from portaudit.lldb_script import script_path

USE = """\
(lldb) command script import "{path}"
(lldb) portaudit snapshot before.json
(lldb) portaudit record ledger.bin
(lldb) portaudit go --until hand_over_done      or just: continue
(lldb) portaudit snapshot after.json
(lldb) portaudit end
$ portaudit diff before.json after.json --ledger ledger.bin"""


@click.command(name="lldb")
@click.option("--path", is_flag=True, help="Print where the script is.")
@click.option("--example", is_flag=True, help="Print a short use of it.")
def command(path: bool, example: bool) -> None:
    """Say where the script for lldb is, and how it is used.

    It reads the port space of a stopped process, and records its calls by breakpoints: every program that
    one may debug, with SIP on, without building anything into it.

    \b
    Example:
      portaudit lldb --path
      lldb -o "command script import '$(portaudit lldb --path)'" ./App
    """
    if path == example:
        raise UsageError(
            "say --path for where the script is, or --example for how it is used:",
            *(f"  {line}" for line in USE.format(path=script_path()).splitlines()),
        )
    click.echo(str(script_path()) if path else USE.format(path=script_path()))
