"""`portaudit explain`: what a finding means."""

import click

from portaudit.cli.options import format_option, publish, terminal_style
from portaudit.render import Format, explanations


@click.command(name="explain")
@click.argument("rule", required=False)
@format_option(Format.TABLE, Format.JSON)
def command(rule: str | None, form: Format) -> None:
    """Say what a finding of RULE means, its usual causes, the fix, and how to make sure; or list all rules.

    \b
    Example:
      portaudit explain U5
    """
    from portaudit.auditing.explain import explain

    rules = explain(rule)
    if form is Format.JSON:
        publish(explanations.document(rules))
    elif rule is None:
        publish(explanations.listing(rules, terminal_style().width))
    else:
        publish(explanations.text(rules[0], terminal_style().width))
