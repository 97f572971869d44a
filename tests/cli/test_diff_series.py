"""`portaudit diff S0 S1 S2 ...` on series that XNU's own code made."""

import json
from fractions import Fraction

import pytest

from tests.recorded_series import import_all, recordings

RECORDINGS = list(recordings())


def truths(recording):
    """Give the true rows as (role, kind, rate)."""
    if recording.truth == "cache":
        return []
    return [(true["role"], true["kind"], round(float(Fraction(true["rate"])), 2)) for true in recording.truth]


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_a_recorded_series_gives_its_truth(portaudit, tmp_path, recording):
    """Each true row is a finding with its rate, in the finding and in its row; a cache alone is a note."""
    ended = portaudit("diff", *import_all(portaudit, recording, tmp_path), "--format", "json")
    told = json.loads(ended.out)

    found = [
        (row["role"], row["kind"], finding["rate"])
        for finding in told["findings"]
        for row in finding["rows"]
        if finding["severity"] != "note" and finding["rate"] == row["rate"]
    ]
    notes = [finding for finding in told["findings"] if finding["severity"] == "note"]
    assert found == truths(recording)
    assert told["undecided"] == []
    assert (told["verdict"], ended.status) == (("findings", 1) if found else ("balanced", 0))
    assert len(told["findings"]) == len(found) + len(notes)
    assert len(notes) == (recording.truth == "cache")


def test_all_twenty_series_are_there():
    """No recording is left out in silence."""
    assert len(RECORDINGS) == 20
    assert sum(recording.truth == "cache" for recording in RECORDINGS) == 2
