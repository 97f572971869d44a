"""What somebody probably meant is said: a wrong command, option, rule, code or word."""

import shlex

import pytest

from portaudit.demo.scenarios import SCENARIOS
from portaudit.probe import header_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("difff a.json b.json", "portaudit diff a.json b.json"),
        ("snapshoot --host H", "portaudit snapshot --host H"),
        ("compare a b", "portaudit diff a b"),
        ("top 42", "portaudit watch 42"),
        ("a.txt b.txt --expect 'x y'", "portaudit diff a.txt b.txt --expect 'x y'"),
        ("before.json", "portaudit show before.json"),
        ("Host.ips", "portaudit decode Host.ips"),
        ("app.m", "portaudit lint app.m"),
        ("u5", "portaudit explain U5"),
        ("0x2000020000002703", "portaudit decode 0x2000020000002703"),
    ],
)
def test_a_line_without_a_command_is_given_as_it_was_meant(portaudit, typed, meant):
    """What was typed stands below, with the command that it needs, to be copied."""
    ended = portaudit(*shlex.split(typed))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.endswith(f"Did you mean this?\n  {meant}\n")


def test_what_is_near_nothing_is_only_refused(portaudit):
    """No guess is better than a wild one."""
    assert portaudit("xyzzy").err.endswith("Error: No such command 'xyzzy'.\n")


@pytest.mark.parametrize(("words", "same"), [(["help"], ["--help"]), (["help", "diff"], ["diff", "--help"])])
def test_help_is_a_word_too(portaudit, words, same):
    """`portaudit help` and `portaudit help COMMAND` print what --help prints."""
    assert portaudit(*words) == portaudit(*same)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["watch", "--host", "Host"],
            "No such option '--host'. The processes are the words of watch: portaudit watch HOST EXTENSION\n",
        ),
        (["snapshot", "--repeat", "1:6"], "No such option '--repeat'. It is an option of run.\n"),
        (["explain", "--format", "jsno"], "Did you mean json?\n"),
        (["demo", "lek"], "Did you mean leak?\n"),
    ],
)
def test_an_option_of_another_command_or_a_misspelled_word_is_answered(portaudit, words, told):
    """The sentence says who has such an option, or which word is near."""
    ended = portaudit(*words)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.endswith(told)


@pytest.mark.parametrize("command", ["show", "run", "decode", "baseline"])
def test_a_command_that_lacks_a_word_shows_an_example(portaudit, command):
    """What is missing is named, and the example of the command's help stands below."""
    ended = portaudit(command)

    assert ended.status == 2
    assert "Error: Missing " in ended.err
    assert f"\nExample:\n  portaudit {command} " in ended.err


def test_probe_alone_says_where_and_how(portaudit):
    """Whoever says neither --path nor --example gets both, below the sentence that names them."""
    told = portaudit("probe").err

    assert told.startswith("portaudit: say --path for where the header is, or --example")
    assert f"\n  {header_path()}\n" in told
    assert "portaudit_probe_write(" in told


@pytest.mark.parametrize(
    ("word", "first", "rules"),
    [
        ("leaked", "leaked: After the transfer a task holds more references", {"U5", "N1"}),
        ("over released", "over-released: A task holds fewer references", {"O1"}),
        ("residual", "residual: The change of a row minus what was expected", set()),
        ("TASK-CONTROL", "Rules that speak of TASK-CONTROL:", {"U5", "U7"}),
        ("mach_host_self", "Rules that speak of mach_host_self:", {"U1"}),
    ],
)
def test_a_word_of_a_report_is_explained(portaudit, word, first, rules):
    """Verdicts, columns, kobject types and functions are explained, with the rules that find such."""
    ended = portaudit("explain", word)

    assert ended.status == 0
    assert ended.out.startswith(first)
    assert rules <= {line.split()[0] for line in ended.out.splitlines() if line}


@pytest.mark.parametrize(
    ("number", "first"),
    [
        ("12", "12 is the exception EXC_GUARD itself: decode the code that stands beside it"),
        ("0x1103", "0x1103 looks like a port's name, not like a code"),
    ],
)
def test_a_number_that_is_no_code_is_told_as_what_it_is(portaudit, number, first):
    """Whoever decodes the exception's own number, or a name, is told so first."""
    assert portaudit("decode", number).out.startswith(first)


def test_the_help_of_demo_names_every_scenario(portaudit):
    """What can be played stands there, though the usage does not list it."""
    words = set(portaudit("demo", "--help").out.replace(",", " ").replace(";", " ").split())

    assert set(SCENARIOS) <= words
