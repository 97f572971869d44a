"""Every symbol that portaudit calls is one that libSystem exports."""

import pytest

from portaudit.mach.prototypes import PROTOTYPES, VARIABLES
from tests.headers.sdk import TARGETS, Sdk, find_sdk, read_symbols

SYMBOLS = [*PROTOTYPES, *VARIABLES]
OF_THE_SYSTEM = ["sysctlbyname", "responsibility_get_pid_responsible_for_pid", "csops"]
"""What portaudit.mach.system calls; these libraries are listed as arm64e alone, as Macs are."""


def missing(sdk: Sdk, architecture: str, symbols: list[str]) -> list[str]:
    """The symbols that libSystem does not export on an architecture."""
    exported = sdk.exported_symbols(architecture)
    return [symbol for symbol in symbols if symbol not in exported]


@pytest.mark.parametrize("architecture", TARGETS)
def test_libsystem_exports_every_symbol(sdk, architecture):
    """Each function and variable of the tables is in libSystem.tbd."""
    assert missing(sdk, architecture, SYMBOLS) == []


@pytest.mark.parametrize("architecture", ["arm64e", "x86_64"])
def test_libsystem_exports_what_tells_of_the_machine(sdk, architecture):
    """The calls beside Mach's own are there too, also the one that no header declares."""
    assert missing(sdk, architecture, OF_THE_SYSTEM) == []


@pytest.mark.parametrize("architecture", TARGETS)
def test_a_missing_symbol_is_named(sdk, architecture):
    """mach_port_get_receive_status is a MIG routine of old that libSystem does not export."""
    planted = [*SYMBOLS, "mach_port_get_receive_status"]
    assert missing(sdk, architecture, planted) == ["mach_port_get_receive_status"]


def test_a_symbol_of_the_other_architecture_does_not_count(sdk):
    """i386_get_ldt is exported on x86_64 only, and is missing on arm64."""
    planted = [*SYMBOLS, "i386_get_ldt"]
    found = {architecture: missing(sdk, architecture, planted) for architecture in TARGETS}
    assert found == {"arm64": ["i386_get_ldt"], "x86_64": []}


def test_symbols_are_read_by_architecture():
    """Lists that wrap, quoted names, C++ names and targets whose name only begins alike are told apart."""
    stub = """\
exports:
  - targets:         [ x86_64-macos, arm64-macos,
                       arm64-maccatalyst ]
    symbols:         [ _vm_deallocate, '_stat$INODE64',
                       '$ld$hide$os10.4$_old' ]
    weak-symbols:    [ _not_after_targets ]
  - targets:         [ arm64e-macos, arm64-maccatalyst ]
    symbols:         [ _of_other_targets ]
"""
    assert read_symbols(stub, "arm64") == {"vm_deallocate", "stat$INODE64"}


def test_without_the_sdk_the_check_is_skipped_with_a_way_out(tmp_path, monkeypatch):
    """Where ziglang is not installed the test says what to install, and does not pass."""
    monkeypatch.delenv("REQUIRE_HEADERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"pip install 'portaudit\[headers\]'"):
        find_sdk(tmp_path, tmp_path, package="no_such_sdk")


def test_without_the_sdk_a_required_check_fails(tmp_path, monkeypatch):
    """REQUIRE_HEADERS=1 makes the missing SDK a failure."""
    monkeypatch.setenv("REQUIRE_HEADERS", "1")
    with pytest.raises(pytest.fail.Exception, match=r"pip install 'portaudit\[headers\]'"):
        find_sdk(tmp_path, tmp_path, package="no_such_sdk")
