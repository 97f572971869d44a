"""`portaudit explain`: what a finding means."""

import click

from portaudit.cli.options import format_option, publish, terminal_style
from portaudit.render import Format, explanations


@click.command(name="explain")
@click.argument("rule", required=False)
@format_option(Format.TABLE, Format.JSON)
def command(rule: str | None, form: Format) -> None:
    """Say what a finding of RULE means, its usual causes, the fix, and how to make sure; or list all rules.

    RULE can also be a word of a report (leaked, residual, undecided), a kobject type or a function that rules
    speak of, or `pair`: what one pair of readings can prove, and what only a series can.

    \b
    Example:
      portaudit explain U5
    """
    from portaudit.auditing.explain import explain, in_words, page

    if rule is not None and (told := page(rule)) is not None:
        publish(
            explanations.page(told, terminal_style().width)
            if form is Format.TABLE
            else explanations.page_document(told)
        )
        return
    if rule is not None and (word := in_words(rule)) is not None:
        publish(
            explanations.in_words(*word, terminal_style().width)
            if form is Format.TABLE
            else explanations.in_words_document(*word)
        )
        return
    rules = explain(rule)
    if form is Format.JSON:
        publish(explanations.document(rules), form)
    elif rule is None:
        publish(explanations.listing(rules, terminal_style().width))
    else:
        publish(explanations.text(rules[0], terminal_style().width))
