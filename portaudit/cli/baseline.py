"""`portaudit baseline`: today's findings, recorded as accepted."""

from dataclasses import replace

import click

from portaudit.cli.options import (
    config_options,
    declared,
    expect_option,
    ledger_option,
    operations_option,
    process_options,
    quiet_option,
    say,
    subject_option,
)
from portaudit.cli.terminal import read_all
from portaudit.errors import ExitStatus, UsageError


@click.command(name="baseline")
@click.argument("snapshots", nargs=-1, metavar="BEFORE AFTER [MORE]...")
@click.option("-o", "--output", metavar="FILE", required=True, help="Where to write the baseline.")
@process_options
@expect_option
@subject_option
@click.option("--mixed", is_flag=True, help="Compare snapshots that were read in different ways.")
@operations_option
@ledger_option
@config_options
@quiet_option
@click.pass_context
def command(
    ctx: click.Context,
    snapshots: tuple[str, ...],
    output: str,
    host: str | None,
    extension: str | None,
    pids: tuple[str, ...],
    expectations: tuple[str, ...],
    subjects: tuple[str, ...],
    mixed: bool,
    operations: int,
    ledgers: tuple[str, ...],
    config: str | None,
    no_config: bool,
    idle: tuple[str, str] | None,
    quiet: bool,
) -> None:
    """Record the findings between the snapshots BEFORE and AFTER as accepted, each with a reason to fill in.

    A pair gives amounts, a series of more snapshots rates: more than that is a finding again. `portaudit diff
    --baseline FILE` then tells new findings from known ones, and which of them are gone. A baseline that is
    in FILE already is replaced; the reasons in it are kept. Exits 3 if something could not be decided, for
    that is not recorded.

    \b
    Example:
      portaudit baseline before.json after.json -o portaudit-baseline.json
      portaudit baseline portaudit-run/*.json -o portaudit-baseline.json
    """
    from portaudit.auditing.files import cast_of, load_once
    from portaudit.auditing.ledgers import with_ledgers
    from portaudit.auditing.project import rules_of, save_baseline, terms_of
    from portaudit.auditing.verdict import compare_series, idle_difference, subjects_from

    if len(snapshots) < 2:  # noqa: PLR2004  a difference has two sides
        raise UsageError(
            "baseline records what changed between two snapshots, or in a series: name their files"
        )
    configuration = declared(config, no_config=no_config)
    terms = terms_of(configuration, accepting=False)
    cast = cast_of(read_all((*snapshots, *(idle or ())), load_once(), quiet=quiet), host, extension, pids)
    audited, pair = cast.snapshots[: len(snapshots)], cast.snapshots[len(snapshots) :]
    terms = replace(
        terms,
        operations=operations,
        audited=cast.audited,
        idle=idle_difference(pair, cast.audited, mixed=mixed),
        subjects=(*terms.subjects, *subjects_from(subjects)),
    )
    rules = rules_of(configuration, given=expectations)
    report = with_ledgers(compare_series(audited, rules, mixed=mixed, terms=terms), ledgers, terms)
    baseline = save_baseline(output, report)
    accepted = sum(known.count for known in baseline.accepted)
    say(f"{output} accepts {accepted} finding{'' if accepted == 1 else 's'}", quiet=quiet)
    empty = sum(not one.reason for one in baseline.accepted)
    if empty:
        say(f"fill in why: {empty} of {len(baseline.accepted)} entries have no reason yet", quiet=quiet)
    for open_end in report.undecided:
        say(f"not recorded, since it is undecided: {open_end.reason or open_end.title}", quiet=quiet)
    ctx.exit(ExitStatus.UNDECIDED if report.undecided else ExitStatus.DONE)
