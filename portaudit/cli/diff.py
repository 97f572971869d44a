"""`portaudit diff`: what changed between two snapshots, judged."""

from dataclasses import replace

import click

from portaudit import audit
from portaudit.cli.configured import config_options, declared
from portaudit.cli.options import format_option, place, publish, terminal_style
from portaudit.render import REPORT_RENDERERS, render_report


@click.command(name="diff", short_help="Say what changed between snapshots, judged.")
@click.argument("before")
@click.argument("after")
@click.option(
    "--expect",
    "expectations",
    metavar="RULE",
    multiple=True,
    help="What may change: 'extension: task-control of host +1'.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="warning",
    show_default=True,
    help="What exits 1.",
)
@click.option("--mixed", is_flag=True, help="Compare snapshots that were read in different ways.")
@click.option("--all", "everything", is_flag=True, help="Show the rights that did not change, too.")
@click.option("--baseline", metavar="FILE", help="Tell new findings from those that FILE accepts.")
@config_options
@format_option(*REPORT_RENDERERS)
@click.pass_context
def command(
    ctx: click.Context,
    before: str,
    after: str,
    expectations: tuple[str, ...],
    fail_on: str,
    mixed: bool,
    everything: bool,
    baseline: str | None,
    config: str | None,
    no_config: bool,
    idle: tuple[str, str] | None,
    form: str,
) -> None:
    """Say what changed between the snapshots BEFORE and AFTER: what leaked, what was freed twice, and why.

    Exits 0 if the references balance, 1 with findings, 3 if something could not be decided.

    \b
    Example:
      portaudit diff before.json after.json --expect 'extension: task-control of host +1'
    """
    configuration = declared(config, no_config=no_config)
    terms = audit.terms_of(configuration, baseline=baseline, idle=idle, mixed=mixed)
    rules = audit.rules_of(configuration, given=expectations)
    report = audit.compare(audit.load(before), audit.load(after), rules, mixed=mixed, terms=terms)
    status = audit.exit_status(report, fail_on)
    style = replace(
        terminal_style(everything=everything),
        fail_on=fail_on,
        exit_status=status,
        before=place(before),
        after=place(after),
    )
    publish(render_report(report, form, style))
    ctx.exit(status)
