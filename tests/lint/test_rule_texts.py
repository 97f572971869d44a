"""The texts of the rules about sources."""

import pytest

from portaudit.lint.rules import RULES, TEXTS, texts
from tests.lint.reading import rules


def test_every_rule_has_its_text_and_no_other():
    """One file a rule, each with what it means, why it happens, the fix, and code in three languages."""
    assert sorted(path.stem for path in TEXTS.iterdir()) == sorted(RULES)
    assert [rule.id for rule in texts() if not (rule.meaning and rule.causes and rule.fix and rule.c)] == []
    assert [rule.id for rule in texts() if not (rule.objective_c and rule.swift)] == ["S18"]


def test_a_rule_is_explained_by_the_command(portaudit):
    """Also in small letters, with bad and good code."""
    told = portaudit("explain", "s1").out

    assert told.startswith("S1  the host port is taken, and not given back\n")
    assert all(f"\n{language}\n" in told for language in ("C", "Objective-C", "Swift"))


@pytest.mark.parametrize("rule", ["S1", "S2", "S4"])
def test_the_rules_agree_with_their_texts(rule):
    """What an explanation calls bad is told, by that rule; in what it calls good nothing is."""
    code = next(text.c for text in texts() if text.id == rule)
    bad, good = code.split("/* good */\n")
    start = "int f(int pid) { mach_port_t task; kern_return_t kr;\n"

    assert rule in dict(rules(f"{start}{bad} return 0; }}"))
    assert rules(f"{start}{good} return 0; }}") == []
