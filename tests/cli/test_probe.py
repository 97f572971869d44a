"""probe: where the header is, and how it is used."""

from pathlib import Path

import pytest


def test_the_path_names_the_header(portaudit):
    """--path prints one line: the header, which is there."""
    ended = portaudit("probe", "--path")

    assert ended.status == 0
    assert Path(ended.out.removesuffix("\n")).read_text().startswith("/*")


def test_the_example_uses_the_header(portaudit):
    """--example shows the include and the call."""
    shown = portaudit("probe", "--example").out

    assert "portaudit_probe.h" in shown
    assert "portaudit_probe_write(" in shown


@pytest.mark.parametrize("options", [[], ["--path", "--example"]])
def test_one_question_at_a_time(portaudit, options):
    """Neither or both is a usage error that names both."""
    ended = portaudit("probe", *options)

    assert (ended.status, ended.out) == (2, "")
    assert "--path" in ended.err
