"""`portaudit schema`: what the JSON that portaudit reads and prints looks like, for programs."""

import click

from portaudit.cli.options import publish
from portaudit.render import Format
from portaudit.render.json_text import SCHEMAS, json_text, published


@click.command(name="schema")
@click.argument("name", type=click.Choice([*SCHEMAS, "snapshot"]))
def command(name: str) -> None:
    """Print the JSON Schema (2020-12) of what check, diff, lint and show (rows) print as JSON, or snapshots.

    \b
    Example:
      portaudit schema diff > portaudit-diff-1.schema.json
    """
    from portaudit.auditing.files import snapshot_schema

    publish(json_text(snapshot_schema()) if name == "snapshot" else published(name), Format.JSON)
