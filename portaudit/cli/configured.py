"""Options of the commands that judge under what a project declares."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from portaudit.model.declared import Configuration

OPTIONS = (
    click.option(
        "--config",
        metavar="FILE",
        help="Read this configuration, not the nearest portaudit.toml or pyproject.toml.",
    ),
    click.option("--no-config", is_flag=True, help="Read no configuration."),
    click.option(
        "--idle",
        nargs=2,
        metavar="BEFORE AFTER",
        help="Subtract what changed in a pair that was taken while nothing was transferred.",
    ),
)


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Offer --config, --no-config and --idle."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def declared(config: str | None, *, no_config: bool) -> "Configuration":
    """Read what the project declares, or nothing if it shall not count. Raises UsageError for a mistake."""
    from portaudit.auditing.project import configure
    from portaudit.model.declared import Configuration

    if no_config and config is not None:
        raise click.UsageError("--config and --no-config exclude each other.")
    return Configuration() if no_config else configure(config)
