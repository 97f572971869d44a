"""The probe, compiled once for each language that may include it."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from portaudit.probe import header_path
from tests.headers.conftest import sdk
from tests.probe.mach_headers import write_headers
from tests.probe.stand_in import Probe
from tests.shared import once

__all__ = ["sdk"]

STAND_IN = Path(__file__).parent / "stand_in"
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
LANGUAGES = {"C99": ("-x", "c", "-std=c99"), "C++17": ("-x", "c++", "-std=c++17")}
# Undefined behaviour ends the test run instead of passing unseen
CHECKED = ("-O2", "-fsanitize=undefined", "-fsanitize-undefined-trap-on-error", "-D_GNU_SOURCE")


@pytest.fixture(scope="session")
def headers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stand-in's Mach headers."""

    def write(folder: Path) -> Path:
        write_headers(folder)
        return folder

    return once(tmp_path_factory, "mach", write)


def compile_strictly(source: str, language: str, headers: Path, output: Path, *more: str) -> None:
    """Compile a program over the probe by this machine's compiler; a warning is an error."""
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.fail("the probe's tests need a C and C++ compiler: apt install g++, or xcode-select --install")
    folders = [f"-I{folder}" for folder in (headers, STAND_IN, header_path().parent)]
    options = [*STRICT, *CHECKED, *LANGUAGES[language], *folders, *more]
    subprocess.run([compiler, *options, STAND_IN / source, "-o", output], check=True, timeout=120)


@pytest.fixture(scope="session", params=LANGUAGES)
def compiled(
    request: pytest.FixtureRequest, headers: Path, tmp_path_factory: pytest.TempPathFactory
) -> Probe:
    """The probe as a library."""

    def build(folder: Path) -> Path:
        library = folder / "probe.so"
        compile_strictly("stand_in.c", request.param, headers, library, "-shared", "-fPIC")
        return library

    return Probe(ctypes.CDLL(str(once(tmp_path_factory, f"probe-{request.param}", build))))


@pytest.fixture(scope="session", params=LANGUAGES)
def marker(request: pytest.FixtureRequest, headers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that says marks by the probe's header."""

    def build(folder: Path) -> Path:
        program = folder / "marker"
        compile_strictly("marker.c", request.param, headers, program)
        return program

    return once(tmp_path_factory, f"marker-{request.param}", build)


@pytest.fixture
def probe(compiled: Probe) -> Probe:
    """The probe, as a process that says nothing of itself yet."""
    compiled.program(b"Host")
    compiled.machine(None, None, None)
    return compiled
