"""The library: auditing a block of code."""

import doctest
import os
import re
import subprocess
import sys
import time

import psutil
import pytest

import portaudit
from portaudit import api
from portaudit.auditing import block
from portaudit.demo.stage import pair
from portaudit.errors import KernelUnavailable, UsageError
from portaudit.kernels import open_kernel
from portaudit.mach.constants import PortRight
from portaudit.model.finding import Outcome
from tests.staged import served


@pytest.fixture(scope="module", autouse=True)
def kernel():
    """A simulated kernel in a process of its own, which PORTAUDIT_KERNEL names."""
    with served() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTAUDIT_KERNEL", name)
        yield name


@pytest.fixture
def leaking(kernel):
    """A host whose extension keeps every reference that it is given."""
    with pair("leak", kernel) as players:
        yield players


@pytest.fixture
def mach(kernel):
    """This process as a task that lives through the test."""
    with open_kernel(kernel) as opened:
        yield opened.mach


def test_the_examples_of_the_documentation_run(leaking):
    """Each example in a docstring of the library prints what stands there."""
    names = {
        "audit": portaudit.audit,
        "host": leaking.host,
        "extension": leaking.extension,
        "hand_over": leaking.transfer,
    }
    (examples,) = [
        found
        for found in doctest.DocTestFinder().find(api, extraglobs=names)
        if found.name.endswith(".audit")
    ]
    told: list[str] = []
    doctest.DocTestRunner().run(examples, out=told.append)

    assert (len(examples.examples), "".join(told)) == (6, "")


def test_what_leaks_is_named_in_the_error(leaking):
    """`check` raises an AssertionError whose text is the whole report."""
    with portaudit.audit(host=leaking.host, extension=leaking.extension) as audit:
        leaking.transfer()

    with pytest.raises(portaudit.PortsOutOfBalance) as error:
        audit.check()
    assert str(error.value) == audit.text()
    assert audit.text().startswith("FINDINGS  the extension keeps 1 reference to the host's task port")


def test_a_block_is_read_by_the_way_that_is_told(leaking):
    """One way only, in both readings."""
    with portaudit.audit(host=leaking.host, extension=leaking.extension, way="names") as audit:
        leaking.transfer()

    sides = (audit.difference.before, audit.difference.after)
    assert {task.way for side in sides for task in side.tasks} == {"names"}
    assert audit.findings


def test_without_a_name_it_is_this_process(mach):
    """A block that keeps a reference of its own is found out, under the role `process`."""
    with portaudit.audit() as audit:
        mach.mach_port_mod_refs(mach.task_self, mach.task_self, PortRight.SEND, 2)

    ((change,),) = [finding.rows for finding in audit.findings]
    assert (change.role, change.of, change.process.pid, change.residual) == (
        "process",
        "process",
        os.getpid(),
        2,
    )


def test_a_block_that_does_nothing_is_balanced(mach):
    """The two readings themselves leave no reference, no name and no page behind."""
    assert mach.task_self
    with portaudit.audit() as audit:
        pass

    audit.check()
    assert (audit.report.outcome, audit.difference.changes) == (Outcome.BALANCED, ())


def test_a_host_that_dies_in_the_block_is_undecided(leaking):
    """What exited cannot be compared, and is never called balanced."""
    with portaudit.audit(host=leaking.host, expect=["host: any 0..9"]) as audit:
        leaking.end_host()

    assert audit.report.outcome is Outcome.UNDECIDED
    assert not audit.passes()


def test_a_child_that_nobody_can_read_is_told(mach):
    """A child without a port space on this kernel stands in the notes, with its pid."""
    assert mach.task_self
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        with portaudit.audit() as audit:
            pass
        child.communicate()

    assert [note for note in audit.report.notes if f"({child.pid}) was not audited" in note] != []


def test_a_child_that_has_ended_does_not_matter(mach):
    """One that was not waited for yet has no port space any more, and stops no audit."""
    assert mach.task_self
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        with portaudit.audit() as audit:
            pass

    audit.check()
    assert not any(str(child.pid) in note for note in audit.report.notes)


def test_a_child_that_exits_while_it_is_looked_for_does_not_matter(mach, monkeypatch):
    """Between the list of the children and the look at one of them it may be gone."""
    assert mach.task_self
    lists = iter([[999_999_999], [], [], []])
    monkeypatch.setattr(block, "descendants", lambda: next(lists))

    with portaudit.audit() as audit:
        pass

    audit.check()


def test_a_child_that_is_left_running_is_told(mach):
    """What a block starts and leaves cannot be compared with a time before it was there."""
    assert mach.task_self
    with portaudit.audit() as audit:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    child.communicate()

    assert (
        f"the child {child.pid} was started in the block and runs on: it was not audited"
        in audit.report.notes
    )


def test_there_is_no_report_before_the_end(leaking):
    """Asking too early, or after an exception, is told as a mistake."""
    with portaudit.audit(host=leaking.host) as audit, pytest.raises(UsageError, match="has not ended"):
        _ = audit.difference

    with pytest.raises(ZeroDivisionError), portaudit.audit(host=leaking.host) as audit:
        _ = 1 / 0
    with pytest.raises(UsageError, match="or it has raised"):
        _ = audit.report


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"expect": ["?"]}, "the expectation '?' is not understood"),
        ({"expect": "?"}, "the expectation '?' is not understood"),
        ({"expect": "extension: any +1"}, "no task of the snapshots is called 'extension'"),
        ({"way": "lsof"}, "way is 'lsof': say auto, space-info, names, lsmp, lldb"),
        ({"settle": -1.0}, "settle is -1.0: say how many seconds, 0 or more"),
        ({"settle": float("nan")}, "settle is nan: say how many seconds, 0 or more"),
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_a_mistake_is_told_before_the_block_runs(leaking, own, asked, sentence):
    """What is wrong with rules, ways and times stops an audit at its beginning."""
    whom = {} if own else {"host": leaking.host}
    ran = []
    with pytest.raises(UsageError, match=re.escape(sentence)), portaudit.audit(**whom, **asked):
        ran.append("it")

    assert ran == []


def test_one_rule_and_one_process_need_no_list(leaking):
    """A text is a rule, and not a rule for each of its letters; a number is a pid."""
    with portaudit.audit(host=leaking.host, pids=leaking.extension, expect="host: any 0..9") as audit:
        pass

    audit.check()
    assert len(audit.before.tasks) == 2


def test_a_severity_that_is_none_is_told(leaking):
    """It is a mistake, and no verdict."""
    with portaudit.audit(host=leaking.host) as audit:
        pass

    with pytest.raises(UsageError, match="fail_on is 'warn': say error, warning, note"):
        audit.check(fail_on="warn")


def test_without_a_kernel_nothing_is_audited(monkeypatch):
    """Where no Mach answers, the block does not run."""
    monkeypatch.delenv("PORTAUDIT_KERNEL")
    monkeypatch.setattr(sys, "platform", "linux")

    with pytest.raises(KernelUnavailable), portaudit.audit():
        pytest.fail("the block ran")


def test_importing_portaudit_imports_nothing_else():
    """`import portaudit` and its version cost no module of ours but the version's own, and no dependency."""
    question = (
        "import sys, portaudit; portaudit.__version__;"
        "print([m for m in sys.modules if m.startswith(('portaudit.', 'psutil', 'msgspec', 'ctypes'))])"
    )
    told = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)

    assert told.stdout == "['portaudit.version']\n"


def test_only_what_is_promised_is_there():
    """An unknown name is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'prot_audit'"):
        _ = portaudit.prot_audit
