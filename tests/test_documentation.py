"""Manual, README and changelog against the command line."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from portaudit.cli.program import COMMANDS, program
from portaudit.cli.reports import SUFFIXES
from portaudit.errors import ExitStatus
from portaudit.render import Format
from portaudit.version import __version__

ROOT = Path(__file__).parents[1]
MAN = ROOT / "man"
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PAGES = sorted(MAN.iterdir())


def page_of(command):
    return (MAN / f"portaudit-{command}.1").read_text()


def options_of(command):
    loaded = program.get_command(click.Context(program), command)
    assert loaded is not None
    return {
        option.lstrip("-")
        for parameter in loaded.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
    }


def documented_options(page):
    flags = re.findall(r"Fl (?:Fl )?([\w-]+)", page.partition(".Sh DESCRIPTION")[2].partition(".Sh EXIT")[0])
    return {flag for line in flags for flag in [line]}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_the_manual(command):
    """Each option of a command has its place in the command's manual page."""
    assert options_of(command) - documented_options(page_of(command)) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_manual_tells_no_option_that_is_not_there(command):
    """A manual page lists under its tags only options that the command has."""
    listed = set(re.findall(r"^\.It .*?Fl Fl ([\w-]+)", page_of(command), re.MULTILINE))

    assert listed - options_of(command) == set()


def chosen_words(command):
    """Give the words of each option and argument that takes one of a few: its name, and the words."""
    loaded = program.get_command(click.Context(program), command)
    assert loaded is not None
    return {
        parameter.opts[-1].lstrip("-"): set(parameter.type.choices)
        for parameter in loaded.params
        if isinstance(parameter.type, click.Choice)
    }


def documented_words(page, option):
    """Give the command words that stand under an option, or on the page to which it sends the reader."""
    start = re.search(rf"^\.It (?:.* , )?Fl (?:Fl )?{re.escape(option)}\b", page, re.MULTILINE)
    assert start is not None
    item = re.split(r"^\.It Fl|^\.Sh|^\.Ss", page[start.start() + 1 :], maxsplit=1, flags=re.MULTILINE)[0]
    other = re.search(r"^As in\n\.Xr portaudit-(\w+) 1", item, re.MULTILINE)
    if other:
        return documented_words(page_of(other[1]), option)
    return set(re.findall(r"[\w-]+", " ".join(re.findall(r"\bCm (.*)", item))))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_manual_tells_the_words_that_an_option_takes(command):
    """Under an option that takes one of a few words stand these words, and no other."""
    options = {name: words for name, words in chosen_words(command).items() if name in options_of(command)}

    assert {name: documented_words(page_of(command), name) for name in options} == options


@pytest.mark.parametrize("command", COMMANDS)
def test_the_manual_tells_the_words_that_an_argument_takes(command):
    """Each word that an argument may be stands on the page."""
    arguments = [words for name, words in chosen_words(command).items() if name not in options_of(command)]
    told = set(re.findall(r"[\w-]+", " ".join(re.findall(r"\bCm (.*)", page_of(command)))))

    assert [words - told for words in arguments] == [set() for _ in arguments]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_manual_and_readme(command):
    """The overview page and the README name each command."""
    assert f"Xr portaudit-{command} 1" in (MAN / "portaudit.1").read_text()
    assert f"portaudit {command}" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_ends_with_an_example(portaudit, command):
    """-h and --help both work, and end with an example of the very command."""
    short, long = portaudit(command, "-h"), portaudit(command, "--help")

    assert (short.status, short.out) == (0, long.out)
    loaded = program.get_command(click.Context(program), command)
    assert loaded is not None
    assert f"Example:\n  portaudit {command}" in re.sub(r"\x08\n", "", click.unstyle(long.out)).replace(
        "    ", "  "
    )


def test_every_exit_status_is_in_the_manual_and_the_readme():
    """The tables of exit statuses name each one."""
    page = (MAN / "portaudit.1").read_text()

    assert [status for status in ExitStatus if f".It {status.value}\n" not in page] == []
    assert [status for status in ExitStatus if f"| {status.value} |" not in README] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_manual_pages_are_clean(page):
    """Mandoc has nothing to say about a page."""
    mandoc = shutil.which("mandoc")
    if mandoc is None:
        pytest.skip("mandoc is not installed: apt-get install mandoc")

    told = subprocess.run([mandoc, "-Tlint", "-Wstyle", page], capture_output=True, text=True, check=False)
    ours = {f"{path.stem} {path.suffix[1:]}" for path in PAGES}
    lines = [
        line
        for line in told.stdout.splitlines()
        if line.partition("referenced manual not found: Xr ")[2].partition(" (")[0] not in ours
    ]

    assert lines == []


