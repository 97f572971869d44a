"""Reading the files of a series: what is as it was in the file before is kept once."""

from dataclasses import replace

from portaudit.auditing.files import load, load_once, save
from tests.spaces import HOST_PORT, pair

ROWS = [(number << 8 | 3, "send", 1, HOST_PORT + 64 * number, 0) for number in range(2, 50)]
CHANGED = [
    (name, rights, urefs + (name == 0x303), port, kobject) for name, rights, urefs, port, kobject in ROWS
]


def test_columns_of_a_series_are_kept_once_and_read_the_same(tmp_path):
    """Of two readings that differ in one count, all columns but that of the counts are one list."""
    paths = [str(tmp_path / name) for name in ("before.json", "after.json")]
    for path, rows in zip(paths, (ROWS, CHANGED), strict=True):
        save(path, replace(pair(extension_rows=rows), label=path))
    read = load_once()

    before, after = (read(path).tasks[1].entries for path in paths)
    assert before is not None
    assert after is not None
    assert [read(path) for path in paths] == [load(path) for path in paths]
    shared = ("name", "type", "object", "kobject")
    assert all(getattr(before, column) is getattr(after, column) for column in shared)
    assert before.urefs != after.urefs
