"""Fuzz a reader of files with atheris, outside the suite: `python -m tests.fuzz.fuzz_readers READER SECONDS`.

READER is lsmp-text, lsmp-json or crash-report. Begins from the recorded samples; exit 0 if nothing
was found, else atheris keeps the input that crashed, hung (10 s) or took 2 GB. Needs `pip install atheris`.
"""

import importlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")
with atheris.instrument_imports(include=["portaudit"]):
    from portaudit.collect.crash_report import read_crash_report
    from portaudit.collect.lsmp import looks_like_lsmp, read_lsmp
    from portaudit.errors import SnapshotFileError
    from portaudit.snapshot_file import decode, encode

DATA = Path(__file__).parents[1] / "data"


def fuzz_lsmp(data: bytes) -> None:
    """Read, or refuse; and what was read can be kept in a snapshot file."""
    looks_like_lsmp(data)
    try:
        snapshot = read_lsmp(data)
    except SnapshotFileError:
        return
    if decode(encode(snapshot), "again").tasks != snapshot.tasks:
        raise AssertionError("the snapshot file does not hold what was read")


def fuzz_crash_report(data: bytes) -> None:
    """Read, or decline."""
    reading = read_crash_report(data)
    if bool(reading.events) != (reading.declined is None):
        raise AssertionError("events and a reason why there are none")


READERS: dict[str, tuple[Callable[[bytes], None], str]] = {
    "lsmp-text": (fuzz_lsmp, "lsmp/**/*.txt"),
    "lsmp-json": (fuzz_lsmp, "lsmp/prints/*.json"),
    "crash-report": (fuzz_crash_report, "guard/*.txt"),
}


def main(reader: str, seconds: str) -> None:
    """Fuzz one reader for so many seconds, from the samples of its kind."""
    target, samples = READERS[reader]
    with tempfile.TemporaryDirectory() as folder:
        for number, sample in enumerate(sorted(DATA.glob(samples))):
            (Path(folder) / str(number)).write_bytes(sample.read_bytes()[:6000])
        options = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=8000"]
        atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", folder], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
