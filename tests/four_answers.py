"""`python -m tests.four_answers [ROUNDS]`: run --repeat on four scenarios with churn, so many times (50)."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.staged import PORTAUDIT, staged

ANSWERS = {
    "clean": (0, "BALANCED", ""),
    "cache": (0, "BALANCED", "once, in round 1 of 6 urefs 0 1 1 1 1 1 1"),
    "leak-once": (1, "FINDINGS", "once, in round 2 of 6"),
    "every-third": (1, "FINDINGS", "+1 every 3 rounds"),
}
"""Scenario -> exit status, verdict, and what must be said."""


def answer(scenario):
    """Run one series on a fresh pair; gives exit status and what was said."""
    with staged(scenario, churn=True) as stage, tempfile.TemporaryDirectory() as folder:
        command = [
            *PORTAUDIT,
            "run",
            *stage.options,
            "--repeat",
            "0:6",
            "--pace",
            "0",
            "--keep",
            folder,
            "--",
            *stage.trigger,
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(folder))
    return ended.returncode, ended.stdout


def is_right(scenario, status, text):
    """Whether an answer is the right one: nothing but the planted fault may be a finding."""
    wanted, verdict, said = ANSWERS[scenario]
    words = " ".join(text.split())
    only = "more finding" not in words
    return status == wanted and words.startswith(verdict) and said in words and only


def main():
    """Ask, and say which answers were wrong; the exit status is 1 if any was."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    wrong = 0
    for number in range(1, rounds + 1):
        for scenario in ANSWERS:
            status, text = answer(scenario)
            right = is_right(scenario, status, text)
            wrong += not right
            sys.stdout.write(f"{number} {scenario}: {'right' if right else f'WRONG: {status} {text}'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{wrong} of {rounds * len(ANSWERS)} answers were wrong\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
