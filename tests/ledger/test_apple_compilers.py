"""The interposer for a Mac, compiled by Apple's headers and linked with Apple's list of symbols."""

import struct

import pytest

from portaudit.ledger.interposer import source
from portaudit.model.right_calls import RIGHT_CALLS, Library
from tests.headers.sdk import TARGETS, Sdk, find_sdk
from tests.shared import once

pytestmark = pytest.mark.whole

STRICT = ("-std=c11", "-O2", "-fno-omit-frame-pointer", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
SLICES = {"arm64": ("arm64", "arm64e"), "x86_64": ("x86_64",)}


@pytest.fixture(scope="module")
def sdk(pytestconfig, tmp_path_factory):
    """Apple's SDK, or a skipped test."""
    folder = tmp_path_factory.mktemp("sdk")
    cache = getattr(pytestconfig, "cache", None)
    return find_sdk(cache.mkdir("zig") if cache else folder, folder)


@pytest.fixture
def c_file(tmp_path):
    """The whole interposer in one file."""
    path = tmp_path / "portaudit_ledger.c"
    path.write_text(source())
    return path


@pytest.fixture(scope="module", params=TARGETS)
def built(request, sdk: Sdk, tmp_path_factory):
    """For each architecture what the compiler said, and the library that it made."""

    def make(folder):
        path = folder / "portaudit_ledger.c"
        path.write_text(source())
        return sdk.link(path, request.param, "-dynamiclib", *STRICT), (sdk.output / "out").read_bytes()

    return request.param, *once(tmp_path_factory, f"interposer-{request.param}", make)


def test_the_interposer_compiles_strictly_and_needs_libsystem_alone(sdk: Sdk, built):
    """Without a warning: each prototype agrees with Apple's header. What it needs is in libSystem.tbd."""
    architecture, complaints, library = built
    assert complaints == []

    exported = frozenset().union(*(sdk.exported_symbols(slice_) for slice_ in SLICES[architecture]))
    assert undefined_symbols(library) - exported == set()


def test_every_recorded_function_has_its_pair_for_dyld(built):
    """The section that dyld reads has sixteen bytes for each function of libSystem in the table."""
    ours = [call for call in RIGHT_CALLS if call.recorded and call.interposed]
    recorded = [call for call in ours if call.library is Library.SYSTEM]

    assert interpose_size(built[2]) == 16 * len(recorded)


@pytest.mark.parametrize("architecture", TARGETS)
def test_the_frameworks_compile_strictly_when_they_are_asked_for(sdk: Sdk, c_file, architecture):
    """IOKit and IOSurface are declared by hand: their headers are in no package here."""
    # Not optimized: clang has said all that it says of a source before it would
    assert sdk.complaints(c_file, architecture, "-DPORTAUDIT_FRAMEWORKS", *STRICT, "-O0") == []


def undefined_symbols(library: bytes) -> set[str]:
    """Give what a Mach-O library wants from others, without the linker's own."""
    (commands,) = struct.unpack_from("<I", library, 16)
    at, symbols = 32, set()
    for _ in range(commands):
        command, size = struct.unpack_from("<II", library, at)
        if command == 2:  # LC_SYMTAB
            table, count, strings, _ = struct.unpack_from("<4I", library, at + 8)
            for entry in range(count):
                name, kind, _, _, _ = struct.unpack_from("<IBBHQ", library, table + 16 * entry)
                if kind & 0xEF == 1:  # N_EXT and N_UNDF
                    end = library.index(b"\0", strings + name)
                    symbols.add(library[strings + name : end].decode().removeprefix("_"))
        at += size
    return symbols - {"dyld_stub_binder"}


def interpose_size(library: bytes) -> int:
    """Give the size of __DATA,__interpose."""
    at = library.index(b"__interpose\0")
    _, size = struct.unpack_from("<QQ", library, at + 32)
    return int(size)
