"""`portaudit lint`: what sources do with Mach port rights."""

import click

from portaudit.cli.options import declared, format_option, publish, quiet_option, say, terminal_style
from portaudit.render import Format
from portaudit.render.sources import RENDERERS


@click.command(name="lint")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="warning",
    show_default=True,
    help="What exits 1: certain findings are errors, likely ones warnings, hints notes.",
)
@click.option("--baseline", metavar="FILE", help="Tell new findings from those that FILE accepts.")
@click.option("--save-baseline", metavar="FILE", help="Write today's findings to FILE as accepted.")
@click.option(
    "--config",
    metavar="FILE",
    help="Read this configuration, not the nearest portaudit.toml or pyproject.toml.",
)
@click.option("--no-config", is_flag=True, help="Read no configuration.")
@quiet_option
@format_option(*RENDERERS)
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    fail_on: str,
    baseline: str | None,
    save_baseline: str | None,
    config: str | None,
    no_config: bool,
    quiet: bool,
    form: Format,
) -> None:
    """Find rights that are kept, released twice or used too late, in C, Objective-C, C++ and Swift sources.

    Each PATH is a file or a folder; without one, the working folder. Neither a compiler nor a Mac is
    needed. `// portaudit: ignore[S3] reason` in a source accepts a finding in its line or the next.

    Exits 0 without findings, 1 with findings, 3 if a file could not be read.

    \b
    Example:
      portaudit lint src --format github
    """
    from portaudit.auditing.lint import lint, save, status_of
    from portaudit.render.sources import render

    report = lint(paths or (".",), declared(config, no_config=no_config), baseline=baseline)
    if save_baseline is not None:
        entries = save(save_baseline, report)
        say(f"{save_baseline} accepts {entries} {'entry' if entries == 1 else 'entries'}", quiet=quiet)
    for note in report.notes:
        say(f"{note.path}: {note.text}", quiet=quiet)
    status = status_of(report, fail_on)
    publish(render(report, form, terminal_style(), fail_on=fail_on, status=status), form)
    ctx.exit(0 if save_baseline is not None else status)
