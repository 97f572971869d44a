"""`portaudit diff`: what changed between two snapshots, judged."""

from dataclasses import replace

import click

from portaudit.cli.options import (
    config_options,
    declared,
    expect_option,
    fail_on_option,
    ledger_option,
    operations_option,
    policy_option,
    process_options,
    subject_option,
)
from portaudit.cli.reports import Output, ending, publish_report, report_options, report_style
from portaudit.cli.terminal import read_all
from portaudit.errors import UsageError
from portaudit.render import Format


@click.command(name="diff")
@click.argument("snapshots", nargs=-1, metavar="BEFORE AFTER [MORE]...")
@process_options
@expect_option
@subject_option
@fail_on_option
@click.option("--mixed", is_flag=True, help="Compare snapshots that were read in different ways.")
@click.option("--all", "everything", is_flag=True, help="Show every row, and the rights that did not change.")
@operations_option
@click.option("--baseline", metavar="FILE", help="Tell new findings from those that FILE accepts.")
@click.option(
    "--guard",
    "guards",
    metavar="FILE",
    multiple=True,
    help="A crash report or log: guard exceptions in it become findings.",
)
@ledger_option
@policy_option
@config_options
@report_options
@click.pass_context
def command(
    ctx: click.Context,
    snapshots: tuple[str, ...],
    host: str | None,
    extension: str | None,
    pids: tuple[str, ...],
    expectations: tuple[str, ...],
    subjects: tuple[str, ...],
    fail_on: str,
    mixed: bool,
    everything: bool,
    operations: int,
    baseline: str | None,
    guards: tuple[str, ...],
    ledgers: tuple[str, ...],
    policy: str | None,
    config: str | None,
    no_config: bool,
    idle: tuple[str, str] | None,
    outputs: tuple[Output, ...],
    exit_zero: bool,
    form: Format,
) -> None:
    """Say what changed between the snapshots BEFORE and AFTER: what leaked, what was freed twice, and why.

    Three or more snapshots, one after each round of the same operation, are a series: what leaks in every
    round is found with its rate, a cache that fills once is a note, what comes and goes is nothing.

    --host and --extension say who is who where the files do not: lsmp's texts, for one.

    Exits 0 if the references balance, 1 with findings, 3 if something could not be decided.

    \b
    Example:
      portaudit diff before.json after.json --expect 'extension: task-control of host +1'
      portaudit diff before.txt after.txt --host Host --extension Ext
      portaudit diff round-0.json round-1.json round-2.json round-3.json
    """
    from portaudit.auditing.files import cast_of, load_once
    from portaudit.auditing.project import rules_of, stricter, terms_of
    from portaudit.auditing.verdict import compare_series, exit_status, idle_difference, subjects_from

    if len(snapshots) < 2:  # noqa: PLR2004  a difference has two sides
        raise UsageError("diff compares two snapshots, or judges a series of more: name their files")
    configuration = declared(config, no_config=no_config)
    terms = terms_of(configuration, baseline=baseline)
    cast = cast_of(read_all((*snapshots, *(idle or ())), load_once()), host, extension, pids)
    audited, quiet = cast.snapshots[: len(snapshots)], cast.snapshots[len(snapshots) :]
    terms = replace(
        stricter(terms, guards, policy),
        operations=operations,
        audited=cast.audited,
        idle=idle_difference(quiet, cast.audited, mixed=mixed),
        subjects=(*terms.subjects, *subjects_from(subjects)),
    )
    rules = rules_of(configuration, given=expectations)
    report = compare_series(audited, rules, mixed=mixed, terms=terms)
    if ledgers:
        from portaudit.auditing.ledgers import with_ledgers

        report = with_ledgers(report, ledgers, terms)
    status = ending(exit_status(report, fail_on), exit_zero=exit_zero)
    style = report_style(everything=everything, fail_on=fail_on, status=status)
    publish_report(report, form, outputs, snapshots, style)
    ctx.exit(status)
