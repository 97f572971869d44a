"""What a shell completes: rules, checks, roles, kernels and files; scenarios and formats are choices."""

import re
from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

FILES = re.compile(r"FILE|OUT|BEFORE|PATH|SNAPSHOT|ARCHIVE")
"""Metavars of what is a file; one that speaks of a FOLDER is a folder."""

Words = Callable[[], Iterable[tuple[str, str]]]
"""Gives words, each with what it means."""


def completing(command: click.Command, name: str) -> None:
    """Let a command's arguments and options complete what they take."""
    for parameter in command.params:
        if isinstance(parameter.type, click.types.StringParamType):
            parameter.type = _Completed(_words_of(name, parameter.name or ""), _kind(parameter))


class _Completed(click.types.StringParamType):
    """A text that a shell completes from words, or as a file or folder."""

    def __init__(self, words: Words | None, kind: str | None) -> None:
        self._words, self._kind = words, kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Give the words that begin so, whatever their letters; else say that it is a file or a folder."""
        del ctx, param  # click's signature
        if self._words is not None:
            begun = incomplete.lower()
            return [
                CompletionItem(word, help=told)
                for word, told in self._words()
                if word.lower().startswith(begun)
            ]
        return [CompletionItem(incomplete, type=self._kind)] if self._kind else []


def _kind(parameter: click.Parameter) -> str | None:
    told = parameter.metavar or parameter.human_readable_name.upper()
    if "FOLDER" in told:
        return "dir"
    return "file" if FILES.search(told) else None


def _words_of(command: str, parameter: str) -> Words | None:
    table: dict[tuple[str, str], Words] = {
        ("explain", "rule"): _rules,
        ("check", "names"): _checks,
        ("show", "role"): _roles,
    }
    return table.get((command, parameter)) or (_kernels if parameter == "kernel" else None)


def _rules() -> Iterable[tuple[str, str]]:
    from portaudit.auditing.explain import explain, words

    return [*((rule.id, rule.title) for rule in explain()), *((word, "") for word in words())]


def _checks() -> Iterable[tuple[str, str]]:
    from portaudit.auditing.project import configure
    from portaudit.errors import AuditError

    try:
        return [(check.name, "") for check in configure().checks]
    except AuditError:
        return []  # the command itself says what is wrong with the file


def _roles() -> Iterable[tuple[str, str]]:
    from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE

    return [(HOST_ROLE, ""), (EXTENSION_ROLE, "")]


def _kernels() -> Iterable[tuple[str, str]]:
    from portaudit.model.way import STAND_INS, XNU

    return [(kind, "") for kind in (XNU, *STAND_INS)]
