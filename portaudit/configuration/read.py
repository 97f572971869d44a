"""The configuration as a whole: its top-level keys, and the audits of `portaudit check`."""

import re
from collections.abc import Iterator
from pathlib import Path

from portaudit.configuration.file import read_file
from portaudit.configuration.rules import Parse, expectations, subjects, suppressions
from portaudit.configuration.tables import Section
from portaudit.model.check import PACE, Check, Platform, Repeat
from portaudit.model.declared import LEAST_PRIVILEGE, Configuration, Lint
from portaudit.model.severity import FAIL_ON, Severity
from portaudit.model.way import AUTO, WAYS

KEYS = ("expect", "subject", "suppress", "baseline", "policy", "check", "lint")


def read_configuration(path: Path, called: str, parse: Parse, *, found: bool = False) -> Configuration:
    """Read a configuration file that messages call so; `parse` reads what --expect and --subject take.

    One that was `found`, not named, is obeyed only if its owner is trusted. Paths in it are joined to its
    folder. Raises UsageError: one sentence with file and line, and with the nearest key or word where one is
    misspelled.
    """
    section = read_file(path, called, found=found)
    section.allow(KEYS)
    return Configuration(
        called,
        expectations(section, parse),
        tuple(suppressions(section)),
        beside(path.parent, section.text("baseline")),
        tuple(checks(section, parse, path.parent)),
        policy(section),
        _lint(section, path.parent),
        tuple(subjects(section, parse)),
    )


def _lint(section: Section, folder: Path) -> Lint:
    own = section.table("lint", "lint")
    if own is None:
        return Lint()
    own.allow(("exclude", "baseline"))
    return Lint(own.texts("exclude"), beside(folder, own.text("baseline")))


CHECK_KEYS = (
    "host",
    "extension",
    "processes",
    "spawn",
    "trigger",
    "repeat",
    "operations",
    "pace",
    "settle",
    "timeout",
    "way",
    "sudo",
    "kernel",
    "platforms",
    "fail-on",
    "policy",
    "subject",
    "expect",
    "suppress",
    "baseline",
)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
REPEAT = re.compile(r"(?:(\d{1,6}):)?(\d{1,6})")


def checks(section: Section, parse: Parse, folder: Path) -> Iterator[Check]:
    """Read every check of a configuration. Raises UsageError."""
    table = section.table("check", "the table of checks")
    for name in table.values if table else ():
        if table and not NAME.fullmatch(name):
            table.mistake(
                name, f"a check is not called {name!r}: letters, digits, '.', '_' and '-' make a name"
            )
        check = table.table(name, f"the check {name!r}") if table else None
        if check:
            yield _check(name, check, parse, folder)


def _check(name: str, section: Section, parse: Parse, folder: Path) -> Check:
    section.allow(CHECK_KEYS)
    return Check(
        name,
        section.place(),
        *_whom(section),
        spawn=section.command("spawn"),
        trigger=_trigger(section),
        repeat=_repeat(section),
        operations=section.whole("operations", 1, 1),
        pace=section.number("pace", PACE, 0),
        settle=section.number("settle", 2.0, 0),
        timeout=_timeout(section),
        way=section.choice("way", section.text("way") or AUTO, WAYS),
        sudo=section.flag("sudo"),
        kernel=section.text("kernel"),
        platforms=_platforms(section),
        fail_on=section.choice("fail-on", section.text("fail-on") or Severity.WARNING, FAIL_ON),
        expectations=expectations(section, parse),
        suppressions=tuple(suppressions(section)),
        baseline=beside(folder, section.text("baseline")),
        policy=policy(section),
        subjects=tuple(subjects(section, parse)),
    )


def policy(section: Section) -> str | None:
    """Read a policy. Raises UsageError if there is none of that name."""
    name = section.text("policy")
    return None if name is None else section.choice("policy", name, (LEAST_PRIVILEGE,))


def beside(folder: Path, path: str | None) -> str | None:
    """Join a path that a configuration names to the folder that the configuration is in."""
    return None if path is None else str(folder / path)


def _whom(section: Section) -> tuple[str | None, str | None, tuple[str, ...]]:
    host, extension = section.text("host"), section.text("extension")
    others = section.texts("processes")
    for key, names in (("host", (host,)), ("extension", (extension,)), ("processes", others)):
        for name in names:
            if name is not None and name.strip().isdecimal():
                section.mistake(
                    key, f"{key!r} of {section.title} is a process name: the pid {name} is gone tomorrow"
                )
    if host is None and "spawn" not in section.values:
        section.mistake(
            None, f"{section.title} needs 'host', a running process, or 'spawn', a command that starts it"
        )
    return host, extension, others


def _trigger(section: Section) -> tuple[str, ...]:
    if "trigger" not in section.values and "spawn" not in section.values:
        section.mistake(None, f"{section.title} needs 'trigger', the command that makes the transfer")
    return section.command("trigger")


def _timeout(section: Section) -> float:
    timeout = section.number("timeout", 60.0, 0)
    if not timeout:
        section.mistake("timeout", f"'timeout' of {section.title} is more than 0 seconds")
    return timeout


def _repeat(section: Section) -> Repeat:
    value = section.values.get("repeat", 1)
    match = REPEAT.fullmatch(str(value)) if isinstance(value, int | str) else None
    if match is None or int(match[2]) == 0:
        section.mistake(
            "repeat",
            f"'repeat' of {section.title} is COUNT or \"WARMUP:COUNT\", COUNT being 1 or more, not {value!r}",
        )
    repeat = Repeat(int(match[1] or 0), int(match[2]))
    if repeat != Repeat() and "trigger" not in section.values:
        section.mistake(
            "repeat", f"'repeat' of {section.title} needs 'trigger': a host alone says its rounds by marks"
        )
    return repeat


def _platforms(section: Section) -> tuple[Platform, ...]:
    words = section.texts("platforms")
    return tuple(Platform(section.choice("platforms", word, tuple(Platform))) for word in words)
