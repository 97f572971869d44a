"""References that are missing: moved, freed twice, or freed under a name that is another one now."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, plural, port, the, who
from portaudit.model.difference import Change, Kind, Recycled
from portaudit.model.finding import Verdict
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence


def owner_swapped(evidence: Evidence) -> Iterator[Claim]:
    """Speak when the residuals of two tasks on one port cancel out."""
    for right in (Right.SEND, Right.RECEIVE):
        losses = evidence.losses(right=right)
        gains = evidence.gains(right=right) if losses else []
        gained = {(row.object, row.residual): row for row in gains}
        for loss in losses:
            gain = gained.get((loss.object, -loss.residual))
            if gain is not None and loss.object is not None and loss.process != gain.process:
                seen = f"{who(loss)}: {count(loss)}; {who(gain)}: {count(gain)}; the sum is 0"
                moved = f"{plural(gain.residual, 'reference')} to {port(gain)}"
                title = f"{who(gain)} keeps {moved} that {who(loss)} lacks"
                yield Claim((loss, gain), seen, Confidence.LIKELY, title=title)


X1 = Rule(
    id="X1",
    title="references moved from one task to the other: the owner is swapped",
    cause="the sender moved the right (MACH_MSG_TYPE_MOVE_SEND) where a copy was meant",
    fix="send with MACH_MSG_TYPE_COPY_SEND, and mach_port_deallocate what was received once it is used",
    case="",
    find=owner_swapped,
)


def over_release(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to a subject or to what the process has for good are missing."""
    for row in evidence.losses():
        if row.kind is not Kind.COMING_AND_GOING:
            yield Claim((row,), count(row), _sureness(row), title=_title(row))


def _title(row: Change) -> str:
    return f"{who(row)} lacks {plural(-row.residual, 'reference')} to {port(row)} that it must still hold"


def _sureness(row: Change) -> Confidence:
    # A right that has gone altogether may have gone with its object: the thread or the task has ended
    return Confidence.CERTAIN if row.after else Confidence.LIKELY


O1 = Rule(
    id="O1",
    title="references are freed that must still be held",
    cause="one reference was released twice, or handed off (MACH_MSG_TYPE_MOVE_SEND) without being declared",
    fix="release each reference once; declare a hand-off with --expect",
    case="apple/swift-lldb#480",
    find=over_release,
)


def released_to_zero(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a subject's last reference has gone, and another task still knows the port."""
    for row in evidence.losses():
        others = evidence.spaces.others_that_hold(row) if row.after == 0 else []
        if others and row.kind is not Kind.COMING_AND_GOING:
            know = "knows" if len(others) == 1 else "know"
            alive = f"the port is alive: {', '.join(map(the, others))} still {know} it"
            yield Claim((row,), f"{count(row)}; {alive}", Confidence.LIKELY, title=_title(row))


O2 = Rule(
    id="O2",
    title="a right was released to zero while its port lives",
    cause="one release too many took the last reference, and the name with it",
    fix="release each reference once; if the task gives the right up on purpose, declare it with --expect",
    case="",
    find=released_to_zero,
)


def stray_release(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a right that comes and goes keeps its name and has fewer references."""
    for row in _with_less(evidence):
        yield Claim((row,), f"{count(row)} on {row.kobject_label or 'a message queue'}", Confidence.HINT)


def _with_less(evidence: Evidence) -> Iterator[Change]:
    return (row for row in evidence.losses() if row.after)


O4 = Rule(
    id="O4",
    title="references to a port that is shared and in use fell",
    cause="a stale or garbage name was deallocated, and the name belongs to somebody else by now",
    fix="set a name to MACH_PORT_NULL when it is released, and check the bounds of arrays of names",
    case="getsentry/sentry-cocoa#7642",
    find=stray_release,
    each=_with_less,
)


def recycled(evidence: Evidence) -> Iterator[Claim]:
    """Speak of names that stand for another port now; what they lost and gained is told as itself."""
    for reused in evidence.spaces.difference.recycled:
        sides = (reused.lost, reused.gained)
        yield Claim(sides, _seen(reused), Confidence.CERTAIN, covers=(), verdict=Verdict.RECYCLED)


def _seen(reused: Recycled) -> str:
    was, now = (
        f"{side.kobject_label or side.right}" + (f" 0x{side.object:08x}" if side.object else "")
        for side in (reused.lost, reused.gained)
    )
    return f"0x{reused.gained.name or 0:x} was {was} and is {now}: freed and used again between the readings"


O3 = Rule(
    id="O3",
    title="a name denotes another port now",
    cause="the right was released to zero, and the kernel gave its name to another port",
    fix="forget a name with its last reference: who cached it acts on somebody else's port",
    case="block/buzz#5338",
    find=recycled,
)
