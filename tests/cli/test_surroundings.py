"""What a machine may lack when portaudit starts: each is a sentence and a status, and no defect."""

import os
import resource
import shlex
import subprocess
import sys

import pytest

from portaudit.snapshot_file import encode
from tests.spaces import pair


@pytest.fixture
def sound(tmp_path):
    """A sound snapshot file."""
    path = tmp_path / "sound.json"
    path.write_bytes(encode(pair()))
    return path


def shell(line):
    """Let a shell close streams; gives how the program ended."""
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False, timeout=60)


PORTAUDIT = f"{shlex.quote(sys.executable)} -m portaudit"
CLOSED = "portaudit: standard output is closed, and the result goes there; open it, or use -o\n"


@pytest.mark.parametrize("command", ["show {0}", "diff {0} {0}", "--help", "explain", "import {0} -o -"])
def test_a_closed_standard_output_is_a_sentence(sound, command):
    """A result that has nowhere to go is an error, and never lost in silence."""
    ended = shell(f"{PORTAUDIT} {command.format(sound)} >&-")

    assert (ended.returncode, ended.stderr) == (2, CLOSED)


def test_a_file_that_is_written_does_not_become_the_closed_stream(sound, tmp_path):
    """With standard output closed, a file is whole: nothing that is printed gets into it."""
    ended = shell(f"{PORTAUDIT} import {sound} -o {tmp_path}/out.json >&- 2>&- <&-")

    assert (ended.returncode, (tmp_path / "out.json").read_bytes()[:1]) == (0, b"{")


def test_a_closed_standard_input_is_empty():
    """Whoever reads from a closed stream is told that there is nothing."""
    ended = shell(f"{PORTAUDIT} show - <&-")

    assert (ended.returncode, ended.stderr[:24]) == (4, "portaudit: - is empty: i")


def test_a_closed_standard_error_keeps_the_status(tmp_path):
    """The sentence is lost, the status is not."""
    assert shell(f"{PORTAUDIT} show {tmp_path}/none 2>&-").returncode == 4


@pytest.mark.parametrize("number", range(3, 16))
def test_too_few_file_descriptors_are_a_sentence(sound, number):
    """However few there are, once Python itself runs: the result, or what to allow."""

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))

    ended = subprocess.run(
        [sys.executable, "-m", "portaudit", "show", sound],
        capture_output=True, text=True, check=False, preexec_fn=few,
    )  # fmt: skip
    if ended.returncode == 127 or "Fatal Python" in ended.stderr or "Error while finding" in ended.stderr:
        pytest.skip("Python itself did not start")

    assert "Traceback" not in ended.stderr
    assert "defect" not in ended.stderr
    assert ended.returncode in (0, 3, 4)


COMMANDS = {"psutil": "snapshot --pid 1", "tabulate": "show {0}"}


