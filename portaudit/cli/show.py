"""`portaudit show`: the tables of a stored snapshot."""

import click

from portaudit.cli.options import format_option, process_options, publish, terminal_style
from portaudit.cli.terminal import UNBROKEN, read_all
from portaudit.render import ROWS_FORMATS, Format, render_view


@click.command(name="show")
@click.argument("file")
@process_options
@click.option("--role", help="Only the task with this role.")
@click.option(
    "--sort",
    type=click.Choice(["urefs", "name", "kobject"]),
    default="name",
    show_default=True,
    help="Order of rows.",
)
@click.option("--summary", is_flag=True, help="One line a kind of right and kobject type, with counts.")
@format_option(*ROWS_FORMATS)
def command(
    file: str,
    host: str | None,
    extension: str | None,
    pids: tuple[str, ...],
    role: str | None,
    sort: str,
    summary: bool,
    form: Format,
) -> None:
    """Print the lsmp-style tables of a snapshot FILE; - is standard input.

    With --host, --extension, --pid or --role only those; without, every process in it.

    FILE is anything that portaudit reads: a snapshot, a probe record, lsmp's text or JSON.

    \b
    Example:
      portaudit show before.json --role extension --sort urefs
      portaudit show lsmp.txt --host Host --extension Ext
    """
    from portaudit.auditing.files import load, view

    snapshot = read_all((file,), load)[0]
    shown = view(snapshot, host, extension, pids, role=role, sort=sort)
    publish(render_view(shown, form, terminal_style(piped_width=UNBROKEN), summary=summary), form)
