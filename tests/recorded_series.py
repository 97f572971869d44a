"""The recorded series, as an outsider meets them: probe records, imported by the command line."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data" / "xnu" / "series"
PIDS = {"host": 4242, "extension": 4243}


@dataclass(frozen=True)
class Recording:
    """One series: its name, its snapshots as role -> rows, and the truth of each round."""

    name: str
    columns: list[str]
    snapshots: list[dict[str, list[list[Any]]]]
    truth: list[dict[str, Any]] | str


def recordings():
    """Read all recorded series."""
    for path in sorted(FOLDER.glob("*.json.gz")):
        data = json.loads(gzip.decompress(path.read_bytes()))
        yield Recording(data["series"], data["columns"], data["snapshots"], data["truth"])


def probe_record(recording, number, role):
    """Give what one process would have written of itself after one round."""
    return json.dumps(
        {
            "portaudit_probe": 1,
            "pid": PIDS[role],
            "process": role.title(),
            "start_time": 1763865600.25,
            "boot": "recorded",
            "method": "mach_port_space_info",
            "columns": recording.columns,
            "rows": recording.snapshots[number][role],
        }
    )


def import_all(portaudit, recording, folder):
    """Import every snapshot of a series with the command line, and give the files."""
    files = []
    for number in range(len(recording.snapshots)):
        records = {role: folder / f"{role}-{number}.json" for role in PIDS}
        for role, path in records.items():
            path.write_text(probe_record(recording, number, role))
        files.append(folder / f"round-{number}.json")
        ended = portaudit(
            "import", "--host", records["host"], "--extension", records["extension"], "-o", files[-1], "-q"
        )
        assert ended.status == 0, ended.err
    return files
