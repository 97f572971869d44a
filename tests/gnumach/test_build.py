"""The kernel is built once, whole or not at all, and the system's package state is left alone."""

import shutil
from pathlib import Path

import pytest

from portaudit.errors import KernelUnavailable
from portaudit.gnumach import build
from portaudit.gnumach.driver import Machine

pytestmark = pytest.mark.gnumach

APT_STATE = ("/var/lib/apt", "/var/cache/apt", "/var/lib/dpkg")


def _state_of_apt():
    paths = (path for root in APT_STATE for path in Path(root).rglob("*"))
    return {path: path.lstat().st_mtime_ns for path in paths if not path.is_dir()}


@pytest.fixture
def fresh_cache(gnumach_folder, monkeypatch, tmp_path):
    """An empty cache, but for the packages that have been fetched before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = tmp_path / "portaudit"
    shutil.copytree(gnumach_folder.parent / "gnumach-debian", cache / "gnumach-debian", symlinks=True)
    return cache


def test_it_builds_and_boots_from_nothing(gnumach_folder, monkeypatch, tmp_path):
    """With an empty cache it fetches, builds and boots, and the system's apt state stays as it was."""
    assert gnumach_folder.is_dir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = _state_of_apt()
    said: list[str] = []
    folder = build.built(said.append)
    assert said == [
        "fetching GNU Mach's kernel, headers and MIG from this machine's apt sources",
        "building GNU Mach's bootstrap task",
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["agent", "kernel"]
    assert {path.name for path in folder.parent.iterdir()} == {"gnumach-debian", folder.name}
    assert _state_of_apt() == before
    with Machine(folder) as machine:
        assert machine.ask("start", 0) is not None


def test_what_is_built_is_not_built_again(gnumach_folder, monkeypatch, tmp_path):
    """The second time only QEMU is needed, and nothing is said."""
    (tmp_path / "qemu-system-i386").symlink_to(shutil.which("qemu-system-i386"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build.built(pytest.fail) == gnumach_folder


def test_nothing_is_run_from_a_cache_that_others_may_write_to(monkeypatch, tmp_path):
    """One sentence says what to do, and nothing is built there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = tmp_path / "portaudit"
    cache.mkdir()
    cache.chmod(0o777)

    with pytest.raises(KernelUnavailable) as refused:
        build.built(pytest.fail)
    assert str(refused.value) == (
        f"GNU Mach is kept in {cache} and run from there, and that folder is not yours alone: give it to "
        "yourself (chown, chmod 700), or name another cache by XDG_CACHE_HOME"
    )
    assert list(cache.iterdir()) == []


def test_a_build_that_fails_leaves_nothing(fresh_cache, monkeypatch):
    """A failed build leaves neither half a kernel nor a temporary folder."""
    monkeypatch.setattr(build, "LINK", ("false",))
    with pytest.raises(KernelUnavailable, match=r"^GNU Mach could not be built: false says: status 1$"):
        build.built(lambda _: None)
    assert [path.name for path in fresh_cache.iterdir()] == ["gnumach-debian"]


def test_whoever_comes_second_uses_what_the_first_built(fresh_cache, monkeypatch):
    """Two builds at once do not disturb each other: the folder appears whole, and stays."""
    fill = build._build

    def meanwhile_the_other(debian, new, progress):
        fill(debian, new, progress)
        other = fresh_cache / new.name
        if not other.is_dir():
            shutil.copytree(new, other)

    monkeypatch.setattr(build, "_build", meanwhile_the_other)
    folder = build.built(lambda _: None)
    assert {path.name for path in fresh_cache.iterdir()} == {"gnumach-debian", folder.name}
    assert sorted(path.name for path in folder.iterdir()) == ["agent", "kernel"]


def test_changed_sources_get_a_folder_of_their_own(gnumach_folder, monkeypatch, tmp_path):
    """The folder's name follows the sources, so that an update is never masked by an old build."""
    changed = tmp_path / "source"
    shutil.copytree(build.SOURCE, changed)
    with (changed / "line.c").open("a") as source:
        source.write("/* changed */\n")
    before = build._hash_of_sources()
    monkeypatch.setattr(build, "SOURCE", changed)
    assert gnumach_folder.name == f"gnumach-{before}"
    assert build._hash_of_sources() != before
