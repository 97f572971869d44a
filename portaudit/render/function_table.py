"""The functions that give rights and take them, as a table for people."""

from tabulate import tabulate

from portaudit.model.right_calls import (
    EVERYTHING,
    RIGHT_CALLS,
    ByDisposition,
    Effect,
    FromArgument,
    Place,
)


def render_right_calls() -> str:
    """List every function with its effects and what one is likely to get wrong."""
    rows = [
        [call.name, "; ".join(map(effect_words, call.effects)), call.kobject or "", call.trap]
        for call in RIGHT_CALLS
    ]
    return (
        tabulate(rows, ("function", "references", "to", "trap"), "simple", maxcolwidths=[None, 38, 14, 44])
        + "\n"
    )


def effect_words(effect: Effect) -> str:
    """Say what a call does to one name."""
    where = {
        Place.RESULT: "the result",
        Place.OUT: f"*{effect.argument}",
        Place.LENT: f"each of *{effect.argument}",
        Place.FILLED: f"each of {effect.argument}",
        Place.GIVEN: effect.argument,
        Place.MESSAGE: "the message's rights",
    }[effect.place]
    even = ", even if refused" if effect.even_refused else ""
    return f"{where}: {_change(effect)}{_kind(effect)}{even}"


def _change(effect: Effect) -> str:
    if effect.place is Place.MESSAGE:
        return "as their dispositions say" if effect.change == 1 else "given back"
    if effect.change == EVERYTHING:
        return "all go"
    if isinstance(effect.change, FromArgument):
        return f"by {effect.change.argument}"
    if isinstance(effect.change, ByDisposition):
        return f"-1 if {effect.change.argument} moves it"
    return f"{effect.change:+d}" if effect.change else "none"


def _kind(effect: Effect) -> str:
    if effect.right is None or isinstance(effect.right, FromArgument | ByDisposition):
        return ""
    return f" {effect.right}"