@pytest.mark.parametrize("package", ["click", "msgspec", "psutil", "tabulate"])
def test_a_missing_dependency_is_named(sound, tmp_path, package):
    """A package that is not installed is no defect: the sentence says how to get it."""
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules[{package!r}] = None")
    command = COMMANDS.get(package, "diff {0} {0}").format(sound).split()
    ended = subprocess.run(
        [sys.executable, "-m", "portaudit", *command],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip

    assert ended.returncode == 3
    assert ended.stderr == (
        f"portaudit: {package}, which portaudit needs, is not installed for {sys.executable}; "
        f"`{sys.executable} -m pip install {package}` installs it\n"
    )


HUGE = "9" * 5000


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("snapshot", "--pid", HUGE), (2, 3)),
        (("snapshot", "--host", HUGE), (2, 3)),
        (("watch", HUGE), (2, 3)),
        (("doctor", HUGE), (2, 3)),
        (("decode", HUGE), (2, 4)),
        (("decode", f"0x{HUGE}"), (2, 4)),
        (("decode", "0x2000020000002703", "--payload", HUGE), (2,)),
        (("diff", "{}", "{}", "--expect", f"extension: task-control +{HUGE}"), (2,)),
        (("diff", "{}", "{}", "--ops", HUGE), (2,)),
        (("import", "--pid", f"{HUGE}={{}}", "-o", "-"), (2,)),
        (("import", "--host", f"{{}}:{HUGE}", "-o", "-"), (2, 4)),
        (("run", "--repeat", f"{HUGE}:1", "--pid", "1", "--", "true"), (2,)),
        (("run", "--repeat", f"1:{HUGE}", "--pid", "1", "--", "true"), (2,)),
        (("show", HUGE), (4,)),
        ((HUGE,), (2,)),
        (("lint", HUGE), (2,)),
        (("decode", "0x2000020000002703", "--in", HUGE), (4,)),
        (("diff", "{}", HUGE), (4,)),
        (("diff", "{}", "{}", "--config", HUGE), (2,)),
        (("diff", "{}", "{}", "--baseline", HUGE), (2, 4)),
        (("diff", "{}", "{}", "--guard", HUGE), (2,)),
        (("diff", "{}", "{}", "-o", HUGE), (2,)),
        (("diff", "{}", "{}", "--output", f"json={HUGE}"), (2,)),
        (("baseline", "{}", "{}", "-o", HUGE), (2,)),
        (("run", "--keep", HUGE, "--pid", "1", "--", "true"), (2,)),
        (("doctor", "--read", HUGE), (2, 4)),
        (("doctor", "--evidence", HUGE), (2,)),
        (("demo", "-o", HUGE, "leak"), (2,)),
        (("lint", __file__, "--save-baseline", HUGE), (2,)),
        (("diff", "{}", "{}", "--host", HUGE), (2,)),
        (("explain", HUGE), (2,)),
    ],
)
def test_five_thousand_digits_are_a_sentence_at_every_door(portaudit, sound, arguments, status):
    """No number, name, file or folder is too long to be refused in words."""
    ended = portaudit(*(word.replace("{}", str(sound)) for word in arguments))

    assert ended.status in status, ended.err[-500:]
    assert "Traceback" not in ended.err
    assert "defect" not in ended.err


@pytest.mark.parametrize("digits", [19, 400, 4000, 5000])
@pytest.mark.parametrize(
    "text",
    [
        "[check.a]\nhost = 'h'\ntrigger = ['t']\ntimeout = {}",
        "[check.a]\nhost = 'h'\ntrigger = ['t']\nsettle = {}",
        "[check.a]\nhost = 'h'\ntrigger = ['t']\nrepeat = {}",
        "[check.a]\nhost = 'h'\ntrigger = ['t']\noperations = {}",
        "[check.a]\nhost = {}\ntrigger = ['t']",
        "[[expect]]\ntask = 'extension'\nobject = 'task-control'\nchange = {}\nreason = 'x'",
        "[[expect]]\ntask = 'extension'\nobject = 'task-control'\nchange = '0..{}'\nreason = 'x'",
        "[[suppress]]\nrule = 'U5'\nmatch = {{ name = {} }}\nreason = 'x'\nuntil = 2027-01-01",
        "[[suppress]]\nrule = 'U5'\nmatch = {{ role = 'host' }}\nreason = 'x'\nuntil = {}",
        "baseline = {}",
    ],
)
def test_a_number_in_a_configuration_may_have_any_length(portaudit, tmp_path, text, digits):
    """It is refused with its line, or it is in range: it never ends as a defect."""
    path = tmp_path / "portaudit.toml"
    path.write_text(text.format("9" * digits) + "\n")

    ended = portaudit("check", "--config-only", "--config", path)

    assert (ended.status, "defect" in ended.err) == (2, False), ended.err[:500]


def test_a_path_from_a_configuration_may_hold_anything(portaudit, tmp_path):
    """TOML can write a zero byte into a path; no system has such a file."""
    path = tmp_path / "portaudit.toml"
    path.write_text('baseline = "a\\u0000b"\n')

    ended = portaudit("check", "--config-only", "--config", path)

    assert (ended.status, "defect" in ended.err) == (4, False)
