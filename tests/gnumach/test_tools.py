"""What is missing is said in one sentence, with the way to install it."""

import pytest

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.build import BUILDERS, built, newest_kernel, run
from portaudit.gnumach.qemu import QEMU, Tool, require


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """A machine without a single program, and without a cache."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_every_missing_tool_is_named_with_its_package(bare_machine):
    """All that is missing comes in one sentence, each package once."""
    with pytest.raises(KernelUnavailable) as said:
        require([QEMU, *BUILDERS[:1], Tool("gcc -m32", "gcc-multilib", bare_machine / "ld-linux.so.2")])
    assert str(said.value) == (
        "GNU Mach needs qemu-system-i386, gcc, gcc -m32, missing here: "
        "apt-get install qemu-system-x86 gcc-multilib"
    )


def test_what_is_here_is_not_asked_for(bare_machine):
    """A tool that is a file counts as here if the file is."""
    (bare_machine / "loader").touch()
    require([Tool("gcc -m32", "gcc-multilib", bare_machine / "loader")])


def test_without_qemu_nothing_is_built(bare_machine):
    """QEMU is looked for first: what could not be booted is not fetched."""
    with pytest.raises(KernelUnavailable, match=r"^GNU Mach needs qemu-system-i386, missing here: "):
        built(pytest.fail)
    assert list(bare_machine.iterdir()) == []


def test_a_failing_program_is_quoted():
    """A build that fails says which program failed and its last words."""
    with pytest.raises(KernelUnavailable) as said:
        run(["sh", "-c", "echo first >&2; echo last >&2; exit 1"])
    assert str(said.value) == "GNU Mach could not be built: sh says: last"


def test_the_newest_kernel_is_chosen_by_its_number():
    """1.10 is newer than 1.8, and debug symbols are no kernel."""
    names = [
        "gnumach-image-1.10-486",
        "gnumach-image-1.8-486",
        "gnumach-image-1.11-486-dbg",
        "gnumach-image-1-486",
    ]
    assert newest_kernel(names) == "gnumach-image-1.10-486"


def test_package_sources_without_the_kernel_are_said_to_lack_it():
    """A machine whose apt sources have no GNU Mach is told so."""
    with pytest.raises(KernelUnavailable, match=r"apt sources have no GNU Mach kernel for i386"):
        newest_kernel(["gnumach-image-1.8-amd64"])
