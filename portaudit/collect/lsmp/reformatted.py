"""lsmp's JSON as another program wrote it anew (jq, an editor): sound JSON, in any layout."""

import msgspec

from portaudit.collect.lsmp.json_layout import TOTAL_WORDS
from portaudit.collect.lsmp.json_row import members_of, row_of
from portaudit.collect.lsmp.space import Space
from portaudit.errors import SnapshotFileError
from portaudit.model.snapshot import Process


class _Member(msgspec.Struct, rename={"object": "ipc-object"}):
    identifier: str
    object: str
    rights: list[str]
    notifications: list[str] | None = None
    send_rights: int | None = None


class _Port(msgspec.Struct, omit_defaults=True, rename={"object": "ipc-object"}):
    name: str
    object: str
    type: str | None = None
    rights: list[str] | None = None
    port_status_flags: list[str] | None = None
    notifications: list[str] | None = None
    members: list[_Member] | None = None
    send_rights: int | None = None
    send_once_rights: int | None = None
    oref: bool | None = None
    queue_limit: int | None = None
    msg_count: int | None = None
    identifier: str | None = None
    description: str | None = None
    pid: int | None = None
    process: str | None = None


class _Process(msgspec.Struct, rename={"dead_name_requests": "dead_name requests"}):
    pid: int
    name: str
    ports: list[_Port]
    total: int | None = None
    send_rights: int | None = None
    receive_rights: int | None = None
    send_once_rights: int | None = None
    port_sets: int | None = None
    dead_names: int | None = None
    dead_name_requests: int | None = None
    vouchers: int | None = None

    def totals(self) -> dict[str, int] | None:
        """Give lsmp's counts, if it printed all of them."""
        counts = (
            self.total,
            self.send_rights,
            self.receive_rights,
            self.send_once_rights,
            self.port_sets,
            self.dead_names,
            self.dead_name_requests,
            self.vouchers,
        )
        known = [count for count in counts if count is not None]
        return dict(zip(TOTAL_WORDS, known, strict=True)) if len(known) == len(counts) else None


class _File(msgspec.Struct):
    processes: list[_Process]


def read_reformatted(data: bytes, source: str) -> list[Space]:
    """Read the processes of sound JSON with lsmp's keys.

    Raises SnapshotFileError, in one sentence, if it is not sound or a row is not one that lsmp writes.
    """
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise SnapshotFileError(
            f"{source} is neither lsmp's own JSON nor sound JSON with its keys: {error}"
        ) from error
    return [_space_of(process, source) for process in file.processes]


def _space_of(process: _Process, source: str) -> Space:
    space = Space(Process(process.pid, name=process.name), 1, totals=process.totals())
    for number, port in enumerate(process.ports):
        fields = msgspec.to_builtins(port)
        row = row_of(fields, process.pid)
        if row is None:
            raise SnapshotFileError(
                f"{source}: port {number} of process {process.pid} is no row that lsmp writes"
            )
        space.add(row)
        for member in members_of(fields):
            space.add_member(member)
    return space
