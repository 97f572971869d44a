"""The pytest plugin: inner runs of pytest on tests that leak on purpose."""

import glob
import os
import sys
from types import ModuleType

import pytest

from portaudit.demo.stage import pair
from tests.staged import served

TASK = """
import pytest
from portaudit.kernels import open_kernel
from portaudit.mach.constants import PortRight

@pytest.fixture(scope="session")
def keep():
    with open_kernel() as kernel:
        mach = kernel.mach
        yield lambda n: mach.mach_port_mod_refs(mach.task_self, mach.task_self, PortRight.SEND, n)
"""
"""A task that can take references to its own port, and give them back."""

OWN_PORT = "the process keeps 3 references to its own task port"


@pytest.fixture(scope="module")
def kernel():
    """A simulated kernel."""
    with served() as name:
        yield name


@pytest.fixture
def tests(pytester, monkeypatch, kernel):
    """Give a function that runs a test file in this process, on the simulated kernel."""
    monkeypatch.setenv("PORTAUDIT_KERNEL", kernel)
    pytester.makeconftest(TASK)

    def run(source, *arguments):
        pytester.makepyfile(test_it=source)
        return pytester.runpytest(*arguments)

    return run


@pytest.fixture
def nowhere(monkeypatch):
    """A machine without a Mach kernel."""
    monkeypatch.delenv("PORTAUDIT_KERNEL", raising=False)
    monkeypatch.delenv("PORTAUDIT_STRICT", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


MARKED = """
import pytest

@pytest.mark.port_balance
def test_it(keep):
    keep({})
"""


def test_a_marked_test_that_leaks_fails_with_the_report(tests):
    """The failure is the report, not a traceback, and of a kind of its own."""
    result = tests(MARKED.format(3), "-v")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "test_it.py::test_it LEAKED*",
            f"FINDINGS  {OWN_PORT}",
            "U7  error  leaked: *",
            "* port rights out of balance, worst first *",
            f"test_it.py::test_it  U7  FINDINGS  {OWN_PORT}",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_marked_test_that_balances_passes(tests):
    """What is given back within the body is no finding."""
    result = tests(MARKED.format("2); keep(-2"))

    result.assert_outcomes(passed=1)


def test_a_reference_freed_twice_is_called_so(tests):
    """An over-release is told by its own word."""
    result = tests(
        "import pytest\ndef test_it(keep): keep(1)\n" + MARKED.format(-1).replace("test_it", "test_two"), "-v"
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["test_it.py::test_two OVER-RELEASED*"])


def test_an_unmarked_test_is_not_audited(tests):
    """Without marker, fixture and option a test may leak as it likes."""
    tests("def test_it(keep): keep(1)").assert_outcomes(passed=1)


def test_the_marker_takes_expectations(tests):
    """What the marker allows is no finding."""
    source = MARKED.replace("port_balance", 'port_balance(expect=["process: task-control of process +2"])')

    tests(source.format(2)).assert_outcomes(passed=1)


def test_a_warm_up_fills_caches_first(tests):
    """A body that keeps something once is balanced after a warm-up, and leaks without."""
    source = """
    import pytest
    cache = []

    @pytest.mark.port_balance(warmup=WARMUP)
    def test_it(keep):
        if not cache:
            cache.append(keep(1))
    """

    tests(source.replace("WARMUP", "1")).assert_outcomes(passed=1)
    tests(source.replace("WARMUP", "0")).assert_outcomes(failed=1)


def test_a_test_that_fails_by_itself_is_told_as_it_is(tests):
    """Its own assertion comes first; nothing is judged."""
    result = tests(MARKED.format("1); assert not 'mine'; keep(1"))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*assert not 'mine'"])
    result.stdout.no_fnmatch_line("*worst first*")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "exspect=[]",
            "@pytest.mark.port_balance takes expect=(), warmup=0, settle=2.0, fail_on='warning', and not *",
        ),
        ("warmup=-1", "warmup is -1: say how many runs, 0 or more"),
        ("settle=-1", "settle is -1: say how many seconds, 0 or more"),
        ("fail_on='warn'", "fail_on is 'warn': say error, warning, note"),
        ("expect='?'", "the expectation '?' is not understood; *"),
        ("expect='host: any +1'", "'host: any +1': no task of the snapshots is called 'host'; *"),
    ],
)
def test_a_mistake_in_the_marker_is_told(tests, said, sentence):
    """A sentence, and no trace through what is not the test's; the body does not run."""
    result = tests(MARKED.replace("port_balance", f"port_balance({said})").format(1))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*_ test_it _*", f"portaudit: {glob.escape(sentence.removesuffix('*'))}*", "*= short*"]
    )
    assert "Error" not in result.stdout.str().partition("short test summary")[0]


