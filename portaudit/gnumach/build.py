"""The kernel and its bootstrap task, built once into the user's cache folder."""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from portaudit.gnumach import packages
from portaudit.gnumach.tools import BUILDERS, QEMU, require, run

Progress = Callable[[str], object]

SOURCE = Path(__file__).parent / "source"
INTERFACES = ("mach/mach", "mach/mach_port", "mach/i386/mach_i386")
INCLUDE = "usr/include/i386-linux-gnu"
MIGCOM = "usr/lib/mig/i686-gnu-migcom"

COMPILE = (
    *(
        "gcc",
        "-m32",
        "-march=i586",
        "-mgeneral-regs-only",
        "-std=gnu11",
        "-O2",
        "-ffreestanding",
        "-nostdinc",
    ),
    *(
        "-fno-pic",
        "-fno-pie",
        "-fno-stack-protector",
        "-fcf-protection=none",
        "-fno-asynchronous-unwind-tables",
    ),
    *("-ffunction-sections", "-fdata-sections"),
)
STRICT = ("-Wall", "-Wextra", "-Werror")
LENIENT = ("-w",)  # for what MIG writes
LINK = (
    *("gcc", "-m32", "-nostdlib", "-static", "-no-pie", "-Wl,--gc-sections", "-Wl,--build-id=none"),
    *("-Wl,-z,noexecstack", "-Wl,-z,norelro", "-Wl,-Ttext-segment=0x08000000", "-s"),
)


def cache_folder() -> Path:
    """Where portaudit keeps what it can make again: $XDG_CACHE_HOME, or ~/.cache."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if given else Path.home() / ".cache") / "portaudit"


def built(progress: Progress) -> Path:
    """Give the folder that holds `kernel` and `agent`, building them on first use.

    The folder is named after the sources, so another version builds its own. Raises KernelUnavailable, in
    one sentence, if this machine lacks what that takes.
    """
    require([QEMU])
    folder = cache_folder() / f"gnumach-{_hash_of_sources()}"
    if not folder.is_dir():
        require(BUILDERS)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _once(folder, lambda new: _build(_debian(progress), new, progress))
    return folder


def _hash_of_sources() -> str:
    seen = hashlib.sha256()
    for path in sorted([Path(__file__), *SOURCE.rglob("*.[chS]")]):
        seen.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return seen.hexdigest()[:16]


def _once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder whole or not at all; whoever comes second uses what the first made."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as place:
        new = Path(place) / folder.name
        new.mkdir()
        fill(new)
        try:
            new.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _debian(progress: Progress) -> Path:
    root = cache_folder() / "gnumach-debian"
    if not root.is_dir():
        progress("fetching GNU Mach's kernel, headers and MIG from this machine's apt sources")
        with tempfile.TemporaryDirectory(prefix="portaudit-apt-") as left_over:
            _once(root, lambda new: packages.unpack(Path(left_over), new))
    return root


def _build(debian: Path, new: Path, progress: Progress) -> None:
    progress("building GNU Mach's bootstrap task")
    (image,) = (debian / "boot").glob("gnumach-*-486.gz")
    (new / "kernel").write_bytes(gzip.decompress(image.read_bytes()))
    with tempfile.TemporaryDirectory(prefix="portaudit-build-") as name:
        place = Path(name)
        for interface in INTERFACES:
            _generate(debian, interface, place)
        for path in sorted(place.glob("*.c")):
            _compile(debian, path, place, LENIENT)
        for path in sorted(SOURCE.glob("*.[cS]")):
            _compile(debian, path, place, STRICT)
        run([*LINK, "-o", str(new / "agent"), *(str(path) for path in sorted(place.glob("*.o")))])


def _generate(debian: Path, interface: str, place: Path) -> None:
    include = debian / INCLUDE
    name = Path(interface).name
    definition = run(
        [
            "gcc",
            "-E",
            "-x",
            "c",
            "-undef",
            "-ansi",
            "-nostdinc",
            f"-I{include}",
            str(include / f"{interface}.defs"),
        ]
    )
    stubs = ["-user", f"{name}_user.c", "-header", f"{name}_user.h"]
    run([str(debian / MIGCOM), "-n", *stubs], cwd=place, given=definition)


def _compile(debian: Path, path: Path, place: Path, warnings: tuple[str, ...]) -> None:
    own = run(["gcc", "-print-file-name=include"]).decode().strip()
    headers = [f"-I{SOURCE}", "-isystem", str(place), "-isystem", str(debian / INCLUDE), "-isystem", own]
    run([*COMPILE, *warnings, *headers, "-c", str(path), "-o", str(place / f"{path.stem}.o")])
