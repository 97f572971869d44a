"""What every format prints of every scenario."""

import pytest

from tests.render.golden import CASES, GOLDEN, golden, rendered


@pytest.mark.parametrize(("form", "scenario"), CASES)
def test_a_format_prints_a_scenario_as_it_always_did(form, scenario):
    """A format prints exactly what its golden file holds (renew: python -m tests.render.renew)."""
    assert rendered(form, scenario) == golden(form, scenario).read_bytes().decode()


def test_no_golden_file_is_left_over():
    """Every golden file belongs to a format and a scenario."""
    assert set(GOLDEN.glob("*/*.*")) == {golden(form, scenario) for form, scenario in CASES}
