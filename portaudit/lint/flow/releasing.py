"""What a release does on one path, and whether it fits what it releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.facts import CONNECTION, OBJECT
from portaudit.lint.flow.state import OURS, Part, Site, Status, Value
from portaudit.lint.program import Call, Const, Expression, every
from portaudit.model.rights import Right

if TYPE_CHECKING:
    from portaudit.lint.flow.evaluate import Evaluator


def release(ev: Evaluator, call: Call, value: Value) -> None:
    """Give back what a value is, and note what is wrong with it."""
    for site in value.sites:
        status = ev.state.status.get(site)
        if status is None or site.part is Part.MEMORY:
            continue
        if _is_only_sending(call, site):
            ev.log.wrong.setdefault((site, call.span), call.name)
            continue
        if _is_more(call):
            ev.state.put((site,), Status.LEFT)
            continue
        if not value.element and not site.array:
            ev.log.releases[site, call.span].add(status)
            _note_wrong(ev, call, site)
        ev.state.put((site,), Status.RELEASED)


def _is_only_sending(call: Call, site: Site) -> bool:
    """Say whether a release takes a send right only, where it is a receive right that is held."""
    if site.right is not Right.RECEIVE or site.part is not Part.RIGHT or site.rule in {OBJECT, CONNECTION}:
        return False
    if call.name in {"mach_port_deallocate", "mach_right_send_release"}:
        return True
    return call.name == "mach_port_mod_refs" and said(argument_of(call, 2), "RIGHT_SEND")


def _is_more(call: Call) -> bool:
    delta = argument_of(call, 3)
    return call.name == "mach_port_mod_refs" and isinstance(delta, Const) and delta.truth is True


def _note_wrong(ev: Evaluator, call: Call, site: Site) -> None:
    sends = site.right is Right.SEND and site.part is Part.RIGHT
    destroyed = call.name in {"mach_port_destroy", "mach_port_destruct"} and sends
    if destroyed or (call.name == "IOServiceClose" and sends and site.rule != CONNECTION):
        ev.log.wrong.setdefault((site, call.span), call.name)


def insert(ev: Evaluator, call: Call, values: list[Value]) -> None:
    """Note what mach_port_insert_right() makes a send right of."""
    if call.name != "mach_port_insert_right" or len(values) < 4:  # noqa: PLR2004  its arguments
        return
    if not said(call.arguments[3], "MAKE_SEND"):
        return
    for site in values[2].sites:
        if site.right is Right.RECEIVE:
            ev.log.sent.add(site)
        elif site.part is Part.RIGHT and site.right is Right.SEND and ev.state.status.get(site) in OURS:
            ev.log.made.setdefault((site, call.span), call.name)


def argument_of(call: Call, position: int) -> Expression:
    """Give an argument of a call; nothing where it has fewer."""
    return call.arguments[position] if position < len(call.arguments) else Const("")


def said(expression: Expression, word: str) -> bool:
    """Say whether a constant that ends with this word stands in an expression."""
    texts = (part.text for part in every(expression) if isinstance(part, Const))
    return any(text.endswith(word) for text in texts)
