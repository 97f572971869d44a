"""Options that several commands share, and how a command speaks."""

from collections.abc import Callable
from typing import Any

import click

quiet_option = click.option("-q", "--quiet", is_flag=True, help="No progress and no warnings.")

kernel_option = click.option(
    "--kernel",
    envvar="PORTAUDIT_KERNEL",
    metavar="NAME",
    help="Which Mach answers: xnu (a Mac's own), or a stand-in as `portaudit demo --hold` prints it.",
)

operations_option = click.option(
    "--ops",
    "operations",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many operations one round makes; rates are told for one.",
)


def format_option(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Offer --format with these choices; the first is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print.",
    )


def say(sentence: str, *, quiet: bool) -> None:
    """Tell the user something on standard error, unless it shall be quiet."""
    if not quiet:
        click.echo(sentence, err=True)
