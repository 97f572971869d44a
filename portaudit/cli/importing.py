"""`portaudit import`: files that others wrote, joined into one snapshot."""

import click

from portaudit.cli.options import quiet_option, say
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE


@click.command(name="import")
@click.option(
    "--host", metavar="FILE[:WHO]", help="The file that tells of the host; WHO: its pid or name, of several."
)
@click.option("--extension", metavar="FILE[:WHO]", help="The file that tells of the extension, likewise.")
@click.option("--pid", "pids", metavar="N=FILE", multiple=True, help="A file that tells of process N.")
@click.option("--label", help="A text to remember the snapshot by.")
@click.option(
    "-o", "--output", required=True, metavar="OUT", help="The snapshot file to write; - for standard output."
)
@click.argument("files", nargs=-1)
@quiet_option
def command(
    host: str | None,
    extension: str | None,
    pids: tuple[str, ...],
    label: str | None,
    output: str,
    files: tuple[str, ...],
    quiet: bool,
) -> None:
    """Join probe records, lsmp texts or snapshots into one snapshot file.

    FILES without a role bring in all their processes.

    \b
    Example:
      portaudit import --host host.json --extension ext.json -o before.json
      portaudit import --host lsmp.txt:Host --extension lsmp.txt:Ext -o before.json
    """
    from portaudit.auditing.files import join, save

    roles = {role: path for role, path in ((HOST_ROLE, host), (EXTENSION_ROLE, extension)) if path}
    snapshot = join(roles, pids, files, label=label)
    save(output, snapshot)
    number = len(snapshot.tasks)
    say(f"wrote {output}: {number} process{'' if number == 1 else 'es'}", quiet=quiet or output == "-")
