"""Rules at length: complete, true to the rules, and the same everywhere."""

import json
import re
from pathlib import Path

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.explaining import TEXTS, explanations, in_words
from portaudit.analysis.judge import judge
from portaudit.lint.rules import RULES as SOURCE_RULES
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from portaudit.model.kobject import NUMBERS
from portaudit.model.rights import Right
from portaudit.model.snapshot import Receive
from tests.analysis.causes.rows import HOST_TASK, Row, explained, snapshot
from tests.render.renew_manual import manual_page

RULES = {rule.id: rule for rule in explanations()}
MANUAL = Path(__file__).parents[2] / "man" / "portaudit-rules.7"
WITHOUT_EXAMPLE = {"E1", "O5", "O7", "R1", "R2", "R3", "R4"}
"""Rules that no rows can show: guard exceptions, tasks that were not read, what did not come."""

WITHOUT_CODE = {"E1", "R4", "L1", "L2", "F1", "R1", "R2", "R3"}
"""Rules that name no mistake in a program."""


def row_of(example):
    rights = tuple(Right(word) for word in example.right.split(","))
    known = Receive(
        queued=example.queued,
        queue_limit=example.queue_limit,
        make_send=example.make_send,
        has_senders=example.has_senders,
        in_set=example.in_set,
    )
    return Row(
        int(example.name, 16),
        rights,
        example.urefs,
        HOST_TASK if example.object == "host" else int(example.object, 16),
        0 if example.kobject == "message-queue" else NUMBERS.get(example.kobject),
        example.description,
        example.peer,
        known,
    )


def side(rows):
    of = {role: [row_of(row) for row in rows if row.task == role] for role in ("host", "extension")}
    return snapshot(of["extension"], of["host"])


@pytest.mark.parametrize("name", sorted(RULES.keys() - WITHOUT_EXAMPLE))
def test_the_example_of_a_rule_makes_it_speak(name):
    """The rows of an example are explained by this rule; of a name used again, by others, too."""
    rule = RULES[name]
    difference = compare((side(rule.before), side(rule.after)))
    terms = Terms(policy=LEAST_PRIVILEGE if name == "P1" else None)

    told = {one.id for one, _ in explained(difference)}
    if name == "P1":
        assert "P1" in [one.rule for one in judge(difference, (), terms).findings]
    elif name == "O3":
        assert name in told
    else:
        assert told == {name}


def test_every_rule_is_explained_whole():
    """Each rule has meaning, causes and versions; a mistake of a program has fixes in three languages."""
    assert sorted(path.stem for path in TEXTS.glob("*.toml")) == sorted(RULES)
    assert [rule.id for rule in RULES.values() if not (rule.meaning and rule.causes and rule.versions)] == []
    assert {
        rule.id for rule in RULES.values() if not (rule.c and rule.objective_c and rule.swift)
    } == WITHOUT_CODE


def test_a_rule_with_a_real_case_tells_it():
    """Each rule that was seen in the wild names at least one address."""
    address = re.compile(r"[\w.-]+/[\w.-]+")

    seen = [rule for rule in RULES.values() if not rule.derived]
    assert [rule.id for rule in seen if not any(map(address.match, rule.cases))] == []


def test_long_texts_are_read_by_explain_alone():
    """No module but those that explain knows the texts: a diff does not read them."""
    package = TEXTS.parents[2]
    readers = [
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "tomllib" in path.read_text() and "causes" in path.read_text()
    ]

    assert sorted(readers) == ["analysis/explaining.py", "lint/rules/__init__.py"]


def test_the_manual_page_is_made_of_the_same_texts():
    """man/portaudit-rules.7 is what the texts give today; `make manual` writes it anew."""
    assert MANUAL.read_text() == manual_page(explanations())


def test_a_word_of_four_letters_is_looked_for_in_the_texts():
    """Three letters stand in half of the rules by chance."""
    heading, speaking = in_words("MACH") or ("", ())

    assert (heading, len(speaking) > 5) == ("Rules that speak of MACH:", True)
    assert in_words("mac") is None


def test_the_list_names_every_rule_once(portaudit):
    """Without a rule the command prints one line for each."""
    told = portaudit("explain")

    assert told.status == 0
    assert re.findall(r"^([A-Z]\d+) ", told.out, re.MULTILINE) == [*RULES, *SOURCE_RULES]


def test_a_rule_is_found_in_small_letters(portaudit):
    """Nobody types capital letters."""
    assert portaudit("explain", "u5").out == portaudit("explain", "U5").out


def test_a_wrong_rule_names_the_nearest(portaudit):
    """A mistake exits 2 and names what was meant."""
    told = portaudit("explain", "U55")

    assert (told.status, told.out) == (2, "")
    assert "there is no rule 'U55'; the nearest is U5; `portaudit explain` lists them all" in told.err


@pytest.mark.parametrize("name", RULES)
def test_a_rule_at_length_fits_a_terminal(portaudit, name):
    """Text is no wider than 80 columns; only code and commands may be."""
    told = portaudit("explain", name).out
    prose = re.split(r"\n(?:C|Confirm with lldb|Example)\n", told)[0]

    assert max(map(len, prose.splitlines())) <= 80


def test_json_holds_all_of_it(portaudit):
    """--format json gives every text, of one rule or of all."""
    one = json.loads(portaudit("explain", "U1", "--format", "json").out)
    every = json.loads(portaudit("explain", "--format", "json").out)

    assert one["format"] == every["format"] == "portaudit-rules/1"
    assert one["rules"] == [every["rules"][0]]
    assert [rule["id"] for rule in every["rules"]] == [*RULES, *SOURCE_RULES]
    assert one["rules"][0]["after"] == [
        {
            "task": "extension",
            "name": "0x207",
            "right": "send",
            "urefs": 7,
            "object": "0x0c5c0100",
            "kobject": "HOST",
        }
    ]


@pytest.mark.parametrize(
    ("word", "groups"), [("leaked", "NU"), ("Over released", "O"), ("unmet", "E"), ("known", "")]
)
def test_a_word_of_the_reports_gives_the_rules_that_find_such(word, groups):
    """The letters of their ids say it; a word may have none."""
    meaning, rules = in_words(word) or ("", ())

    assert meaning.startswith(f"{word.lower().replace(' ', '-')}: ")
    assert {one.id for one in rules} == {rule for rule in RULES if rule[0] in groups}
