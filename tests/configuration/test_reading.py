"""What a configuration says, as values; and which file is the one."""

import os
from datetime import date
from pathlib import Path

import pytest

from portaudit.analysis.expectations import parse_expectation, parse_pattern
from portaudit.auditing.project import configure
from portaudit.configuration.file import find_file
from portaudit.configuration.read import read_configuration
from portaudit.configuration.rules import Parse
from portaudit.errors import UsageError
from portaudit.model.check import Check, Platform, Repeat, Suppression
from portaudit.model.declared import Configuration, Expectation, Pattern, Place
from portaudit.model.rights import Right

WHOLE = """\
subject = "host: fileport"    # what this project hands over
baseline = "known/baseline.json"
expect = ["host: semaphore 0..2"]

[[suppress]]
rule = "U5"
match = { role = "extension", kobject = "task-control", description = "Host*", peer = "launchd" }
reason = "XPC keeps it"
until = "2027-01-31"

[[suppress]]
rule = "N3"
reason = "the pool grows"
until = 2027-02-28
  [suppress.match]
  kobject = "receive"

[check.transfer]
host = "Host"
extension = "Ext"
processes = ["helper"]
trigger = "./go --once 'two words'"
spawn = ["./Host"]
repeat = "1:5"
operations = 2
pace = 0.5
settle = 0.5
timeout = 10
way = "lsmp"
sudo = true
kernel = "xnu"
platforms = ["darwin", "linux"]
fail-on = "error"
policy = "least-privilege"
subject = ["extension: semaphore"]
baseline = "/elsewhere/b.json"

[[check.transfer.expect]]
task = "extension"
object = "TASK_CONTROL"
of = "host"
change = 1
reason = "it debugs"

[[check.transfer.suppress]]
rule = "U7"
match = { role = "host" }
reason = "one more"
until = 2027-03-01

[check."small"]
host = "Host"
trigger = ["./go"]
repeat = 3
"""


def wanted(file, folder, prefix_lines=0):
    """Give what WHOLE says, for a file whose lines stand so much lower."""

    def place(line):
        return Place(file, line + prefix_lines)

    return Configuration(
        file,
        (Expectation("host", "SEMAPHORE", 0, 2, text="host: semaphore 0..2", place=place(3)),),
        (
            Suppression(
                "U5",
                "XPC keeps it",
                date(2027, 1, 31),
                "extension",
                "TASK-CONTROL",
                "Host*",
                "launchd",
                place(5),
            ),
            Suppression("N3", "the pool grows", date(2027, 2, 28), kobject="recv", place=place(11)),
        ),
        f"{folder}/known/baseline.json",
        (
            Check(
                "transfer",
                place(18),
                "Host",
                "Ext",
                ("helper",),
                spawn=("./Host",),
                trigger=("./go", "--once", "two words"),
                repeat=Repeat(1, 5),
                operations=2,
                pace=0.5,
                settle=0.5,
                timeout=10,
                way="lsmp",
                sudo=True,
                kernel="xnu",
                platforms=(Platform.DARWIN, Platform.LINUX),
                fail_on="error",
                expectations=(
                    Expectation(
                        "extension",
                        "TASK-CONTROL",
                        1,
                        1,
                        "host",
                        reason="it debugs",
                        text="extension: task-control of host +1",
                        place=place(38),
                    ),
                ),
                suppressions=(Suppression("U7", "one more", date(2027, 3, 1), "host", place=place(45)),),
                baseline="/elsewhere/b.json",
                policy="least-privilege",
                subjects=(Pattern("extension", "SEMAPHORE", text="extension: semaphore", place=place(35)),),
            ),
            Check("small", place(51), "Host", trigger=("./go",), repeat=Repeat(0, 3)),
        ),
        subjects=(Pattern("host", "FILEPORT", text="host: fileport", place=place(1)),),
    )


def read(path):
    """Read a configuration and call it by its name."""
    return read_configuration(path, path.name, Parse(parse_expectation, parse_pattern))


def test_everything_is_read_with_its_line(tmp_path):
    """Each key arrives as a value, each rule knows its line, and paths are joined to the folder."""
    path = tmp_path / "portaudit.toml"
    path.write_text(WHOLE)

    assert read(path) == wanted("portaudit.toml", tmp_path)


def test_pyproject_says_the_same_under_its_prefix(tmp_path):
    """The same tables under tool.portaudit are the same configuration."""
    path = tmp_path / "pyproject.toml"
    head = '[project]\nname = "x"\n[tool.portaudit]\n'
    text = WHOLE.replace("[[", "[[tool.portaudit.").replace("[check", "[tool.portaudit.check")
    path.write_text(head + text.replace("[suppress", "[tool.portaudit.suppress"))

    assert read(path) == wanted("pyproject.toml", tmp_path, 3)


def test_windows_line_ends_count_once(tmp_path):
    """A file with CR LF has the same lines."""
    path = tmp_path / "portaudit.toml"
    path.write_bytes(WHOLE.replace("\n", "\r\n").encode())

    assert read(path) == wanted("portaudit.toml", tmp_path)


