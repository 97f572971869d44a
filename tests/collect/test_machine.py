"""What a snapshot says of the machine is what Apple's own program says, and costs no process a question."""

import plistlib
import subprocess
import sys

import pytest

from portaudit import kernels
from portaudit.collect import taking
from portaudit.mach import system
from tests.python_program import write_program


@pytest.fixture(autouse=True)
def forgotten():
    """Let each test ask anew what is asked once in a process."""
    for answer in (taking.system, kernels.boot_session):
        answer.cache_clear()
    system.libsystem.cache_clear()
    system._function.cache_clear()
    yield
    taking.system.cache_clear()
    kernels.boot_session.cache_clear()
    system._function.cache_clear()


@pytest.fixture
def mac(monkeypatch, tmp_path):
    """A Mac of release 26.1 whose Python was built with an older SDK: it believes that this is 16.0."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.mac_ver", lambda: ("16.0", ("", "", ""), "arm64"))
    monkeypatch.setattr(taking, "SW_VERS", str(write_program(tmp_path / "sw_vers", "print('26.1')")))
    version = tmp_path / "SystemVersion.plist"
    version.write_bytes(plistlib.dumps({"ProductVersion": "26.1.1"}))
    monkeypatch.setattr(taking, "VERSION_FILE", str(version))
    return tmp_path


@pytest.mark.usefixtures("mac")
def test_sw_vers_says_which_macos_this_is():
    """platform.mac_ver() says 16.0 there, which no Mac ever ran."""
    assert taking.system() == "macOS 26.1"


def test_without_sw_vers_the_file_that_it_reads_says_it(mac, monkeypatch):
    """Where it is missing, or fails, its plist serves; at the very last what Python believes."""
    monkeypatch.setattr(taking, "SW_VERS", str(mac / "missing"))
    from_file = taking.system()
    taking.system.cache_clear()
    (mac / "SystemVersion.plist").write_text("no plist")

    assert (from_file, taking.system()) == ("macOS 26.1.1", "macOS 16.0")


@pytest.mark.usefixtures("mac")
def test_the_release_is_asked_for_once(monkeypatch):
    """A thousand snapshots of one process start one sw_vers."""
    asked = []
    real = subprocess.run

    def run(command, **options):
        asked.append(command)
        return real(command, **options)

    monkeypatch.setattr(subprocess, "run", run)

    assert {taking.system() for _ in range(5)} == {"macOS 26.1"}
    assert len(asked) == 1


class LibSystem:
    """A libSystem with one text; it counts how often it is asked."""

    def __init__(self):
        self.asked: list[bytes] = []

        def sysctlbyname(name, text, size, _fresh, _fresh_size):
            self.asked.append(name)
            if name != b"kern.bootsessionuuid":
                return -1
            text.value = b"9A3E-boot"
            size._obj.value = 10
            return 0

        self.sysctlbyname = sysctlbyname


def test_the_boot_session_is_a_c_call_made_once(monkeypatch):
    """No sysctl program is started, and one call serves every snapshot of a process."""
    library = LibSystem()
    monkeypatch.setattr(system, "libsystem", lambda: library)

    def no_process(*_arguments, **_options):
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", no_process)

    assert [kernels.boot_session() for _ in range(3)] == ["9A3E-boot"] * 3
    assert library.asked == [b"kern.bootsessionuuid"]


def test_without_libsystem_nothing_is_told(monkeypatch):
    """On another system there is no boot session, and nobody is responsible for anybody."""
    monkeypatch.setattr(system, "LIBSYSTEM", "/usr/lib/no-libSystem.B.dylib")

    assert (kernels.boot_session(), system.responsible_for(1)) == (None, None)
