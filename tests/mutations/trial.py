"""A copy of the project in which mistakes are made, and the tests that are run there, each time in a fork."""

import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.mutations.mutants import Mutant

HOME = Path(__file__).parents[2]
JUDGING = "portaudit/analysis"
COPIED = ("portaudit", "tests", "man", "pyproject.toml", "README.md", "CHANGELOG.md")
RELATED = (
    "tests/analysis",
    "tests/churn",
    "tests/cli/test_decode.py",
    "tests/cli/test_diff_series.py",
    "tests/cli/test_diff_terms.py",
    "tests/configuration/test_baseline_file.py",
    "tests/render/test_golden.py",
    "tests/test_api.py",
)
"""The tests of the judgement."""

SHARPEST = "tests/analysis/test_judgements.py::test_what_was_judged_is_judged_alike"
"""Notices most: it is called before pytest collects the others."""

LONGEST = 120
"""Seconds of work after which a mistake counts as noticed: the tests never end."""

SHARPLY = 30
"""The same for the one that notices most, which takes five."""


@dataclass
class Watcher:
    """Notes which functions of the judging code each test calls, and how long it takes."""

    callers: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, float] = field(default_factory=dict)

    def pytest_collection(self) -> None:
        """Let hypothesis try little: what is called is seen soon."""
        _profile(max_examples=8, suppress_health_check=[*hypothesis.HealthCheck])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Run one test with an eye on its calls; the sharpest calls nearly everything, and takes long."""
        if item.nodeid == SHARPEST:
            return (yield)
        seen: set[str] = set()

        def note(frame: Any, *_: object) -> None:
            _, inside, file = frame.f_code.co_filename.partition(f"/{JUDGING}/")
            if inside:
                seen.add(f"{JUDGING}/{file}:{_plain(frame.f_code.co_qualname)}")

        began = time.perf_counter()
        sys.settrace(note)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seconds[item.nodeid] = time.perf_counter() - began
            for place in seen:
                self.callers[place].append(item.nodeid)


def _profile(**changes: Any) -> None:
    hypothesis.settings.register_profile("hasty", hypothesis.settings.get_profile("ci"), **changes)
    hypothesis.settings.load_profile("hasty")


def _plain(qualified: str) -> str:
    return ".".join(part for part in qualified.split(".") if not part.startswith("<"))


@dataclass
class Chosen:
    """Runs some tests only, in their order, and keeps the first that fails."""

    tests: list[str]
    failed: str = ""

    def pytest_collection(self) -> None:
        """Let hypothesis not explain what it finds: that something fails is enough."""
        _profile(phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the others."""
        known = {item.nodeid: item for item in items}
        items[:] = [known[test] for test in self.tests if test in known]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note who noticed."""
        if report.failed:
            self.failed = self.failed or report.nodeid


@dataclass
class Stage:
    """The copy, and which of its tests call what."""

    folder: Path
    callers: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def output(self) -> Path:
        """What pytest printed last."""
        return self.folder / "output"

    def prepare(self) -> int:
        """Copy the project and run the tests as they are; gives how pytest ended."""
        for name in COPIED:
            if (HOME / name).is_dir():
                shutil.copytree(HOME / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(HOME / name, self.folder / name)
        status, told = _forked(self._watched, self.output)
        self.callers, self.seconds = told or ({}, {})
        return status or _forked(self._sharpest, self.output)[0]

    def noticed_by(self, mutant: Mutant) -> str:
        """Give the test that fails with a mistake; nothing if none does."""
        path = self.folder / mutant.file
        tests = self.tests_of(mutant)
        with suppress(FileNotFoundError):
            Path(cache_from_source(str(path))).unlink()  # it knows the file by second and size only
        path.write_text(mutant.text)
        try:
            return self._noticed(tests)
        finally:
            path.write_text(mutant.source)

    def _noticed(self, tests: list[str]) -> str:
        if _forked(self._sharpest, self.output)[0]:
            return SHARPEST
        if not tests:
            return ""
        status, told = _forked(lambda: self._tried(tests), self.output)
        ended = {0: "", 5: "", -signal.SIGXCPU: f"{LONGEST} seconds without an end"}
        return ended.get(status, told or "its import fails")

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Give the tests that run the function with the mistake, the shortest first; else all of them."""
        calling = self.callers.get(f"{mutant.file}:{mutant.function}", [])
        others = (test for test in self.seconds if test != SHARPEST)
        return sorted(calling if mutant.in_function else others, key=self.seconds.__getitem__)

    def _watched(self) -> tuple[int, object]:
        watcher = Watcher()
        status = _pytest(self.folder, RELATED, watcher)
        return status, (watcher.callers, watcher.seconds)

    def _sharpest(self) -> tuple[int, object]:
        _limit(SHARPLY)
        _enter(self.folder)
        warnings.simplefilter("error")
        file, _, name = SHARPEST.partition("::")
        getattr(import_module(file.removesuffix(".py").replace("/", ".")), name)()
        return 0, None

    def _tried(self, tests: list[str]) -> tuple[int, object]:
        _limit(LONGEST)
        chosen = Chosen(tests)
        status = _pytest(self.folder, sorted({test.partition("::")[0] for test in tests}), chosen)
        return status, chosen.failed


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def _enter(folder: Path) -> None:
    """Go into the copy, with nothing of the original imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] in {"portaudit", "tests"}]:
        del sys.modules[name]
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)
    sys.path[:] = [str(folder), *(path for path in sys.path if path not in ("", str(HOME)))]


def _pytest(folder: Path, files: Any, plugin: object) -> int:
    _enter(folder)
    silent = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # hypothesis is imported once, for all
    options = ("-x", "-q", "-p", "no:cacheprovider", "-n", "0", *silent)
    return int(pytest.main([*options, *files], plugins=[plugin]))


def _forked(work: Callable[[], tuple[int, object]], output: Path) -> tuple[int, Any]:
    """Run a function in a process of its own; gives its status and what it told. What it prints is kept."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        status = 70
        try:
            status, told = work()
            with os.fdopen(write, "w") as pipe:
                json.dump(told, pipe)
        except BaseException:  # noqa: BLE001  a fork never goes on as its parent
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, ended = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(ended), json.loads(text) if text else None
