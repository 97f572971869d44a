"""Ledgers beside snapshots: recording what a run starts, and giving findings the lines they come from."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from portaudit.analysis.fingerprint import fingerprinted
from portaudit.analysis.judge import NO_TERMS, gravest_first, outcome_of, sifted
from portaudit.auditing.files import make_folder
from portaudit.errors import UsageError
from portaudit.model.ledger import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portaudit.ledger.symbols import Symbolizer
    from portaudit.model.check import SuppressionUse
    from portaudit.model.declared import Terms
    from portaudit.model.finding import Report
    from portaudit.model.ledger import Ledger

FILES = "ledger."
"""How the ledgers of a run begin in its folder; the pid follows."""


def with_ledgers(report: Report, paths: Sequence[str | Path], terms: Terms = NO_TERMS) -> Report:
    """Say of each finding where its references were acquired, and add the releases that no table shows.

    Of these, too, suppressions and the baseline of the terms decide which count.

    Raises LedgerFileError for what is no ledger, and UsageError if the snapshots do not say when they were
    taken: then nobody knows which events lie between them.
    """
    if not paths:
        return report
    from portaudit.ledger.joining import join, window_of
    from portaudit.ledger.read import read_ledger
    from portaudit.ledger.symbols import Symbolizer

    window = window_of(report)
    if window is None:
        raise UsageError(
            "a ledger tells of the time between snapshots, and these do not say when they were taken"
        )
    ledgers = [read_ledger(path) for path in paths]
    symbolizer = Symbolizer(Path.cwd())
    joined = _sifted(report, join(report, ledgers, window, symbolizer), terms)
    return replace(joined, notes=(*joined.notes, *_notes(report, ledgers, symbolizer)))


def _sifted(report: Report, joined: Report, terms: Terms) -> Report:
    """Set aside what the project knows of, of the findings that the ledgers have added at the end."""
    added = fingerprinted(joined.findings[len(report.findings) :])
    if not added:
        return joined
    told = sifted(replace(joined, findings=added, suppressed=(), accepted=(), notes=()), terms)
    findings = (*joined.findings[: len(report.findings)], *told.findings)
    suppressed, accepted = (*joined.suppressed, *told.suppressed), (*joined.accepted, *told.accepted)
    still_gone = {entry.fingerprint for entry in told.gone}
    return replace(
        joined,
        findings=tuple(sorted(findings, key=gravest_first)),
        suppressed=suppressed,
        accepted=accepted,
        gone=tuple(entry for entry in joined.gone if entry.fingerprint in still_gone),
        suppressions=tuple(map(_either, joined.suppressions, told.suppressions)),
        notes=tuple(dict.fromkeys((*joined.notes, *told.notes))),
        allowances=tuple(dict.fromkeys((*joined.allowances, *told.allowances))),
        outcome=outcome_of(findings, joined.undecided, known=bool(suppressed or accepted)),
    )


def _either(one: SuppressionUse, other: SuppressionUse) -> SuppressionUse:
    return replace(one if one.findings else other, findings=one.findings + other.findings)


def _notes(report: Report, ledgers: Iterable[Ledger], symbolizer: Symbolizer) -> Iterable[str]:
    audited = {
        task.process.pid
        for side in (report.difference.before, report.difference.after)
        for task in side.tasks
    }
    for ledger in ledgers:
        if ledger.pid not in audited:
            yield f"the ledger {ledger.path} is of process {ledger.pid}, which is not under audit"
        elif ledger.dropped:
            yield f"the ledger {ledger.path} was full: {ledger.dropped} events are missing, so origins may be"
    for image, why in sorted(symbolizer.obstacles.items()):
        if not image.startswith(SYSTEM):
            yield f"stacks in {image} stay numbers: {why}"


def recording(folder: Path, passing: Path) -> dict[str, str]:
    """Give the environment in which a program is recorded into a folder.

    `passing`: a private folder that lives as long as what is recorded; the interposer is built there if this
    user has no cache for it. Raises NoCompiler where it cannot be built, and as make_folder does.
    """
    from portaudit.ledger.interposer import build_interposer, kept_interposer

    make_folder(folder)
    library = kept_interposer() or build_interposer(passing)
    inserts = "DYLD_INSERT_LIBRARIES" if sys.platform == "darwin" else "LD_PRELOAD"
    others = [os.environ[inserts]] if os.environ.get(inserts) else []
    inserted = str(_of_one_word(library, passing))
    return {inserts: ":".join([inserted, *others]), "PORTAUDIT_LEDGER": f"{folder.resolve()}/{FILES}%p"}


def _of_one_word(library: Path, passing: Path) -> Path:
    """Give a path that the loader takes for one: it parts its list at colons, Linux's at blanks (ld.so)."""
    if not re.search(r"[:\s]", str(library)):
        return library
    link = passing / library.name
    link.symlink_to(library)
    return link


def ledgers_of(report: Report, folder: Path) -> list[Path]:
    """Find the ledgers in a run's folder that are of the processes under audit."""
    pids = {task.process.pid for task in report.difference.after.tasks}
    found = sorted(folder.glob(f"{FILES}*"))
    return [path for path in found if path.name.removeprefix(FILES).split(".")[0] in map(str, pids)]
