"""Rights to task ports: of another task, of the own one, and under a policy."""

from collections.abc import Iterator

from msgspec import structs

from portaudit.analysis.causes.rule import (
    Claim,
    Evidence,
    Rule,
    by_task,
    count,
    new_or_known,
    plural,
    port,
    total,
    who,
)
from portaudit.analysis.kinds import is_own
from portaudit.analysis.spaces import standing
from portaudit.model.difference import Change
from portaudit.model.finding import Verdict
from portaudit.model.kobject import TASK_CONTROL, TASK_ID_TOKEN, TASK_PORTS, THREAD_CONTROL, THREAD_PORTS
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE

GIVE_BACK = "that it must give back"
TASKS = TASK_PORTS | {TASK_ID_TOKEN}


def exception_message(evidence: Evidence) -> Iterator[Claim]:
    """Speak when task ports and thread ports in one space rose by the same number together.

    By one they rise together by chance: another task's port, and a thread that was there before, alone
    count then.
    """
    tasks, threads = evidence.gains(TASKS), evidence.gains(THREAD_PORTS)
    for rows in by_task([*tasks, *threads]) if tasks and threads else ():
        of_tasks = [row for row in rows if row.kobject in TASKS]
        of_threads = [row for row in rows if row.kobject in THREAD_PORTS]
        known = not any(map(is_own, of_tasks)) and all(row.before for row in of_threads)
        if (
            of_tasks
            and of_threads
            and (known or total(of_tasks) > 1)
            and total(of_tasks) == total(of_threads)
        ):
            together = " together" if len(of_threads) > 1 else ""
            yield Claim(
                (*of_tasks, *of_threads),
                f"{plural(len(of_tasks), 'task port')} rose by {total(of_tasks)}, and "
                f"{plural(len(of_threads), 'thread port')} by {total(of_threads)}{together}; whose threads "
                "they are does not show",
                Confidence.LIKELY,
                title=(
                    f"{who(rows[0])} keeps {plural(total(of_tasks), 'reference')} to task ports and as many "
                    "to threads, as exception messages carry them"
                ),
            )


U6 = Rule(
    id="U6",
    title="the task and thread rights of exception messages are kept",
    cause="each exception message carries a task right and a thread right; the handler released neither",
    fix="mach_port_deallocate both if the routine succeeds; if it fails, MIG's server releases them",
    case="bingosuite/bingo#100",
    find=exception_message,
)


def foreign_task_port(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to another task's port, of whatever flavour, rose."""
    for row in evidence.gains(TASKS):
        if not is_own(row):
            unsure = "" if row.of else "; whose it is cannot be told here"
            yield Claim(
                (row,),
                f"{count(row)}; {new_or_known(row)}{unsure}",
                Confidence.CERTAIN if row.of else Confidence.LIKELY,
                title=f"{who(row)} keeps {plural(row.residual, 'reference')} to {port(row)} {GIVE_BACK}",
            )


U5 = Rule(
    id="U5",
    title="another task's port is kept",
    cause=(
        "xpc_dictionary_copy_mach_send, a received port descriptor, task_for_pid or an exception message "
        "gave one reference each time, and nothing released it"
    ),
    fix="mach_port_deallocate(mach_task_self(), port) once the port is used, on the error paths too",
    case="bingosuite/bingo#75",
    find=foreign_task_port,
)


def own_task_port(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task's own port rose in its own space.

    Of a read, inspect or name port nobody can tell whose it is; in the host's space it is taken for
    the host's own, since the host is the one that hands itself over.
    """
    for row in evidence.gains(TASK_PORTS):
        if is_own(row):
            kept = f"{who(row)} keeps {plural(row.residual, 'reference')} to its own task port"
            yield Claim((row,), f"the task's own port: {count(row)}", Confidence.LIKELY, title=kept)
        elif row.kobject != TASK_CONTROL and row.role == HOST_ROLE and row.of is None:
            seen = f"a {row.kobject_label} port in the host's space: {count(row)}; whose it is does not show"
            kept = f"{who(row)} keeps {plural(row.residual, 'reference')} to {port(row)}, perhaps its own"
            yield Claim((row,), seen, Confidence.HINT, title=kept)


U7 = Rule(
    id="U7",
    title="a task takes its own port anew and never gives it back",
    cause=(
        "the mach_task_self() trap, task_get_special_port or task_for_pid on oneself adds one reference "
        "at every call; the mach_task_self_ variable does not"
    ),
    fix="take the port once and keep it, or mach_port_deallocate after each transfer",
    case="",
    find=own_task_port,
)


def own_port_lost(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task's own port fell, or a thread's port whose name is still there.

    Where another task's port fell too, the threads are taken for that task's.
    """
    lost = evidence.losses({TASK_CONTROL, THREAD_CONTROL})
    others = {(row.role, row.process) for row in lost if _is_foreign_task(row)}
    for row in lost:
        if is_own(row):
            lacks = f"{who(row)} lacks {plural(-row.residual, 'reference')} to its own task port"
            yield Claim((row,), f"the task's own port: {count(row)}", Confidence.LIKELY, title=lacks)
        elif row.kobject == THREAD_CONTROL and row.after and (row.role, row.process) not in others:
            yield Claim((row,), f"a thread's port: {count(row)}; the thread is alive", Confidence.LIKELY)


def _is_foreign_task(row: Change) -> bool:
    return row.kobject == TASK_CONTROL and not is_own(row)


O6 = Rule(
    id="O6",
    title="a task loses references to its own port",
    cause=(
        "the own port was moved (MACH_MSG_TYPE_MOVE_SEND) where a copy was meant, "
        "or deallocated without having been taken"
    ),
    fix="send with MACH_MSG_TYPE_COPY_SEND, as XPC does, and never deallocate mach_task_self()",
    case="",
    find=own_port_lost,
)


def control_port_held(evidence: Evidence) -> Iterator[Claim]:
    """Speak when the space of the extension holds the host's control port after, changed or not."""
    number = evidence.spaces.host_object
    for (role, _), task in evidence.spaces.tasks.items():
        if role == EXTENSION_ROLE and task.entries and number and number in task.entries.object:
            entry = task.entries.entry(task.entries.object.index(number))
            if Right.SEND in entry.rights:
                row = structs.replace(
                    standing(task, entry, Right.SEND, entry.urefs), kobject=TASK_CONTROL, of=HOST_ROLE
                )
                yield Claim((row,), _seen(row), Confidence.CERTAIN, covers=(), verdict=Verdict.NOT_ALLOWED)


def _seen(row: Change) -> str:
    held = "references" if row.after is None else plural(row.after, "reference")
    return f"0x{row.name or 0:x} holds {held} to the host's TASK-CONTROL port"


P1 = Rule(
    id="P1",
    title="the extension holds the control port of its host",
    cause="the control port lets its holder read and write the host's memory, and act in the host's name",
    fix=(
        "send a task identity token (task_create_identity_token) instead: what the extension gets from it "
        "with task_identity_token_get_task_port may be a read, inspect or name port"
    ),
    case="",
    find=control_port_held,
)
