"""The pytest plugin: a fixture, a marker and an option; what they mean is decided in api and auditing.

Nothing of portaudit is imported before a test asks for it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from portaudit.api import PortAudit

MARKER = "port_balance"
TAKEN = "expect=(), warmup=0, settle=2.0, fail_on='warning'"
STRICT_VARIABLE = "PORTAUDIT_STRICT"
KERNEL_VARIABLE = "PORTAUDIT_KERNEL"
STAND_INS = ("simulated", "gnumach")
"""Kernels that can be started for a session; model.kernel has the same words, but is not imported here."""

SKIPPED = "skipped"
KIND, HEADLINE, WEIGHT = "portaudit", "portaudit-finding", "portaudit-weight"
"""Properties of a report: they go to JUnit, and from xdist's workers to the terminal."""


class BalanceFailure(pytest.fail.Exception):  # type: ignore[name-defined,misc]  # public, but a variable
    """The failure of a test whose port rights do not balance; its text is the report."""

    __module__ = "builtins"  # how pytest keeps the module's name out of its own failures


@dataclass(frozen=True, slots=True)
class Balance:
    """What the marker may say."""

    expect: str | tuple[str, ...] | list[str] = ()
    warmup: int = 0
    """How often the body runs before it is audited: caches fill."""
    settle: float = 2.0
    fail_on: str = "warning"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options."""
    group = parser.getgroup("portaudit", "Mach port rights")
    group.addoption("--portaudit", action="store_true", help="audit the port rights of every test's body")
    group.addoption(
        "--portaudit-kernel",
        metavar="NAME",
        help="which Mach answers, or simulated to start a stand-in; default: PORTAUDIT_KERNEL, or the Mac's",
    )
    group.addoption(
        "--portaudit-strict", action="store_true", help="where auditing is impossible, fail instead of skip"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell the marker; with --portaudit, look whether anything can be audited here."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}({TAKEN}): the port rights of this process and "
        "its children must balance around the test's body, after so many unaudited runs of it",
    )
    _stand_in(config)
    reason = _obstacle(config) if config.option.portaudit else None
    if reason and _strict(config):
        raise pytest.UsageError(f"portaudit: {reason}")


def _stand_in(config: pytest.Config) -> None:
    """Start the stand-in that --portaudit-kernel names by its kind alone; what tests start finds it, too."""
    if config.option.portaudit_kernel not in STAND_INS:
        return
    from portaudit.demo.stage import standing_kernel

    stack = ExitStack()
    config.add_cleanup(stack.close)
    name = stack.enter_context(standing_kernel(config.option.portaudit_kernel))
    config.option.portaudit_kernel = os.environ[KERNEL_VARIABLE] = name
    stack.callback(os.environ.pop, KERNEL_VARIABLE, None)


@pytest.fixture
def port_audit(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager["PortAudit"]]:
    """Audit a block of the test; its end fails the test, with the report, if the references do not balance.

    `with port_audit(host=pid, extension=pid, expect=[...]) as audit: ...` takes what portaudit.audit
    takes, and fail_on="error" to let warnings pass; `audit.difference` is for own asserts.
    """

    def start(*, fail_on: str = "warning", **whom: Any) -> AbstractContextManager["PortAudit"]:  # noqa: ANN401  port_audit's own
        return _audited(request.node, fail_on, whom)

    return start


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run the body of a marked test, or of each with --portaudit, between two readings."""
    balance = _balance(item)
    if balance is None:
        return (yield)
    whom = {"expect": balance.expect, "settle": balance.settle}
    _stop_where_impossible(item)
    for _ in range(balance.warmup):
        item.runtest()
    with _audited(item, balance.fail_on, whom):
        result = yield
    return result


def _balance(item: pytest.Item) -> Balance | None:
    mark = item.get_closest_marker(MARKER)
    if mark is not None:
        try:
            balance = Balance(*mark.args, **mark.kwargs)
        except TypeError:
            given = (*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items()))
            raise _wrong(f"@pytest.mark.{MARKER} takes {TAKEN}, and not {', '.join(given)}") from None
        if balance.warmup < 0:
            raise _wrong(f"warmup is {balance.warmup}: say how many runs, 0 or more")
        return balance
    return Balance() if item.config.option.portaudit and not _obstacle(item.config) else None