def test_a_right_may_be_named_beside_its_object(tmp_path):
    """`right` says which right of an object may change; the object may be any."""
    path = tmp_path / "portaudit.toml"
    path.write_text(
        '[[expect]]\ntask = "host"\nobject = "message-queue"\nright = "receive"\nchange = "0..2"\n'
    )

    assert read(path).expectations == (
        Expectation(
            "host",
            "MESSAGE-QUEUE",
            0,
            2,
            right=Right.RECEIVE,
            text="host: message-queue 0..2",
            place=Place("portaudit.toml", 1),
        ),
    )


def test_nothing_is_declared_by_an_empty_file(tmp_path):
    """An empty file is a sound configuration."""
    path = tmp_path / "portaudit.toml"
    path.touch()

    assert read(path) == Configuration("portaudit.toml")


def test_the_nearest_file_counts(tmp_path):
    """The search goes upwards; portaudit.toml goes first; a pyproject.toml without our table is passed by."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.portaudit]\n")
    (inner / "pyproject.toml").write_text("[project]\n")
    assert find_file(inner) == tmp_path / "pyproject.toml"

    (tmp_path / "portaudit.toml").touch()
    assert find_file(inner) == tmp_path / "portaudit.toml"

    (tmp_path / "a" / "pyproject.toml").write_text("[tool.portaudit.check]\n")
    assert find_file(inner) == tmp_path / "a" / "pyproject.toml"


def test_the_search_ends_with_the_repository(tmp_path):
    """What lies above a repository's root is not the project's."""
    inner = tmp_path / "repository" / "a"
    inner.mkdir(parents=True)
    (tmp_path / "portaudit.toml").touch()
    assert find_file(inner) == tmp_path / "portaudit.toml"

    (tmp_path / "repository" / ".git").mkdir()
    assert find_file(inner) is None


def test_the_search_ends_with_the_home_folder(tmp_path, monkeypatch):
    """What lies above a home folder is somebody else's."""
    (tmp_path / "home" / "a").mkdir(parents=True)
    (tmp_path / "portaudit.toml").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    assert find_file(tmp_path / "home" / "a") is None


@pytest.mark.parametrize("name", ["portaudit.toml", "pyproject.toml"])
def test_the_file_of_another_user_is_refused(tmp_path, monkeypatch, name):
    """A configuration of neither root nor the user counts only if it is named; the sentence says how."""
    path = tmp_path / name
    path.write_text("[tool.portaudit]\n" if name == "pyproject.toml" else "")
    monkeypatch.setattr("portaudit.configuration.file.trusted_users", lambda: frozenset({0x7FFFFFFE}))

    with pytest.raises(UsageError) as refused:
        find_file(tmp_path)
    assert str(refused.value) == (
        f"{path} belongs to another user (id {path.stat().st_uid}), so it is not obeyed; if you trust it, "
        f"name it: --config {path}, or PORTAUDIT_TRUSTED_CONFIG={path} in the environment"
    )

    monkeypatch.setenv("PORTAUDIT_TRUSTED_CONFIG", str(path))
    assert find_file(tmp_path) == path


def test_a_file_that_becomes_another_users_is_not_obeyed(tmp_path, monkeypatch):
    """Whoever owns the folder may swap the file after it was found: its owner is asked of what is read."""
    path = tmp_path / "portaudit.toml"
    path.write_text("")
    monkeypatch.chdir(tmp_path)

    def find_and_swap(start):
        found = find_file(start)
        monkeypatch.setattr("portaudit.configuration.file.trusted_users", lambda: frozenset({0x7FFFFFFE}))
        return found

    monkeypatch.setattr("portaudit.auditing.project.find_file", find_and_swap)
    with pytest.raises(UsageError, match=rf"^{path} belongs to another user \(id \d+\), so it is not obeyed"):
        configure()
    assert configure(str(path)).file == "portaudit.toml"


def test_a_foreign_project_that_declares_nothing_is_passed_by(tmp_path, monkeypatch):
    """A pyproject.toml without our table asks nothing of anybody, whoever owns it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr("portaudit.configuration.file.trusted_users", lambda: frozenset({0x7FFFFFFE}))

    assert find_file(tmp_path) is None


@pytest.mark.parametrize("name", ["portaudit.toml", "pyproject.toml"])
def test_a_fifo_is_not_waited_for(tmp_path, name):
    """A FIFO where a configuration is looked for neither holds the command up nor counts as one."""
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / name)
    found = find_file(tmp_path)

    assert found == (tmp_path / name if name == "portaudit.toml" else None)
    with pytest.raises(UsageError, match=rf"^{name} cannot be read: it is no regular file$"):
        read(tmp_path / name)


def test_a_device_is_no_configuration():
    """What never ends is refused before it is read."""
    with pytest.raises(UsageError, match=r"^zero cannot be read: it is no regular file$"):
        read(Path("/dev/zero"))


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    """A configuration that is not there is a usage error with the reason."""
    with pytest.raises(UsageError, match=r"^none\.toml cannot be read: No such file or directory$"):
        read(tmp_path / "none.toml")


def test_a_check_is_found_by_its_name():
    """A configuration gives a check by name, or nothing."""
    check = Check("a", Place("portaudit.toml", 1))

    assert Configuration(checks=(check,)).check("a") is check
    assert Configuration(checks=(check,)).check("b") is None
