"""Debian's i386 packages of the GNU Mach kernel, its headers and MIG, unpacked into a folder.

They come from the package sources that this machine's apt knows and through its signature checks,
but through lists and caches of their own: nothing is installed and the system's apt state stays.
The i386 packages, on any machine: amd64's kernel and MIG are 64-bit, which QEMU cannot boot this way.
"""

import re
from pathlib import Path

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.tools import run

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
