"""Write man/portaudit-rules.7 anew, in mdoc: `python -m tests.render.renew_manual`, or `make manual`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from portaudit.analysis.explaining import explanations
from portaudit.model.explanation import Explanation
from portaudit.render.explanations import DERIVED, LANGUAGES, code, example, lldb

PAGE = Path(__file__).parents[2] / "man" / "portaudit-rules.7"

WIDTH = 70
HEAD = r""".\" Made by `make manual` from portaudit/analysis/causes: change the texts there.
.Dd November 23, 2026
.Dt PORTAUDIT-RULES 7
.Os
.Sh NAME
.Nm portaudit-rules
.Nd what the findings of portaudit mean
.Sh DESCRIPTION
Each finding of
.Xr portaudit-diff 1
has the id of a rule, which never changes its meaning.
U: references of a name that exists rose.
N: names are new.
O: references are missing.
X, P: the pair as a whole.
L: nothing else explains it.
F, R: undecided.
.Pp
In the commands for lldb,
PID is the process and NAME the port's name in the finding."""
TAIL = """.Sh SEE ALSO
.Xr portaudit 1 ,
.Xr portaudit-diff 1 ,
.Xr portaudit-explain 1"""


def manual_page(rules: Iterable[Explanation]) -> str:
    """Write the manual page of these rules."""
    return "\n".join((HEAD, *(line for rule in rules for line in _rule(rule)), TAIL)) + "\n"


def _rule(rule: Explanation) -> Iterator[str]:
    yield f".Sh {rule.id}: {_words(rule.title.upper())}"
    yield from _paragraph(rule.meaning)
    if rule.derived:
        yield from _paragraph(DERIVED)
    yield from _literal("Example", example(rule))
    yield from _items("Causes", rule.causes)
    yield ".Ss Fix"
    yield from _paragraph(rule.fix)
    for name, part in LANGUAGES:
        yield from _literal(name, code(rule, part))
    yield from _items("Real cases", rule.cases)
    yield from _literal("Confirm with lldb", lldb(rule)[1:])
    yield ".Ss Versions of macOS"
    yield from _paragraph(rule.versions)


def _items(title: str, texts: tuple[str, ...]) -> Iterator[str]:
    if texts:
        yield f".Ss {title}"
        yield ".Bl -dash -compact"
        for told in texts:
            yield ".It"
            yield from _paragraph(told)
        yield ".El"


def _literal(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f".Ss {title}"
        yield ".Bd -literal"
        yield from map(_words, lines)
        yield ".Ed"


def _paragraph(told: str) -> Iterator[str]:
    # mdoc wants each sentence on a line of its own
    for sentence in told.replace(". ", ".\n").splitlines():
        yield from map(_words, wrap(sentence, WIDTH))


def _words(line: str) -> str:
    spelled = line.replace("\\", "\\e").replace("`", "\\(ga").replace("()", "\\&()")
    return f"\\&{spelled}" if spelled.startswith((".", "'")) else spelled


if __name__ == "__main__":
    PAGE.write_text(manual_page(explanations()), encoding="utf-8")
