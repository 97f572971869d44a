"""The snapshot file: what it looks like, how it is read and written, and what is refused."""

from portaudit.snapshot_file.codec import FORMAT, decode, encode, looks_like_snapshot, schema
from portaudit.snapshot_file.disk import read_bytes
from portaudit.snapshot_file.output import held_folder, make_folder, write_bytes, write_new

__all__ = [
    "FORMAT",
    "decode",
    "encode",
    "held_folder",
    "looks_like_snapshot",
    "make_folder",
    "read_bytes",
    "schema",
    "write_bytes",
    "write_new",
]
