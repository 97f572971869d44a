"""Small mistakes in the judging code, and who notices: `python -m tests.mutations [N] [SEED] [FILE...]`.

N mistakes (100) are drawn by chance (SEED 1) from all that can be made in portaudit/analysis, or in the
files that are named. Each is made in a copy of the project, and the tests of the judgement that run the
function with the mistake run there, until one fails. Survivors are printed. Ends 1 if more than 5 of 100
survive, those aside that change nothing: `equal.py` names them.
"""

import random
import sys
import tempfile
from pathlib import Path

from tests.mutations.equal import why_equal
from tests.mutations.mutants import Mutant, mutants
from tests.mutations.trial import JUDGING, Stage

BAR = 0.95


def drawn(number: int, seed: int, folder: Path, files: list[str]) -> list[Mutant]:
    """Draw mistakes in the copy by chance, each place alike."""
    paths = [folder / file for file in files] or sorted((folder / JUDGING).rglob("*.py"))
    every = [
        mutant for path in paths for mutant in mutants(str(path.relative_to(folder)), path.read_text("utf-8"))
    ]
    return random.Random(seed).sample(every, min(number, len(every)))  # noqa: S311  played chance


def main() -> None:
    """Make the mistakes, and say who noticed."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    files = [word for word in sys.argv[1:] if not word.isdecimal()]
    number, seed = (*numbers, *(100, 1)[len(numbers) :])
    with tempfile.TemporaryDirectory(prefix="portaudit-mutations-") as folder:
        stage = Stage(Path(folder))
        if status := stage.prepare():
            sys.exit(f"{stage.output.read_text()}\nthe tests fail as they are ({status}): mend that first")
        killed, equal, survivors = 0, 0, 0
        for count, mutant in enumerate(drawn(number, seed, stage.folder, files), 1):
            if reason := why_equal(mutant):
                equal += 1
                _tell(count, mutant, f"means the same: {reason}")
            elif test := stage.noticed_by(mutant):
                killed += 1
                _tell(count, mutant, f"noticed by {test}")
            else:
                survivors += 1
                _tell(count, mutant, f"SURVIVED {len(stage.tests_of(mutant))} tests\n{mutant.diff}")
    sys.stdout.write(f"{killed} noticed, {survivors} survived, {equal} mean the same\n")
    sys.exit(killed < BAR * (killed + survivors))


def _tell(count: int, mutant: Mutant, what: str) -> None:
    sys.stdout.write(f"{count:4} {mutant.file}:{mutant.line} {mutant.function or 'the top'}: {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
