"""A CI log is read by a runner: nothing that others wrote is a command in it, in any format, by any way."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.harmless import in_json, in_log, in_markup, safe

DATA = Path(__file__).parents[1] / "data" / "hostile"
COMMANDS = ("::stop-commands::q", "##[add-mask]q", "##vso[task.setvariable variable=x]y", "##teamcity[x]")
OURS = re.compile(r"^::(error|warning|notice) [^\n]*$", re.MULTILINE)


def is_a_command(text):
    """Whether a runner would take a part of a log for a command that is none of ours."""
    rest = OURS.sub("", text)
    hashes = re.search(r"##\w*\[", text)
    return bool(hashes or any(re.match(r"\s*::[a-zA-Z]", line) for line in rest.splitlines()))


@pytest.fixture(params=COMMANDS)
def named(request, tmp_path):
    """Two snapshots whose host is called like a command, and whose extension keeps its port."""
    paths = []
    for when in ("before", "after"):
        text = (DATA / f"wf-{when}.json").read_text()
        assert "::stop-commands::q" in text
        paths.append(tmp_path / f"{when}.json")
        paths[-1].write_text(text.replace("::stop-commands::q", request.param))
    return paths


@pytest.mark.parametrize("form", ["table", "json", "markdown", "github", "sarif", "junit", "html"])
def test_a_process_name_is_no_command_in_a_report(portaudit, named, form):
    """A process calls itself as it likes; the log of a check obeys it in no format."""
    ended = portaudit("diff", "--no-config", *named, "--format", form)

    assert ended.status in (1, 3)
    assert not is_a_command(ended.out + ended.err)


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("summary", [(), ("--summary",)])
def test_a_process_name_is_no_command_where_it_is_shown(portaudit, named, form, summary):
    """Nor where a snapshot is shown."""
    ended = portaudit("show", named[1], "--format", form, *summary)

    assert ended.status == 0
    assert not is_a_command(ended.out + ended.err)


def test_a_file_on_standard_output_is_no_command(portaudit, named):
    """Nor where it is written to standard output; it still means what it meant."""
    ended = portaudit("import", named[1], "-o", "-")

    assert not is_a_command(ended.out)
    told, meant = (json.loads(text)["tasks"] for text in (ended.out, named[1].read_text()))
    assert [task["process"]["name"] for task in told] == [task["process"]["name"] for task in meant]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "{}"),
        ("diff", "{}", "{}"),
        ("diff", "--expect", "{}", "a", "b"),
        ("diff", "--config", "{}", "a", "b"),
        ("check", "--config", "{}"),
        ("decode", "{}"),
        ("explain", "{}"),
        ("snapshot", "--host", "{}"),
        ("snapshot", "--kernel", "{}", "--pid", "1"),
        ("snapshot", "--kernel", "simulated:{}", "--pid", "1"),
        ("run", "--repeat", "{}", "--", "true"),
        ("init", "-o", "{}/none"),
        ("{}",),
        ("show", "--{}"),
    ],
)
def test_what_an_error_quotes_is_no_command(portaudit, monkeypatch, tmp_path, arguments, command):
    """Paths, rules, names and options stand in error messages harmlessly, behind a line feed, too."""
    monkeypatch.chdir(tmp_path)
    ended = portaudit(*(word.replace("{}", f"x\n{command}") for word in arguments))

    assert ended.status in (2, 3, 4)
    assert not is_a_command(ended.out + ended.err)


CONFIGURATION = """
[check."{0}"]
host = "{0}"
trigger = ["{0}"]

[[suppress]]
rule = "U5"
match = {{ process = "{0}" }}
reason = "{0}"
until = 2020-01-01
"""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("arguments", [("--list",), ("--config-only",), ("--kernel", "simulated"), ("none",)])
@pytest.mark.parametrize("form", ["table", "json", "github", "junit", "sarif", "markdown", "html"])
def test_what_a_configuration_says_is_no_command(portaudit, tmp_path, arguments, command, form):
    """Names, reasons and commands of a configuration come out harmlessly, by every way that check has."""
    path = tmp_path / "portaudit.toml"
    path.write_text(CONFIGURATION.format(command))

    ended = portaudit("check", "--config", path, *arguments, "--format", form)

    assert not is_a_command(ended.out + ended.err)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_written_is_no_command(portaudit, tmp_path, monkeypatch, command, named):
    """What `init` and `baseline` say of the file that they wrote."""
    monkeypatch.chdir(tmp_path)
    first = portaudit("init", "-o", f"x\n{command}")
    second = portaudit("baseline", *named, "-o", f"y\n{command}", "--no-config")

    assert (first.status, not is_a_command(first.err + second.err + second.out)) == (0, True)


@given(st.text(st.sampled_from("#:[]avo \n\tx\u2028"), max_size=30))
def test_no_text_is_a_command(text):
    """Whatever is quoted, no line of it is a command; what is harmless once stays as it is."""
    assert not is_a_command(safe(text))
    assert not is_a_command(in_log(text))
    assert safe(safe(text)) == safe(text)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30),
    st.sampled_from(COMMANDS),
)
def test_structured_text_means_what_it_meant(text, command):
    """In JSON and in markup a command is spelled another way, and read back the same."""
    assert json.loads(in_json(json.dumps(text + command))) == text + command
    element = ET.Element("a")
    element.text = text + command
    assert ET.fromstring(in_markup(ET.tostring(element, encoding="unicode"))).text == text + command  # noqa: S314
