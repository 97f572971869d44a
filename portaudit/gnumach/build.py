"""The kernel and its bootstrap task, built once into the user's cache folder.

From Debian's i386 packages: the GNU Mach kernel, its headers and MIG, unpacked into a folder.
"""

import gzip
import hashlib
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from portaudit.cache import cache_folder, once, own_cache
from portaudit.errors import KernelUnavailable
from portaudit.gnumach.qemu import QEMU, Tool, require

LOADER_32 = Path("/lib/ld-linux.so.2")
"""What runs 32-bit programs, MIG among them; gcc-multilib brings it along with `gcc -m32`."""
BUILDERS = (
    Tool("gcc", "gcc-multilib"),
    Tool("gcc -m32", "gcc-multilib", LOADER_32),
    Tool("apt-get", "apt"),
    Tool("apt-cache", "apt"),
    Tool("dpkg-deb", "dpkg"),
)

DEVELOPMENT = ("gnumach-dev", "mig-i686-gnu")
KERNEL = re.compile(r"gnumach-image-(\d+(?:\.\d+)+)-486")

# The machine's own hooks run after an update as whoever runs it; ours is none of their business.
# As root, apt would fetch as the user _apt, who may not write to a private folder.
SETTINGS = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture "i386";
APT::Architectures {{ "i386"; }};
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "{folder}/state";
Dir::State::status "/dev/null";
Dir::Cache "{folder}/cache";
"""


def unpack(folder: Path, into: Path) -> None:
    """Fetch the packages, using `folder` for what is left over, and unpack them into `into`.

    Raises KernelUnavailable if the machine's package sources do not have them or do not answer.
    """
    settings = _settings(folder)
    update_fault = _update(settings)
    names = run(["apt-cache", f"--config-file={settings}", "pkgnames", "gnumach-image-"]).decode().split()
    try:
        wanted = [newest_kernel(names), *DEVELOPMENT]
        run(["apt-get", f"--config-file={settings}", "--quiet=2", "download", *wanted], cwd=folder)
    except KernelUnavailable as fault:
        raise (update_fault or fault) from fault
    for package in sorted(folder.glob("*.deb")):
        run(["dpkg-deb", "--extract", str(package), str(into)])


def _settings(folder: Path) -> Path:
    for part in ("state/lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    settings = folder / "apt.conf"
    settings.write_text(SETTINGS.format(folder=folder))
    return settings


def _update(settings: Path) -> KernelUnavailable | None:
    # A source that does not answer matters only if the packages then cannot be had
    try:
        run(["apt-get", f"--config-file={settings}", "--quiet=2", "update"])
    except KernelUnavailable as fault:
        return fault
    return None


def newest_kernel(names: list[str]) -> str:
    """Give the kernel package of the highest version. Raises KernelUnavailable if there is none."""
    kernels = [found for name in names if (found := KERNEL.fullmatch(name))]
    if not kernels:
        raise KernelUnavailable(
            "this machine's apt sources have no GNU Mach kernel for i386 (gnumach-image-*-486): add Debian's"
        )
    return max(kernels, key=_version).group()


def _version(found: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in found.group(1).split("."))


Step = Callable[[str], object]
"""Hears of each step of a start."""

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


def built(progress: Step) -> Path:
    """Give the folder that holds `kernel` and `agent`, building them on first use.

    The folder is named after the sources, so another version builds its own. Raises KernelUnavailable, in
    one sentence, if this machine lacks what that takes, or if others may put something into the cache: what
    lies there is run.
    """
    require([QEMU])
    cache = own_cache()
    if cache is None:
        raise KernelUnavailable(
            f"GNU Mach is kept in {cache_folder()} and run from there, and that folder is not yours alone: "
            f"give it to yourself (chown, chmod 700), or name another cache by XDG_CACHE_HOME"
        )
    folder = cache / f"gnumach-{_hash_of_sources()}"
    if not folder.is_dir():
        require(BUILDERS)
        once(folder, lambda new: _build(_debian(cache, progress), new, progress))
    return folder


def _hash_of_sources() -> str:
    seen = hashlib.sha256()
    for path in sorted([Path(__file__), *SOURCE.rglob("*.[chS]")]):
        seen.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return seen.hexdigest()[:16]


def _debian(cache: Path, progress: Step) -> Path:
    root = cache / "gnumach-debian"
    if not root.is_dir():
        progress("fetching GNU Mach's kernel, headers and MIG from this machine's apt sources")
        with tempfile.TemporaryDirectory(prefix="portaudit-apt-") as left_over:
            once(root, lambda new: unpack(Path(left_over), new))
    return root


def _build(debian: Path, new: Path, progress: Step) -> None:
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


def run(command: Sequence[str], *, cwd: Path | None = None, given: bytes | None = None) -> bytes:
    """Run a program and give its output; raises KernelUnavailable with its last words if it fails."""
    done = subprocess.run(  # noqa: S603  every command is spelled out by this package
        command,
        cwd=cwd,
        input=given,
        stdin=None if given else subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines() or [f"status {done.returncode}"]
        raise KernelUnavailable(f"GNU Mach could not be built: {command[0]} says: {words[-1]}")
    return done.stdout
