"""The configuration as a whole: its top-level keys, each read by the file that knows it."""

from pathlib import Path

from portaudit.configuration.checks import beside, checks, policy
from portaudit.configuration.file import read_file
from portaudit.configuration.rules import Parse, expectations, subjects, suppressions
from portaudit.configuration.tables import Section
from portaudit.model.declared import Configuration, Lint

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
