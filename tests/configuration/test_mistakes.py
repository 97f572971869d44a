"""Every mistake in a configuration is one sentence: the file, the line, and what is meant."""

import pytest

from portaudit.analysis.expectations import parse_expectation, parse_pattern
from portaudit.configuration.read import read_configuration
from portaudit.configuration.rules import Parse
from portaudit.errors import UsageError

EXPECT = '[[expect]]\ntask = "extension"\nobject = "task-control"\nchange = 1\n'
SUPPRESS = '[[suppress]]\nrule = "U5"\nreason = "known"\nuntil = 2027-01-31\nmatch = { role = "host" }\n'
CHECK = '[check.transfer]\nhost = "Host"\ntrigger = ["./go"]\n'

MISTAKES = {
    "unknown top-level key": (
        "\nexpct = []\n",
        "2: the configuration has no key 'expct'; did you mean 'expect'?",
    ),
    "a key that is near to none": (
        "zzz = 1\n",
        (
            "1: the configuration has no key 'zzz'; "
            "there are expect, subject, suppress, baseline, policy, check, lint"
        ),
    ),
    "a subject that is none": (
        '\nsubject = ["semaphore"]\n',
        (
            "2: the subject 'semaphore' is not understood; write ROLE: KOBJECT [of ROLE], "
            "for example 'extension: semaphore'"
        ),
    ),
    "expect is no array": (
        "expect = 1\n",
        "1: 'expect' of the configuration is an array of tables, not a number (1)",
    ),
    "expect is a table": (
        '[expect]\ntask = "x"\n',
        "1: 'expect' of the configuration is an array of tables, not a table ({'task': 'x'})",
    ),
    "an element of expect is a number": (
        "expect = [3]\n",
        "1: 'expect' of the configuration is an array of tables, and holds a number (3)",
    ),
    "a rule that is none": (
        'expect = ["extension task-control"]\n',
        (
            "1: the expectation 'extension task-control' is not understood; write ROLE: KOBJECT [of ROLE] "
            "CHANGE, for example 'extension: task-control of host +1' or 'extension: semaphore 0..2'"
        ),
    ),
    "two rules that contradict each other": (
        'expect = [\n  "extension: clock +1",\n  "extension: clock 2..3",\n]\n',
        "1: the expectation 'extension: clock 2..3' contradicts 'extension: clock +1' (portaudit.toml:1)",
    ),
    "two tables that contradict each other": (
        f"{EXPECT}{EXPECT.replace('change = 1', 'change = 2')}",
        (
            "5: the expectation 'extension: task-control +2' contradicts "
            "'extension: task-control +1' (portaudit.toml:1)"
        ),
    ),
    "expect: unknown key": (
        f'{EXPECT}objekt = "x"\n',
        "5: an expectation has no key 'objekt'; did you mean 'object'?",
    ),
    "expect: no task": (
        '[[expect]]\nobject = "any"\nchange = 1\n',
        "1: an expectation needs 'task', and has none",
    ),
    "expect: no object": (
        '[[expect]]\ntask = "host"\nchange = 1\n',
        "1: an expectation needs 'object', and has none",
    ),
    "expect: no change": (
        '[[expect]]\ntask = "host"\nobject = "any"\n',
        "1: an expectation needs 'change', and has none",
    ),
    "expect: empty task": (EXPECT.replace("extension", " "), "2: 'task' of an expectation is empty"),
    "expect: a task with a colon": (
        EXPECT.replace("extension", "a:b"),
        "2: 'task' of an expectation is a role or a process name without ':', not 'a:b'",
    ),
    "expect: no such object": (
        EXPECT.replace("task-control", "task-contrl"),
        "3: 'object' of an expectation is no 'task-contrl'; did you mean 'task-control'?",
    ),
    "expect: change is text": (
        EXPECT.replace("= 1", '= "some"'),
        "4: 'change' of an expectation is a number, or a range such as \"0..2\", not 'some'",
    ),
    "expect: change is true": (
        EXPECT.replace("= 1", "= true"),
        "4: 'change' of an expectation is a number, or a range such as \"0..2\", not True",
    ),
    "expect: an empty range": (
        EXPECT.replace("= 1", '= "2..1"'),
        "4: the expectation 'extension: task-control 2..1' has an empty range: 2 is more than 1",
    ),
    "expect: no such right": (
        f'{EXPECT}right = "sent"\n',
        "5: 'right' of an expectation is no 'sent'; did you mean 'send'?",
    ),
    "expect: of is no text": (
        f"{EXPECT}of = 4242\n",
        "5: 'of' of an expectation is text, not a number (4242)",
    ),
    "suppress: a text": (
        'suppress = ["U5"]\n',
        "1: a suppression is a table with rule, match, reason, until, not 'U5'",
    ),
    "suppress: unknown key": (
        f"{SUPPRESS}untill = 1\n",
        "6: a suppression has no key 'untill'; did you mean 'until'?",
    ),
    "suppress: no rule": (SUPPRESS.replace('rule = "U5"', ""), "1: a suppression needs 'rule', and has none"),
    "suppress: no match": (
        SUPPRESS.replace('match = { role = "host" }', ""),
        "1: a suppression needs 'match', and has none",
    ),
    "suppress: no reason": (
        SUPPRESS.replace('reason = "known"', ""),
        "1: a suppression needs 'reason', and has none",
    ),
    "suppress: an empty reason": (SUPPRESS.replace("known", ""), "3: 'reason' of a suppression is empty"),
    "suppress: no until": (
        SUPPRESS.replace("until = 2027-01-31", ""),
        "1: a suppression needs 'until', and has none",
    ),
    "suppress: until is a number": (
        SUPPRESS.replace("2027-01-31", "2027"),
        "4: 'until' of a suppression is a date such as 2027-01-31, not a number (2027)",
    ),
    "suppress: until is a moment": (
        SUPPRESS.replace("2027-01-31", "2027-01-31T10:00:00"),
        "4: 'until' of a suppression is a date such as 2027-01-31, not 2027-01-31 10:00:00",
    ),
    "suppress: until is words": (
        SUPPRESS.replace("2027-01-31", '"next week"'),
        "4: 'until' of a suppression is a date such as 2027-01-31, not text ('next week')",
    ),
    "suppress: until is no day": (
        SUPPRESS.replace("2027-01-31", '"2027-02-30"'),
        "4: 'until' of a suppression is no day of the calendar: '2027-02-30'",
    ),
    "suppress: rule is no id": (
        SUPPRESS.replace("U5", "leaked"),
        "2: 'rule' of a suppression is the id of a rule such as U5, not 'leaked'",
    ),
    "suppress: match is text": (
        SUPPRESS.replace('{ role = "host" }', '"host"'),
        "5: 'match' of a suppression is a table, not text ('host')",
    ),
    "match: empty": (
        SUPPRESS.replace('{ role = "host" }', "{}"),
        "5: the match of a suppression is empty: it needs one of role, kobject, description, peer",
    ),
    "match: unknown key": (
        SUPPRESS.replace("role =", "rol ="),
        "5: the match of a suppression has no key 'rol'; did you mean 'role'?",
    ),
    "match: unknown key in a table of its own": (
        '[[suppress]]\nrule = "U5"\nreason = "known"\nuntil = 2027-01-31\n\n[suppress.match]\nrol = "host"\n',
        "7: the match of a suppression has no key 'rol'; did you mean 'role'?",
    ),
    "match: no such kobject": (
        SUPPRESS.replace("role", "kobject").replace("host", "semafore"),
        "5: 'kobject' of a match is no 'semafore'; did you mean 'semaphore'?",
    ),
    "match: nothing like a kobject": (
        SUPPRESS.replace("role", "kobject").replace("host", "!!"),
        "5: 'kobject' of a match is no '!!'",
    ),
    "check is no table": ("check = 1\n", "1: 'check' of the configuration is a table, not a number (1)"),
    "a check is no table": (
        "[check]\nfast = true\n",
        "2: 'fast' of the table of checks is a table, not a boolean (True)",
    ),
    "check: a strange name": (
        '[check."a b"]\nhost = "H"\ntrigger = "x"\n',
        "1: a check is not called 'a b': letters, digits, '.', '_' and '-' make a name",
    ),
    "check: unknown key": (
        f"{CHECK}timeot = 3\n",
        "4: the check 'transfer' has no key 'timeot'; did you mean 'timeout'?",
    ),
    "check: nobody to audit": (
        '[check.transfer]\ntrigger = "x"\n',
        "1: the check 'transfer' needs 'host', a running process, or 'spawn', a command that starts it",
    ),
    "check: nothing to do": (
        '[check.transfer]\nhost = "H"\n',
        "1: the check 'transfer' needs 'trigger', the command that makes the transfer",
    ),
    "check: a pid for a host": (
        CHECK.replace('"Host"', '"4242"'),
        "2: 'host' of the check 'transfer' is a process name: the pid 4242 is gone tomorrow",
    ),
    "check: a pid among the processes": (
        f'{CHECK}processes = ["a", "77"]\n',
        "4: 'processes' of the check 'transfer' is a process name: the pid 77 is gone tomorrow",
    ),
    "check: processes holds a number": (
        f"{CHECK}processes = [77]\n",
        "4: 'processes' of the check 'transfer' is an array of texts, and holds a number (77)",
    ),
    "check: an open quotation": (
        CHECK.replace('["./go"]', '"./go \'x"'),
        "3: 'trigger' of the check 'transfer' cannot be split into words: no closing quotation",
    ),
    "check: an empty command": (CHECK.replace('"./go"', ""), "3: 'trigger' of the check 'transfer' is empty"),
    "check: trigger is a number": (
        CHECK.replace('["./go"]', "1"),
        "3: 'trigger' of the check 'transfer' is an array of texts, not a number (1)",
    ),
    "check: repeat": (
        f'{CHECK}repeat = "2x"\n',
        "4: 'repeat' of the check 'transfer' is COUNT or \"WARMUP:COUNT\", COUNT being 1 or more, not '2x'",
    ),
    "check: repeat nothing": (
        f"{CHECK}repeat = 0\n",
        "4: 'repeat' of the check 'transfer' is COUNT or \"WARMUP:COUNT\", COUNT being 1 or more, not 0",
    ),
    "check: repeat without a trigger": (
        '[check.transfer]\nspawn = "x"\nrepeat = 3\n',
        "3: 'repeat' of the check 'transfer' needs 'trigger': a host alone says its rounds by marks",
    ),
    "check: operations": (
        f"{CHECK}operations = 0\n",
        "4: 'operations' of the check 'transfer' is at least 1, not 0",
    ),
    "check: half an operation": (
        f"{CHECK}operations = 1.5\n",
        "4: 'operations' of the check 'transfer' is a whole number, not a number (1.5)",
    ),
    "check: settle": (f"{CHECK}settle = -1\n", "4: 'settle' of the check 'transfer' is at least 0, not -1"),
    "check: settle for ever": (
        f"{CHECK}settle = inf\n",
        "4: 'settle' of the check 'transfer' is at least 0, not inf",
    ),
    "check: timeout": (
        f"{CHECK}timeout = 0\n",
        "4: 'timeout' of the check 'transfer' is more than 0 seconds",
    ),
    "check: timeout is a boolean": (
        f"{CHECK}timeout = true\n",
        "4: 'timeout' of the check 'transfer' is a number, not a boolean (True)",
    ),
    "check: platforms": (
        f'{CHECK}platforms = ["macos"]\n',
        "4: 'platforms' of the check 'transfer' is no 'macos'; there are darwin, linux",
    ),
    "check: fail-on": (
        f'{CHECK}fail-on = "errors"\n',
        "4: 'fail-on' of the check 'transfer' is no 'errors'; did you mean 'error'?",
    ),
    "check: way": (
        f'{CHECK}way = "lsmpp"\n',
        "4: 'way' of the check 'transfer' is no 'lsmpp'; did you mean 'lsmp'?",
    ),
    "check: sudo": (
        f'{CHECK}sudo = "yes"\n',
        "4: 'sudo' of the check 'transfer' is a boolean, not text ('yes')",
    ),
    "check: policy": (
        f'{CHECK}policy = "least"\n',
        "4: 'policy' of the check 'transfer' is no 'least'; there are least-privilege",
    ),
    "policy": (
        'policy = "none"\n',
        "1: 'policy' of the configuration is no 'none'; there are least-privilege",
    ),
    "check: an expectation of its own": (
        CHECK + EXPECT.replace("expect", "check.transfer.expect") + '[[check.transfer.expect]]\ntsk = "x"\n',
        "9: an expectation has no key 'tsk'; did you mean 'task'?",
    ),
    "check: a suppression of its own": (
        f"{CHECK}\n[[check.transfer.suppress]]\nrule = 5\n",
        "5: a suppression needs 'match', and has none",
    ),
}


