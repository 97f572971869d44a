"""Filling the README's column of Macs: `python -m tests.evidence.fill_readme ARCHIVE...` writes README.md."""

import sys

from portaudit.evidence.about import ROWS
from portaudit.evidence.archive import read_archive
from portaudit.render.doctor import on_macs
from tests.test_documentation import README, ROOT

CELLS = 4
"""Of a row: claim, evidence, command, on a Mac."""


def rows(readme):
    """Give the table's rows by their claims: number of the line, and the cells."""
    found = {}
    for number, line in enumerate(readme.splitlines()):
        cells = (
            [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("| ") else []
        )
        if len(cells) == CELLS:
            found[cells[0]] = (number, cells)
    return found


def filled(readme, evidence):
    """Give the README with what these archives say; a row of which nothing was tried stays as it is."""
    lines, table = readme.splitlines(keepends=True), rows(readme)
    for row in ROWS:
        number, cells = table[row]
        if said := on_macs(evidence, row):
            lines[number] = f"| {' | '.join([*cells[:-1], said.replace('|', '/')])} |\n"
    return "".join(lines)


if __name__ == "__main__":
    sent = [read_archive(path) for path in sys.argv[1:]]
    if (told := filled(README, sent)) == README:
        sys.exit("these archives say nothing of a Mac that the README does not say")
    (ROOT / "README.md").write_text(told)
