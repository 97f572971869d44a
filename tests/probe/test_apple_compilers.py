"""The probe compiles without a warning against Apple's SDK, in each language that may include it."""

import subprocess
import sys

import pytest

from portaudit.probe import EXAMPLE, header_path
from tests.headers.sdk import TARGETS
from tests.probe.conftest import STRICT

pytestmark = pytest.mark.whole

LANGUAGES = {
    "C99": ("c", "-std=c99"),
    "C++17": ("cpp", "-std=c++17"),
    "Objective-C": ("m", "-std=c99", "-fobjc-arc"),
    "Objective-C++": ("mm", "-std=c++17"),
}
INCLUDED_FIRST = """\
#include "portaudit_probe.h"
#include "portaudit_probe.h"
int audited(int fd);
int audited(int fd) { return portaudit_mark("before", 0) + portaudit_probe_write(fd, "host"); }
"""
NOT_CALLED = '#include "portaudit_probe.h"\nint nothing;\n'
PROGRAMS = {"the example": EXAMPLE, "a caller": INCLUDED_FIRST, "an includer": NOT_CALLED}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("architecture", TARGETS)
def test_the_header_compiles_strictly(sdk, tmp_path, architecture, language, program):
    """Called, only included, or as the example has it: not one warning."""
    suffix, *options = LANGUAGES[language]
    source = tmp_path / f"program.{suffix}"
    source.write_text(PROGRAMS[program])

    said = sdk.complaints(source, architecture, *STRICT, *options, f"-I{header_path().parent}")

    assert said == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_would_be_seen(sdk, tmp_path, language):
    """The same compilation complains about a program that has something to complain about."""
    suffix, *options = LANGUAGES[language]
    source = tmp_path / f"program.{suffix}"
    source.write_text(EXAMPLE.replace("int error =", "unsigned error ="))

    said = sdk.complaints(
        source, "arm64", *STRICT, *options, f"-I{header_path().parent}", "-Wsign-conversion"
    )

    assert said != []


@pytest.mark.parametrize("architecture", TARGETS)
def test_the_probe_calls_what_libsystem_exports(sdk, tmp_path, architecture):
    """The example links against libSystem, and a program that calls what is not there does not."""
    source = tmp_path / "program.c"
    found = {}
    for function in ("portaudit_probe_write", "portaudit_probe_rewrite"):
        declared = "int portaudit_probe_rewrite(int fd, const char *role);\n"
        source.write_text(declared + EXAMPLE.replace("portaudit_probe_write", function))
        found[function] = sdk.link(source, architecture, "-std=c99", f"-I{header_path().parent}")

    assert found == {
        "portaudit_probe_write": [],
        "portaudit_probe_rewrite": ["undefined symbol: _portaudit_probe_rewrite"],
    }


def test_the_header_is_a_file_of_the_package():
    """header_path names the header that is installed, wherever python was started."""
    asked = "from portaudit.probe import header_path; print(header_path().read_text(), end='')"
    printed = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd="/"
    )

    assert "int portaudit_probe_write(int fd, const char *role);" in printed.stdout
    assert printed.stdout == header_path().read_text()