EVERY = """
import unittest
def test_small(keep): keep(1)
def test_clean(keep): keep(1); keep(-1)
def test_large(keep): keep(5)
class Case(unittest.TestCase):
    def test_of_unittest(self): pass
"""
WORST_FIRST = [
    "* port rights out of balance, worst first *",
    f"test_it.py::test_large  U7  FINDINGS  {OWN_PORT.replace('3', '5')}",
    f"test_it.py::test_small  U7  FINDINGS  {OWN_PORT.replace('3 references', '1 reference')}",
]


def test_the_option_audits_every_test_and_lists_the_worst_first(tests):
    """--portaudit needs no marker."""
    result = tests(EVERY, "--portaudit")

    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(WORST_FIRST, consecutive=True)


@pytest.mark.whole
def test_it_works_under_xdist(tests):
    """Findings of two workers come to the one terminal."""
    result = tests(EVERY, "--portaudit", "-n2", "-p", "xdist", "-p", "no:hypothesispytest")

    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(WORST_FIRST, consecutive=True)


def test_junit_carries_the_finding(tests, pytester):
    """The failure has the report, the properties say kind, finding and weight."""
    tests(MARKED.format(3), "--junitxml=out.xml")

    written = (pytester.path / "out.xml").read_text()
    assert '<property name="portaudit" value="leaked" />' in written
    assert f'<property name="portaudit-finding" value="U7  FINDINGS  {OWN_PORT}" />' in written
    assert '<property name="portaudit-weight" value="3" />' in written
    assert f'<failure message="BalanceFailure: FINDINGS  {OWN_PORT}' in written


FIXTURE = """
def test_it(port_audit, record_property):
    import {module}
    with port_audit(host={host}, extension={extension}, expect={expect}) as audit:
        {module}.players.transfer()
    assert [change.change for change in audit.difference.changes] == [1]
"""


@pytest.fixture
def handing_over(kernel, monkeypatch):
    """A pair that leaks, and the source of a test that audits a transfer of it."""
    with pair("leak", kernel) as players:
        stage = ModuleType("stage_of_this_test")
        stage.__dict__["players"] = players
        monkeypatch.setitem(sys.modules, stage.__name__, stage)
        yield lambda expect: FIXTURE.format(
            module=stage.__name__, host=players.host, extension=players.extension, expect=expect
        )


def test_the_fixture_fails_a_test_that_leaks(tests, handing_over):
    """The block's end fails the test with the report of the pair."""
    result = tests(handing_over([]))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FINDINGS  the extension keeps 1 reference to the host's task port *"])


def test_the_fixture_gives_the_difference(tests, handing_over):
    """A transfer as declared passes, and `difference` is there for own asserts."""
    tests(handing_over(["extension: task-control of host +1"])).assert_outcomes(passed=1)


def test_a_process_that_is_not_there_is_an_error(tests):
    """A wrong pid never passes for an audit."""
    result = tests("def test_it(port_audit):\n    with port_audit(host=999999999): pass")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["portaudit: there is no process 999999999; *"])


