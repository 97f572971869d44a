"""The baseline file: what was written is read, and anything else is refused in a sentence."""

import json
from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.configuration.baseline_file import decode_baseline, encode_baseline
from portaudit.errors import BaselineFileError, ExitStatus
from portaudit.model.check import Accepted, Baseline
from tests.spaces import one_of, perhaps, texts

SOUND = b'{"format": "portaudit-baseline/1", "accepted": [{"rule": "U5", "title": "t", "fingerprint": "f"}]}'

ONE = Struct("9B")


def accepted(said, data):
    """Give what was accepted: its texts are chosen among a few, and each of four may be missing."""
    for first, second, third, *fourfold, count, reason in ONE.iter_unpack(data):
        plain = (one_of(said, first), one_of(said, second), one_of(said, third))
        role, kobject, description, peer = (perhaps(said, choice) for choice in fourfold)
        yield Accepted(*plain, role, kobject, description, peer, count % 99 + 1, one_of(said, reason))


findings = st.builds(
    lambda said, data, number: list(accepted(said, data))[:number],
    st.lists(texts, max_size=9),
    st.binary(min_size=5 * ONE.size, max_size=5 * ONE.size),
    st.integers(0, 5),
)


@given(findings)
def test_what_was_written_is_read(accepted):
    """A baseline survives its file, whatever the names in it are; only the order is the file's own."""
    read = decode_baseline(encode_baseline(Baseline(tuple(accepted))), "b.json")

    assert sorted(map(repr, read.accepted)) == sorted(map(repr, accepted))
    assert read.file == "b.json"


@given(findings, st.randoms())
def test_the_same_findings_are_the_same_file(accepted, chance):
    """The order in which findings were found does not show in the file."""
    found = list({one.fingerprint: one for one in accepted}.values())
    mixed = list(found)
    chance.shuffle(mixed)

    assert encode_baseline(Baseline(tuple(mixed))) == encode_baseline(Baseline(tuple(found)))


def test_half_a_surrogate_pair_is_spelled():
    """A name that is no Unicode does not keep the file from being written."""
    written = encode_baseline(Baseline((Accepted("f", "U5", "t", peer="\ud800"),)))

    assert json.loads(written)["accepted"][0]["peer"] == "\\ud800"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "b.json is no baseline: Input data was truncated"),
        (SOUND[:-5], "b.json is no baseline: Input data was truncated"),
        (b"[]", "b.json is no baseline: Expected `object`, got `array`"),
        (b"{}", "b.json is no baseline: Object missing required field `format`"),
        (
            SOUND.replace(b"/1", b"/2"),
            "b.json has the format 'portaudit-baseline/2', and this version reads 'portaudit-baseline/1'",
        ),
        (
            SOUND.replace(b'"title": "t"', b'"title": 3'),
            "b.json is no baseline: Expected `str`, got `int` - at `$.accepted[0].title`",
        ),
        (
            SOUND.replace(b'"title"', b'"count": 0, "title"'),
            "b.json is no baseline: Expected `int` >= 1 - at `$.accepted[0].count`",
        ),
    ],
)
def test_anything_else_is_refused(data, sentence):
    """A damaged or newer file is refused with its place, and ends the command with 4."""
    with pytest.raises(BaselineFileError) as caught:
        decode_baseline(data, "b.json")

    assert str(caught.value) == sentence
    assert caught.value.exit_status is ExitStatus.UNREADABLE_FILE
