"""The snapshot file."""

import gzip
import json
import stat

import pytest
from hypothesis import given

from portaudit.errors import SnapshotFileError
from portaudit.model.snapshot import Snapshot
from portaudit.snapshot_file import decode, encode, read_bytes, schema, write_bytes
from tests.spaces import pair, snapshots


def fields_of(snapshot):
    return {name: getattr(snapshot, name) for name in Snapshot.__slots__}


@given(snapshots())
def test_reading_a_written_snapshot_gives_it_back(snapshot):
    """Whatever is encoded decodes to the same values."""
    assert fields_of(decode(encode(snapshot), "it")) == fields_of(snapshot)


def spoiled(change):
    document = json.loads(encode(pair()))
    change(document)
    return json.dumps(document).encode()


def set_urefs(value):
    return lambda document: document["tasks"][0]["entries"]["urefs"].__setitem__(0, value)


def twice_in_each_column(document):
    for column in document["tasks"][0]["entries"].values():
        if isinstance(column, list):
            column.extend(column[:])


def newer(number):
    return (
        f"it is a snapshot of format {number}, and this version reads up to format 2: "
        f"use the portaudit that wrote it, or a newer one"
    )


WHOLE = encode(pair())
NEITHER = "a task has either entries or a reason why it was not read"

DAMAGED = {
    "cut off": (WHOLE[:-40], "it is no sound JSON, it may be cut off: Input data was truncated"),
    "not JSON": (
        b"hello",
        "it is no sound JSON, it may be cut off: JSON is malformed: invalid character (byte 0)",
    ),
    "another JSON": (b'{"hello": 1}', "it is not a sound snapshot: Object missing required field `tasks`"),
    "a list": (b"[1]", "it is no sound JSON, it may be cut off: Expected `object`, got `array`"),
    "a newer format": (
        WHOLE.replace(b'"portaudit_snapshot":2', b'"portaudit_snapshot":9'),
        newer(9),
    ),
    "a newer format of another shape": (
        b'{"portaudit_snapshot": 3, "spaces": []}',
        newer(3),
    ),
    "a wrong type": (
        spoiled(set_urefs("many")),
        "it is not a sound snapshot: Expected `int | null`, got `str` - at `$.tasks[0].entries.urefs[0]`",
    ),
    "negative references": (
        spoiled(set_urefs(-3)),
        "it is not a sound snapshot: Expected `int` >= 0 - at `$.tasks[0].entries.urefs[0]`",
    ),
    "a number past any counter": (
        spoiled(set_urefs(65536)),
        "it is not a sound snapshot: Expected `int` <= 65535 - at `$.tasks[0].entries.urefs[0]`",
    ),
    "a name without a right": (
        spoiled(lambda document: document["tasks"][0]["entries"]["type"].__setitem__(0, 0)),
        "it: task 0 has a name without any right",
    ),
    "a name twice": (
        spoiled(twice_in_each_column),
        "it: task 0 has the name 0x103 twice, and no space has: it is damaged",
    ),
    "a pid twice": (
        spoiled(lambda document: document["tasks"][1]["process"].__setitem__("pid", 4242)),
        "it has process 4242 twice: it is damaged, or it is two snapshots",
    ),
    "columns of two lengths": (
        spoiled(lambda document: document["tasks"][1]["entries"]["object"].append(1)),
        "it: task 1 has 2 of object for 1 names",
    ),
    "a row that is not there": (
        spoiled(lambda document: document["tasks"][0]["entries"]["description"].update({"7": "x"})),
        "it: task 0 tells of row 7, and there are 1",
    ),
    "neither read nor not": (
        spoiled(lambda document: document["tasks"][0].update(entries=None)),
        f"it is not a sound snapshot: {NEITHER} - at `$.tasks[0]`",
    ),
}


@pytest.mark.parametrize(("data", "sentence"), DAMAGED.values(), ids=DAMAGED)
def test_damage_is_one_sentence_that_names_file_place_and_reason(data, sentence):
    """A file that is no sound snapshot is refused with a sentence, never another exception."""
    with pytest.raises(SnapshotFileError) as refused:
        decode(data, "it")

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "data",
    [
        WHOLE.replace(b'"taken":null', b'"taken":NaN'),
        WHOLE.replace(b'"taken":null', b'"taken":1' + b"0" * 400),
        WHOLE.replace(b'"taken":null', b'"taken":1e400'),
        b"[" * 1_000_000,
        b'{"portaudit_snapshot":1,"tasks":' + b"[" * 1_000_000,
        WHOLE.replace(b'"label":null', b'"label":"\xff\xfe"'),
        b"\0" * 1000,
    ],
    ids=["NaN", "10^400", "1e400", "brackets", "nested tasks", "not UTF-8", "zeros"],
)
def test_hostile_bytes_are_refused(data):
    """Numbers, nesting and bytes that no writer writes are refused as damage."""
    with pytest.raises(SnapshotFileError):
        decode(data, "it")


def test_unknown_fields_are_left_alone():
    """A field that a later minor version adds does not make a file unreadable."""
    data = spoiled(lambda document: document.update(colour="blue"))

    assert fields_of(decode(data, "it")) == fields_of(pair())


def test_a_file_is_private(tmp_path):
    """A snapshot file can be read by its owner only."""
    path = tmp_path / "a.json"

    write_bytes(str(path), b"x")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_gz_is_packed_and_unpacked_by_name_and_content(tmp_path):
    """A .gz file is packed on writing; reading looks at the content, whatever the name."""
    path = tmp_path / "a.json.gz"

    write_bytes(str(path), WHOLE)
    path.rename(tmp_path / "b.json")

    assert gzip.decompress((tmp_path / "b.json").read_bytes()) == WHOLE
    assert read_bytes(str(tmp_path / "b.json")) == WHOLE


def test_a_packed_file_that_was_cut_off_is_damage(tmp_path):
    """Half a .gz is refused, not half read."""
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(WHOLE * 50)[:60])

    with pytest.raises(SnapshotFileError, match="cut off"):
        read_bytes(str(path))


def test_the_schema_describes_what_is_written():
    """The published JSON Schema requires the format number and the tasks."""
    described = schema()
    definition = described["$defs"]["SnapshotDocument"]

    assert described["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"portaudit_snapshot", "tasks"} <= set(definition["required"])
