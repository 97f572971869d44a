"""`portaudit check`: the audits that a project declares, before a commit or a push."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portaudit.cli.options import (
    SENTENCE_MAX,
    interrupt_on_sigterm,
    kernel_option,
    publish,
    standing,
    terminal_style,
)
from portaudit.cli.reports import Output, ending, report_options, write_outputs
from portaudit.cli.terminal import lines_of
from portaudit.harmless import in_log, safe
from portaudit.render import Format, Style, render_checks

if TYPE_CHECKING:
    from portaudit.model.check import Check
    from portaudit.model.declared import Configuration
    from portaudit.model.finding import Checked


@click.command(name="check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--list", "listing", is_flag=True, help="Name the checks, and run none.")
@click.option("--config-only", is_flag=True, help="Validate what the configuration says, and run nothing.")
@click.option("--config", metavar="FILE", help="Read this configuration, not the nearest one.")
@click.option("--strict", is_flag=True, envvar="PORTAUDIT_STRICT", help="Exit 3 if a check is skipped.")
@click.option("--all", "everything", is_flag=True, help="Show every row, and the rights that did not change.")
@kernel_option
@click.option(
    "--keep", metavar="FOLDER", help="Keep each check's snapshots, in a folder of its name in FOLDER."
)
@report_options
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    listing: bool,
    config_only: bool,
    config: str | None,
    strict: bool,
    everything: bool,
    kernel: str | None,
    keep: str | None,
    outputs: tuple[Output, ...],
    exit_zero: bool,
    form: Format,
) -> None:
    """Run the checks of portaudit.toml or pyproject.toml, all or those named: one line each.

    The reports of those that failed follow; in every other format all are one document. A check that cannot
    run on this machine is skipped, and says so. Exits 0 if none failed, 1 with findings, 3 if something is
    undecided.

    \b
    Example:
      portaudit check --list
      portaudit check transfer --format markdown
      portaudit check -o sarif=portaudit.sarif -o junit=portaudit.xml -o html=portaudit.html
    """
    from portaudit.auditing.project import chosen_checks, configure

    interrupt_on_sigterm()
    configuration = configure(config)
    if config_only:
        from portaudit.auditing.check import validate

        publish("".join(f"{safe(remark, SENTENCE_MAX)}\n" for remark in validate(configuration)))
        return
    checks = chosen_checks(configuration, names)
    if listing:
        publish("".join(f"{safe(check.name)}\t{safe(str(check.place), SENTENCE_MAX)}\n" for check in checks))
        return
    from portaudit.auditing.check import overall

    results = []
    for check in checks:
        results.append(_checked(configuration, check, kernel, keep))
        _tell_line(results[-1], form)
    status = ending(overall(results, strict=strict), exit_zero=exit_zero)
    style = replace(terminal_style(everything=everything), exit_status=status)
    publish(_rest(results, form, style), form)
    write_outputs(lambda wanted, how: render_checks(results, wanted, how), outputs, style)
    ctx.exit(status)


def _checked(
    configuration: "Configuration", check: "Check", kernel: str | None, keep: str | None
) -> "Checked":
    from portaudit.auditing.check import impossible, run_check, skipped

    wanted = kernel or check.kernel
    reason = impossible(check, wanted)
    if reason is not None:
        return skipped(check, reason)
    with standing(wanted) as name:
        return run_check(configuration, check, name, Path(keep) if keep else None)


def _tell_line(checked: "Checked", form: Format) -> None:
    """Say how a check ended as soon as it has: to whoever reads the table, else to whoever waits."""
    from portaudit.render.rest import check_line

    if form is Format.TABLE:
        publish("\n".join((*lines_of("", check_line(checked, terminal_style()).rstrip()), "")))
        for note in checked.found:
            click.echo(in_log(f"note: {safe(note, SENTENCE_MAX)}"), err=True)
    else:
        click.echo(in_log(check_line(checked, terminal_style())), err=True, nl=False)


def _rest(results: "list[Checked]", form: Format, style: Style) -> str:
    if form is not Format.TABLE:
        return render_checks(results, form, style)
    from portaudit.render.as_table import details

    return details(results, style)
