"""How a transfer by XPC is told: the references step by step, and what follows from them."""

from collections.abc import Iterator

from tabulate import tabulate

from portaudit.demo.xpc.play import Played
from portaudit.demo.xpc.steps import EXTENSION, HOST, STEPS, holding

QUESTIONS = (
    ("by_set", "xpc_dictionary_set_mach_send takes a reference while the dictionary lives"),
    ("by_receiving", "the received dictionary has a reference of its own"),
    ("by_copy", "xpc_dictionary_copy_mach_send adds a reference, which the caller gives back"),
)


def step_lines(played: Played) -> Iterator[str]:
    """Say how many references the name had after each step of the last round."""
    last = max((step.round for step in played.steps), default=0)
    counts = {(step.who, step.step): step.references for step in played.steps if step.round == last}
    rows = [
        (
            told,
            counts.get((who, word)) if who == HOST else None,
            counts.get((who, word)) if who == EXTENSION else None,
        )
        for who, word, told in STEPS
        if (who, word) in counts
    ]
    yield from tabulate(rows, headers=("references after", "host", "extension"), missingval="").splitlines()


def answer_lines(played: Played) -> Iterator[str]:
    """Answer the open questions from the counts: yes, no, or not counted."""
    held = holding(played.steps, one_process=played.one_process)
    for name, question in QUESTIONS:
        yield f"{_word(getattr(held, name)):<12} {question}"


def _word(references: int | None) -> str:
    if references is None:
        return "not counted"
    return f"yes ({references:+})" if references else "no"
