"""The report formats as the commands print them."""

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from portaudit.render import Format
from portaudit.snapshot_file import encode
from tests.render.scenarios import EXTENSION_SPACE, kept, snapshot

ESCAPES = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Write two snapshots between which the extension kept three references, and go there."""
    monkeypatch.chdir(tmp_path)
    leaky = snapshot(
        extension=(*EXTENSION_SPACE, kept(3), *(kept(1, 23, 0x2003 + n, n + 1) for n in range(25)))
    )
    (tmp_path / "before.json").write_bytes(encode(snapshot()))
    (tmp_path / "after.json").write_bytes(encode(replace(leaky, taken=(leaky.taken or 0) + 10)))
    return "before.json", "after.json"


def on_a_terminal(*arguments, **environment):
    """Run the command with its output on a terminal of 100 columns, and give what it printed."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "portaudit", *arguments]
    env = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "TERM", "COLUMNS"}}
    started = subprocess.Popen(
        command, stdout=slave, env=env | {"COLUMNS": "100", "TERM": "xterm"} | environment
    )
    os.close(slave)
    printed = b""
    try:
        while part := os.read(master, 65536):
            printed += part
    except OSError:
        pass  # Linux says EIO when the other side has closed
    finally:
        os.close(master)
        started.wait()
    return printed.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("form", Format)
def test_every_format_is_printed_with_the_same_exit_status(portaudit, pair, form):
    """--format changes what is printed and nothing else."""
    ended = portaudit("diff", *pair, "--format", form)

    assert (ended.status, ended.err) == (1, "")
    assert "U5" in ended.out


def test_a_pipe_gets_80_columns_no_colour_and_the_first_rows(portaudit, pair, monkeypatch):
    """Nothing is coloured where no terminal reads; long findings are folded there, too, but for --all."""
    monkeypatch.delenv("COLUMNS", raising=False)
    text = portaudit("diff", *pair).out

    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "… and 5 more rows: --all shows them" in text
    assert portaudit("diff", *pair, "--all").out.count("SEMAPHORE") >= 25


def test_a_terminal_gets_its_width_colour_and_a_fold(pair):
    """On a terminal the report is coloured, as wide as it is, and long findings are folded."""
    text = on_a_terminal("diff", *pair)

    assert text.startswith("\x1b[1;31mFINDINGS\x1b[0m  ")
    assert "… and 5 more rows: --all shows them" in text
    assert 80 < max(map(len, ESCAPES.sub("", text).splitlines())) <= 100


def test_all_unfolds_on_a_terminal(pair):
    """--all shows every row there, too."""
    assert "more rows" not in on_a_terminal("diff", *pair, "--all")


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(pair, environment):
    """NO_COLOR, and a terminal that knows no colour, get none."""
    assert "\x1b" not in on_a_terminal("diff", *pair, **environment)


def test_an_empty_no_color_means_nothing(pair):
    """NO_COLOR counts only if it is not empty (no-color.org)."""
    assert "\x1b[1;31m" in on_a_terminal("diff", *pair, NO_COLOR="")


@pytest.mark.parametrize("form", Format)
def test_an_old_locale_can_print_every_format(pair, form):
    """Where standard output knows Latin 1 only, other characters are spelled, and no format fails."""
    ended = subprocess.run(
        [sys.executable, "-m", "portaudit", "diff", *pair, "--format", form],
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (1, b"")
    assert (rb"\u274c" in ended.stdout) == (form == "markdown")


def test_sarif_points_at_the_snapshot_as_it_was_given(portaudit, pair, tmp_path):
    """A path below the working folder is relative, however it was given."""
    for after in (pair[1], tmp_path / pair[1]):
        run = json.loads(portaudit("diff", pair[0], after, "--format", "sarif").out)["runs"][0]
        place = run["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "after.json"
        assert run["invocations"][0]["exitCode"] == 1


def test_junit_agrees_with_fail_on(portaudit, pair):
    """What --fail-on lets pass is no failure in JUnit either."""
    strict = portaudit("diff", *pair, "--format", "junit").out
    loose = portaudit("diff", *pair, "--format", "junit", "--fail-on", "error").out

    assert strict.count("<failure") > loose.count("<failure") == 2


def test_show_breaks_long_rows_on_a_terminal_only(portaudit, tmp_path, monkeypatch):
    """A description that is too long for the terminal goes on under itself; in a pipe a row is a line."""
    monkeypatch.delenv("COLUMNS", raising=False)
    long = "com.example." + "service." * 20
    rows = (*EXTENSION_SPACE, (0x1203, EXTENSION_SPACE[0][1], 1, 0x0C5C9000, 0, long))
    path = tmp_path / "long.json"
    path.write_bytes(encode(snapshot(extension=rows)))

    assert max(map(len, on_a_terminal("show", path).splitlines())) <= 100
    assert long in portaudit("show", path).out