def test_a_process_that_cannot_be_read_is_skipped_in_a_line(tests):
    """A process that is no task of this kernel: skipped with the reason, an error if strict."""
    source = "import os\ndef test_it(port_audit):\n    with port_audit(host=os.getppid()): pass"

    result = tests(source)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["portaudit: skipped, 1 not audited: host was not read: *"])
    tests(source, "--portaudit-strict").assert_outcomes(failed=1)


def test_the_option_chooses_the_kernel(tests, monkeypatch, kernel):
    """--portaudit-kernel goes before PORTAUDIT_KERNEL."""
    monkeypatch.setenv("PORTAUDIT_KERNEL", "simulated:/nowhere")
    source = "import pytest\n@pytest.mark.port_balance\ndef test_it(): pass"

    tests(source, "--portaudit-kernel", kernel).assert_outcomes(passed=1)


def test_a_stand_in_that_does_not_answer_is_an_error(tests, monkeypatch):
    """Whoever names a kernel wants an audit: none is no skip."""
    monkeypatch.setenv("PORTAUDIT_KERNEL", "simulated:/nowhere")
    result = tests("import pytest\n@pytest.mark.port_balance\ndef test_it(): pass")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["portaudit: no kernel answers at /nowhere: *"])


UNAUDITED = """
import pytest
@pytest.mark.port_balance
def test_marked(): raise AssertionError('it ran')
def test_fixture(port_audit):
    with port_audit(): raise AssertionError('it ran')
def test_other(): pass
"""


@pytest.mark.usefixtures("nowhere")
def test_without_a_kernel_audits_are_skipped_visibly(pytester):
    """A line says how many, and why; other tests run."""
    pytester.makepyfile(UNAUDITED)
    result = pytester.runpytest()

    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["portaudit: skipped, 2 not audited: this machine runs no Mach kernel*"])


@pytest.mark.usefixtures("nowhere")
def test_without_a_kernel_strict_is_an_error(pytester, monkeypatch):
    """PORTAUDIT_STRICT=1 fails what would be skipped."""
    monkeypatch.setenv("PORTAUDIT_STRICT", "1")
    pytester.makepyfile(UNAUDITED)

    pytester.runpytest().assert_outcomes(passed=1, failed=2)


@pytest.mark.usefixtures("nowhere")
def test_without_a_kernel_the_option_says_that_it_does_nothing(pytester):
    """--portaudit lets the tests run, and says that none was audited; strict stops at once."""
    pytester.makepyfile("def test_it(): pass")

    result = pytester.runpytest("--portaudit")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["portaudit: skipped, no test was audited: this machine runs no Mach kernel*"]
    )
    strict = pytester.runpytest("--portaudit", "--portaudit-strict")
    assert strict.ret == pytest.ExitCode.USAGE_ERROR


def test_it_costs_nothing_unless_it_is_used(pytester):
    """A run that uses nothing of it imports nothing of it but the plugin itself."""
    pytester.makepyfile("""
    import sys
    def test_it():
        ours = [name for name in sys.modules if name.startswith(('portaudit', 'psutil', 'msgspec'))]
        assert sorted(ours) == ['portaudit', 'portaudit.pytest_plugin']
    """)

    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_marker_is_documented(pytester):
    """`pytest --markers` tells its arguments with their defaults."""
    result = pytester.runpytest("--markers")

    result.stdout.fnmatch_lines(
        ["@pytest.mark.port_balance(expect=(), warmup=0, settle=2.0, fail_on='warning'):*"]
    )


def test_a_stand_in_is_started_for_the_session(tests, monkeypatch):
    """--portaudit-kernel simulated needs no socket: a kernel stands as long as the tests, which find it."""
    monkeypatch.delenv("PORTAUDIT_KERNEL")
    source = """
        import os, pytest
        @pytest.mark.port_balance
        def test_clean(): assert os.environ["PORTAUDIT_KERNEL"].startswith("simulated:")
        @pytest.mark.port_balance
        def test_leak(keep): keep(3)
    """

    result = tests(source, "--portaudit-kernel", "simulated")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"*{OWN_PORT}*"])
    assert "PORTAUDIT_KERNEL" not in os.environ