def _wrong(reason: str) -> pytest.fail.Exception:  # type: ignore[name-defined]  # public, but a variable
    """Give the failure of a test that asks for no audit that there is: where in here is of no use to it."""
    return pytest.fail.Exception(f"portaudit: {reason}", pytrace=False)


@contextmanager
def _audited(item: pytest.Item, fail_on: str, whom: dict[str, Any]) -> Iterator["PortAudit"]:
    from portaudit.api import audit as audited
    from portaudit.api import check_severity
    from portaudit.errors import AuditError

    _stop_where_impossible(item)
    with ExitStack() as stack:
        try:
            check_severity(fail_on)
            audit = stack.enter_context(audited(kernel=item.config.option.portaudit_kernel, **whom))
        except AuditError as error:
            raise _wrong(str(error)) from None
        for task in audit.before.tasks:
            if task.not_read is not None:
                _stop(item, f"{task.title} was not read: {task.not_read.reason}")
        yield audit
    _blame(item, audit, fail_on)


def _blame(item: pytest.Item, audit: "PortAudit", fail_on: str) -> None:
    from portaudit.render.as_table import headline

    if audit.passes(fail_on):
        return
    report = audit.report
    kind = report.findings[0].verdict if report.findings else report.outcome
    weight = sum(finding.weight for finding in report.findings)
    rules = " ".join(dict.fromkeys(finding.rule for finding in (*report.findings, *report.undecided)))
    item.user_properties += [(KIND, str(kind)), (HEADLINE, f"{rules}  {headline(report)}"), (WEIGHT, weight)]
    raise BalanceFailure(f"{audit.text()}", pytrace=False)


def _stop_where_impossible(item: pytest.Item) -> None:
    reason = _obstacle(item.config)
    if reason is not None:
        _stop(item, reason)


def _stop(item: pytest.Item, reason: str) -> None:
    if _strict(item.config):
        pytest.fail(f"portaudit: {reason}", pytrace=False)
    item.user_properties.append((KIND, SKIPPED))
    pytest.skip(f"portaudit: {reason}")


def _obstacle(config: pytest.Config) -> str | None:
    from portaudit.auditing.snapshot import obstacle

    return obstacle(config.option.portaudit_kernel)


def _strict(config: pytest.Config) -> bool:
    return bool(config.option.portaudit_strict) or os.environ.get(STRICT_VARIABLE, "") not in ("", "0")


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Show an imbalance as a failure of its own kind: LEAKED, OVER-RELEASED, UNDECIDED."""
    kind = dict(getattr(report, "user_properties", ())).get(KIND)
    if kind is None or kind == SKIPPED or not report.failed:
        return None
    return "failed", str(kind)[0].upper(), str(kind).upper()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401  pytest exports no type for it
    """List the tests that leak, worst first, and say in a line what was not audited."""
    blamed = [report for report in terminalreporter.stats.get("failed", []) if HEADLINE in _told(report)]
    if blamed:
        terminalreporter.section("port rights out of balance, worst first")
    for report in sorted(blamed, key=lambda report: -int(_told(report)[WEIGHT])):
        terminalreporter.line(f"{report.nodeid}  {_told(report)[HEADLINE]}")
    for line in _skip_lines(terminalreporter, config):
        terminalreporter.line(line)


def _skip_lines(terminalreporter: Any, config: pytest.Config) -> Iterator[str]:  # noqa: ANN401  as above
    reason = _obstacle(config) if config.option.portaudit else None
    if reason:
        yield f"portaudit: skipped, no test was audited: {reason}"
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if _told(r).get(KIND) == SKIPPED]
    reasons = [str(report.longrepr[2]).removeprefix("Skipped: portaudit: ") for report in skipped]
    for text in dict.fromkeys(reasons):
        yield f"portaudit: skipped, {reasons.count(text)} not audited: {text}"


def _told(report: Any) -> dict[str, Any]:  # noqa: ANN401  a test's report or a collector's
    return dict(getattr(report, "user_properties", ()))