@pytest.fixture
def configured(tmp_path):
    """Write a configuration file, read it, and call it portaudit.toml."""

    def read(text, name="portaudit.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_configuration(path, name, Parse(parse_expectation, parse_pattern))

    return read


@pytest.mark.parametrize(("text", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_sentence(configured, text, sentence):
    """Each mistake is told with its file and line, and with the nearest valid word where there is one."""
    with pytest.raises(UsageError) as caught:
        configured(text)

    assert str(caught.value) == f"portaudit.toml:{sentence}"


@pytest.mark.parametrize(
    "match",
    [
        'name = "0x1103"',
        "pid = 4242",
        'port = "x"',
        'object = "x"',
        'role = "4242"',
        'description = "at 0x1103*"',
    ],
)
def test_port_names_and_pids_are_refused(configured, match):
    """A match by what is another one in the next run is refused, by key and by value."""
    with pytest.raises(UsageError) as caught:
        configured(SUPPRESS.replace('role = "host"', match))

    key, quoted = match.replace('"', "'").split(" = ")
    assert str(caught.value) == (
        f"portaudit.toml:5: the match of a suppression names no port and no pid ({key} = {quoted}): "
        f"they are others in the next run; use role, kobject, description, peer"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = 1\nb = = 2\n", ":2: this is no TOML: Invalid value (column 5)"),
        ("a = [1,\n", ":1: this is no TOML: Invalid value (end of the file)"),
        (b"a = 1\n\nb = '\xff'\n", ":3: the file is no UTF-8, as TOML must be"),
        ("#" * (2 << 20), " is longer than 1 MiB; that is no configuration"),
    ],
)
def test_a_file_that_is_no_toml_is_said_with_its_line(configured, text, sentence):
    """The line of a syntax error is the one that the TOML reader gives."""
    with pytest.raises(UsageError) as caught:
        configured(text)

    assert str(caught.value) == f"portaudit.toml{sentence}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[project]\n", " has no table [tool.portaudit]"),
        ("tool = 1\n", " has no table [tool.portaudit]"),
        ("[tool]\nportaudit = 1\n", ": tool.portaudit is a table"),
        ("[tool.portaudit]\nexpct = 1\n", ":2: the configuration has no key 'expct'; did you mean 'expect'?"),
        (
            EXPECT.replace("expect", "tool.portaudit.expect") + '[[tool.portaudit.expect]]\ntaks = "b"\n',
            ":6: an expectation has no key 'taks'; did you mean 'task'?",
        ),
    ],
)
def test_in_pyproject_the_tables_have_their_prefix(configured, text, sentence):
    """The same tables stand under tool.portaudit, and mistakes in them have their lines."""
    with pytest.raises(UsageError) as caught:
        configured(text, "pyproject.toml")

    assert str(caught.value) == f"pyproject.toml{sentence}"
