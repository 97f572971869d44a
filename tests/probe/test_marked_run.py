"""portaudit_mark(), compiled, in a real `portaudit run`: its moments are those of the audit."""

import errno
import subprocess
import sys

import pytest

from portaudit.auditing.run.run import run
from portaudit.auditing.run.session import RunRequest
from portaudit.auditing.snapshot import Request
from portaudit.model.kobject import TASK_CONTROL
from tests.staged import served, staged

pytestmark = pytest.mark.whole

STEPS = ("do", "before", "do", "round:1", "do", "do", "after", "do")
COUNTS = [("before", 1), ("round-01", 2), ("after", 4)]
"""What the extension of a pair that leaks has kept at each of these moments."""


def counts(outcome):
    """Give each moment with the extension's references to its host's task port."""
    found = []
    for moment in outcome.moments:
        host, extension = moment.snapshot.tasks
        own = next(entry.object for entry in host.entries if entry.kobject == TASK_CONTROL)
        found.append((moment.name, sum(one.urefs for one in extension.entries if one.object == own)))
    return found


def test_a_trigger_in_c_says_the_moments(marker):
    """What it does before the first mark and after the last one does not count."""
    with staged("leak") as stage:
        trigger = (str(marker), *STEPS, "--", *stage.trigger)
        outcome = run(RunRequest(stage.processes, trigger))

    assert (counts(outcome), outcome.trigger_status) == (COUNTS, 0)
    (finding,) = outcome.report.findings
    assert (finding.rule, finding.series) == ("U5", (1, 2, 4))


HOST = """
import os, subprocess, sys
from portaudit.demo.extension import TRANSFER
from portaudit.demo.host import on_stage
from portaudit.demo.scenarios import SCENARIOS
scenario, (lifeline, hold) = SCENARIOS["leak"], os.pipe()
with on_stage(scenario, lifeline) as (host, mailbox):
    subprocess.run([sys.argv[1], f"extension:{host.extension.pid}"], check=True)
    for step in sys.argv[2:]:
        if step == "do":
            host.hand_over(mailbox, TRANSFER, scenario.disposition)
        else:
            subprocess.run([sys.argv[1], step], check=True)
"""


def test_a_started_host_says_the_moments_in_c(marker):
    """Under --spawn the marks of the compiled program are the snapshots, and the host waits for each."""
    with served() as kernel:
        command = (sys.executable, "-c", HOST, str(marker), *STEPS)
        outcome = run(RunRequest(Request(extension="demo-extension", kernel=kernel), spawn=command))

    assert counts(outcome) == COUNTS
    assert [finding.series for finding in outcome.report.findings] == [(1, 2, 4)]


def test_a_mark_that_an_audit_cannot_answer_fails_the_program(marker, monkeypatch, tmp_path):
    """An auditor that has gone is an errno, which the program ends with."""
    monkeypatch.setenv("PORTAUDIT_MARKS", str(tmp_path / "gone"))

    ended = subprocess.run([marker, "before", "do", "--", "true"], check=False)
    assert ended.returncode == errno.ENOENT
