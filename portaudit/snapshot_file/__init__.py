"""The snapshot file: what it looks like, how it is read and written, and what is refused."""

from portaudit.snapshot_file.codec import FORMAT, decode, encode, looks_like_snapshot, schema
from portaudit.snapshot_file.disk import read_bytes, write_bytes

__all__ = ["FORMAT", "decode", "encode", "looks_like_snapshot", "read_bytes", "schema", "write_bytes"]