def test_every_manual_page_is_installed_where_man_looks():
    """The wheel puts each page into the folder of its section."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    installed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]

    assert installed == {f"man/{page.name}": f"share/man/man{page.suffix[1:]}/{page.name}" for page in PAGES}


def test_the_changelog_names_this_version():
    """CHANGELOG.md has a heading for the version in the code."""
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_version_is_printed(portaudit):
    """--version prints name and version."""
    assert portaudit("--version").out == f"portaudit {__version__}\n"


def test_the_readme_names_each_format():
    """Whoever reads the README knows in which formats a report can be had."""
    sentence = README.partition("`portaudit diff --format`")[2].partition("\n\n")[0]

    assert [form for form in Format if f"`{form}`" not in sentence] == []


def test_each_format_has_a_file_name_that_tells_it():
    """-o FILE finds the format by the name, as the manual lists them; GitHub's have none."""
    assert {*Format} - {*SUFFIXES.values()} == {Format.GITHUB}, "cli/reports.py has no suffix for it"
    listed = re.search(r"^\.Pq Pa (\..*) \.$", page_of("diff"), re.MULTILINE)
    assert listed is not None
    assert listed[1].split(" , ") == sorted(SUFFIXES), "man/portaudit-diff.1, --output"


def test_the_files_that_contributing_names_are_there():
    """What moves takes its name in the guide along; a name stands below its folder, or below the package."""
    words = re.findall(r"`((?:[\w.]+/)+[\w.]*|[\w/]+\.(?:py|pyi|md))`", CONTRIBUTING)
    places = (ROOT, ROOT / "portaudit", ROOT / "tests/analysis/causes")
    assert len(words) >= 60
    assert [word for word in words if not any((place / word).exists() for place in places)] == []

    modules = [ROOT / name.replace(".", "/") for name in re.findall(r"python -m (tests[\w.]+)", CONTRIBUTING)]
    assert [
        path.name
        for path in modules
        if not (path.with_suffix(".py").is_file() or (path / "__main__.py").is_file())
    ] == []


def answers():
    """Give the answers of the table "Where is what": the files that each names."""
    table = CONTRIBUTING.partition("## Where is what")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| ")][1:]
    return {question.strip(): re.findall(r"`([\w/]+\.py)`", answer) for question, answer in rows}


def test_where_is_what_names_files_that_are_there():
    """A newcomer's question is answered by one to three files, and each of them exists."""
    found = answers()

    assert len(found) >= 10
    assert [question for question, files in found.items() if not 1 <= len(files) <= 3] == []
    assert [
        name for files in found.values() for name in files if not (ROOT / "portaudit" / name).is_file()
    ] == []


def test_contributing_names_each_folder():
    """The table of the house has a row for each folder of the package."""
    folders = {path.parent.name for path in (ROOT / "portaudit").glob("*/__init__.py")}

    assert {name for name in folders if f"| `{name}/` |" not in CONTRIBUTING} == set()


def test_what_macos_26_changed_is_told(portaudit):
    """By the README and the rules that it touches: pinned ports, the code, the entry, what hardened is."""
    rules = {rule: " ".join(portaudit("explain", rule).out.split()) for rule in ("O5", "O6", "O7")}

    assert "MOD_REFS_NON_FATAL: the same in a third-party process, whose own ports are pinned" in rules["O5"]
    assert "refused with KERN_INVALID_CAPABILITY, and in a third-party process reported" in rules["O6"]
    assert "what may not be moved is a property of a process's own entry" in rules["O7"]
    assert "calls hardened (the hardened runtime is something else" in rules["O7"]
    told = " ".join(README.split())
    for words in (
        "every process's own task and thread ports are pinned",
        "dropping the last reference is refused (KERN_INVALID_CAPABILITY)",
        "a property of a process's own entry",
        "named entries and thread-resume ports have descriptions",
        "the entitlements of browser engines, not the hardened runtime",
        "known from its sources only",
    ):
        assert words in told
