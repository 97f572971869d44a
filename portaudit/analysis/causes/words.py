"""The words that rules share: numbers of a row, and who holds what of whom."""

from collections.abc import Sequence

from portaudit.analysis.kinds import title_of
from portaudit.model.difference import Change
from portaudit.model.kobject import TASK_CONTROL


def count(row: Change) -> str:
    """Say a row's numbers: `0 -> 3 references, +1 expected`."""
    expected = f", {row.expected:+d} expected" if row.expected else ""
    idle = f", {row.idle:+d} also while nothing was transferred" if row.idle else ""
    return f"{_side(row.before)} -> {_side(row.after)} references{expected}{idle}"


def _side(number: int | None) -> str:
    return "?" if number is None else str(number)


def new_or_known(row: Change) -> str:
    """Say whether the name is new: most leaks only raise the references of a name that existed."""
    return "the name existed before, so no port count shows it" if row.before else "the name is new"


def brief(text: str, most: int = 80) -> str:
    """Cut a name from the machine under audit to what a sentence can bear."""
    return text if len(text) <= most else f"{text[:most]}…"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """Say `1 name`, `2 names`."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"


def total(rows: Sequence[Change]) -> int:
    """Add up the residuals of some rows."""
    return sum(row.residual for row in rows)


def the(title: str) -> str:
    """Put the article before a role; the name of a process takes none."""
    return title if "(" in title else f"the {title}"


def who(row: Change) -> str:
    """Name the task that holds a row: `the extension`, `HostApp (501)`."""
    return the(brief(title_of(row)))


def port(row: Change) -> str:
    """Say what a row's references are to: `the host's task port`, `a SEMAPHORE port`, `a port`."""
    kind = "task port" if row.kobject == TASK_CONTROL else " ".join(filter(None, (row.kobject_label, "port")))
    if row.of is None:
        return f"a {kind}"
    return f"its own {kind}" if row.of == title_of(row) else f"{the(brief(row.of))}'s {kind}"


def a_round(rate: float) -> str:
    """Say a rate: `+0.33 a round`."""
    return f"{rounded(rate)} a round"


def rounded(rate: float) -> str:
    """Spell a rate with two decimals, or two digits where that would be nothing: +1, +0.33, +0.0042."""
    return f"{round(rate, 2) or float(f'{rate:.2g}'):+g}"
