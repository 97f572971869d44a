"""`portaudit explain`: what a finding means."""

import click

from portaudit.cli.options import format_option, publish, terminal_style
from portaudit.render import Format, explanations


@click.command(name="explain")
@click.argument("rule", required=False)
@format_option(Format.TABLE, Format.JSON)
def command(rule: str | None, form: Format) -> None:
    """Say what a finding of RULE means, its usual causes, the fix, and how to make sure; or list all rules.

    RULE can also be the word `pair`: what one pair of readings can prove, and what only a series can.

    \b
    Example:
      portaudit explain U5
    """
    from portaudit.auditing.explain import explain, page

    if rule is not None and (told := page(rule)) is not None:
        publish(
            explanations.page(told, terminal_style().width)
            if form is Format.TABLE
            else explanations.page_document(told)
        )
        return
    rules = explain(rule)
    if form is Format.JSON:
        publish(explanations.document(rules), form)
    elif rule is None:
        publish(explanations.listing(rules, terminal_style().width))
    else:
        publish(explanations.text(rules[0], terminal_style().width))
