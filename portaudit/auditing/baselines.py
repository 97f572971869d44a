"""Baselines read and written: the findings that a project accepts."""

from pathlib import Path

from portaudit import configuration as files
from portaudit.analysis.accepting import baseline_of, with_reasons
from portaudit.auditing.configuring import called
from portaudit.errors import BaselineFileError, SnapshotFileError
from portaudit.model.declared import Baseline
from portaudit.model.finding import Report
from portaudit.snapshot_file import read_bytes, write_bytes


def read_baseline(path: str) -> Baseline:
    """Read a baseline file. Raises BaselineFileError, naming it, if it cannot be read or is none."""
    try:
        return files.decode_baseline(read_bytes(path), called(Path(path)))
    except SnapshotFileError as error:
        raise BaselineFileError(str(error)) from error


def save_baseline(path: str, report: Report) -> Baseline:
    """Write the findings of a report as accepted, and give what was written.

    An older baseline at the path is replaced in one step; the reasons in it are kept. Raises
    BaselineFileError, and changes nothing, if something else is there.
    """
    baseline = baseline_of(report.findings)
    if path != "-" and Path(path).exists():
        baseline = with_reasons(baseline, read_baseline(path))
    write_bytes(path, files.encode_baseline(baseline))
    return baseline
