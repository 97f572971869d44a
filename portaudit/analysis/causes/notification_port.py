"""N5: an IOKit notification port and its iterators, together."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task, with_own_senders
from portaudit.analysis.causes.iokit import is_iterator, is_notification
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import IOKIT_OBJECT, MAIN_DEVICE
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task has new receive rights, and with each of them as many new IOKit objects."""
    objects = [row for row in evidence.gains({IOKIT_OBJECT}) if not row.before and _fits(row)]
    for rows in by_task([*evidence.gains(right=Right.RECEIVE), *objects]):
        ports = [row for row in rows if row.right is Right.RECEIVE]
        made = len(rows) - len(ports)
        if ports and made and made % len(ports) == 0:
            registry = _registry_of(evidence, ports)
            objects_too = [row for row in rows if row.right is Right.SEND]
            yield Claim(
                (*with_own_senders(evidence, ports), *objects_too, *registry),
                _seen(len(ports), made, kept=bool(registry)),
                Confidence.LIKELY if any(map(is_notification, rows)) else Confidence.HINT,
            )


def _seen(ports: int, made: int, *, kept: bool) -> str:
    also = ", and the MAIN-DEVICE row rose with the ports" if kept else ""
    return f"{plural(ports, 'new receive right')} and {plural(made, 'new IOKIT-OBJECT name')}{also}"


def _registry_of(evidence: Evidence, ports: list[Change]) -> list[Change]:
    """Find the port of IOKit's registry: each notification port keeps a reference (IOKitUser, IOKitLib.c)."""
    holder = ports[0].role, ports[0].process
    rows = evidence.gains({MAIN_DEVICE})
    return [row for row in rows if (row.role, row.process) == holder and row.residual == len(ports)]


def _fits(row: Change) -> bool:
    return row.description is None or is_iterator(row) or is_notification(row)


RULE = Rule(
    id="N5",
    title="an IOKit notification port is never destroyed",
    cause="IONotificationPortCreate without IONotificationPortDestroy, and its iterators without a release",
    fix="IOObjectRelease each iterator of the notifications, then IONotificationPortDestroy",
    case="",
    find=find,
)
