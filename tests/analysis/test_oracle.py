"""Transfers by chance, whose truth an oracle knows: residuals, exit status, and what stands first."""

import pytest

from tests.analysis.oracle import FORMS, mistakes, played, truth_of

SAMPLE = range(12, 24)
"""`python -m tests.analysis.oracle` plays 2,000."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mirror", [False, True], ids=["as played", "mirrored"])
def test_a_transfer_is_judged_as_it_happened(tmp_path, form, mirror):
    """Whoever does it, however it was read: every change is told, each strict residual once as an error."""
    found = {seed: mistakes(played(seed), tmp_path, form, mirror=mirror) for seed in SAMPLE}

    assert found == {seed: [] for seed in SAMPLE}


def test_the_sample_has_what_it_is_about():
    """Balanced transfers, leaks, over-releases, expectations that are met and unmet: each several times."""
    truths = [(truth_of(one.told), one.told.expected) for one in map(played, SAMPLE)]

    assert sum(truth.status == 0 for truth, _ in truths) >= 2
    assert sum(truth.status == 1 for truth, _ in truths) >= 2
    assert sum(min(truth.errors.values(), default=0) < 0 for truth, _ in truths) >= 2
    assert sum(max(truth.errors.values(), default=0) > 0 for truth, _ in truths) >= 2
    assert sum(expected != 0 for _, expected in truths) >= 2
