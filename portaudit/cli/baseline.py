"""`portaudit baseline`: today's findings, recorded as accepted."""

import click

from portaudit.cli.options import config_options, declared, ledger_option, quiet_option, say
from portaudit.exit_status import ExitStatus


@click.command(name="baseline")
@click.argument("before")
@click.argument("after")
@click.option("-o", "--output", metavar="FILE", required=True, help="Where to write the baseline.")
@click.option(
    "--expect",
    "expectations",
    metavar="RULE",
    multiple=True,
    help="What may change: 'extension: task-control of host +1'.",
)
@click.option("--mixed", is_flag=True, help="Compare snapshots that were read in different ways.")
@ledger_option
@config_options
@quiet_option
@click.pass_context
def command(
    ctx: click.Context,
    before: str,
    after: str,
    output: str,
    expectations: tuple[str, ...],
    mixed: bool,
    ledgers: tuple[str, ...],
    config: str | None,
    no_config: bool,
    idle: tuple[str, str] | None,
    quiet: bool,
) -> None:
    """Record the findings between the snapshots BEFORE and AFTER as accepted, each with a reason to fill in.

    `portaudit diff --baseline FILE` then tells new findings from known ones, and which of them are gone. A
    baseline that is in FILE already is replaced; the reasons in it are kept. Exits 3 if something could not
    be decided, for that is not recorded.

    \b
    Example:
      portaudit baseline before.json after.json -o portaudit-baseline.json
    """
    from portaudit.auditing.files import load
    from portaudit.auditing.ledgers import with_ledgers
    from portaudit.auditing.project import rules_of, save_baseline, terms_of
    from portaudit.auditing.verdict import compare

    configuration = declared(config, no_config=no_config)
    terms = terms_of(configuration, idle=idle, mixed=mixed, accepting=False)
    rules = rules_of(configuration, given=expectations)
    report = compare(load(before), load(after), rules, mixed=mixed, terms=terms)
    report = with_ledgers(report, ledgers, terms)
    baseline = save_baseline(output, report)
    accepted = sum(known.count for known in baseline.accepted)
    say(f"{output} accepts {accepted} finding{'' if accepted == 1 else 's'}", quiet=quiet)
    empty = sum(not one.reason for one in baseline.accepted)
    if empty:
        say(f"fill in why: {empty} of {len(baseline.accepted)} entries have no reason yet", quiet=quiet)
    for open_end in report.undecided:
        say(f"not recorded, since it is undecided: {open_end.reason or open_end.title}", quiet=quiet)
    ctx.exit(ExitStatus.UNDECIDED if report.undecided else ExitStatus.DONE)
