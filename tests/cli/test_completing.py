"""Shell completion: what a shell asks, and what it is told."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PORTAUDIT = [sys.executable, "-m", "portaudit"]


def completed(folder, *words):
    """Give what is offered for the last word, as bash asks for it."""
    question = {"_PORTAUDIT_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("portaudit", *words))}
    ended = subprocess.run(
        PORTAUDIT,
        cwd=folder,
        env=os.environ | question | {"COMP_CWORD": str(len(words))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""
    return [line.partition(",")[2] if line.startswith("plain,") else line for line in ended.stdout.split()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["do"], ["doctor"]),
        (["explain", "u1"], ["U1", "U10", "U11"]),
        (["explain", "lea"], ["leaked"]),
        (["demo", "leak"], ["leak", "leak-once"]),
        (["show", "--role", "e"], ["extension"]),
        (["diff", "--format", "ma"], ["markdown"]),
        (["run", "--kernel", "s"], ["simulated"]),
        (["show", "bef"], ["file,bef"]),
        (["diff", "before.json", "--guard", "Ho"], ["file,Ho"]),
        (["run", "--keep", "port"], ["dir,port"]),
        (["check", "tr"], ["transfer", "trust"]),
        (["snapshot", "--se"], ["--settle"]),
    ],
    ids=" ".join,
)
def test_a_word_is_completed(tmp_path, words, offered):
    """Commands, rules, words of reports, scenarios, roles, formats, kernels, files, folders and checks."""
    tables = (f'[check.{name}]\nhost = "H"\ntrigger = "t"' for name in ("transfer", "trust", "other"))
    checks = "\n".join(tables)
    (tmp_path / "portaudit.toml").write_text(checks)

    assert completed(tmp_path, *words) == offered


def test_a_wrong_configuration_is_no_noise_in_a_prompt(tmp_path):
    """What cannot be read offers no checks; the command itself says why."""
    (tmp_path / "portaudit.toml").write_text("[check")

    assert completed(tmp_path, "check", "") == []


def test_bash_completes_with_the_documented_line(tmp_path):
    """The line of README and manual makes bash complete rules and files."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    (tmp_path / "before.json").touch()
    line = 'eval "$(_PORTAUDIT_COMPLETE=bash_source portaudit)"'
    manual = (Path(__file__).parents[2] / "man" / "portaudit.1").read_text()
    ask = "COMP_WORDS=(portaudit explain U11); COMP_CWORD=2; _portaudit_completion portaudit"
    ask += '; echo "${COMPREPLY[@]}"'
    ended = subprocess.run(
        [bash, "-c", f"{line}; {ask}"],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == "U11\n"
    assert line in manual.replace(r"\(dq", '"')
