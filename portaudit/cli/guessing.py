"""What somebody meant who typed what there is not: a command, an option, or too little."""

import re
import shlex
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

import click

OTHER_WORDS = {
    "audit": "run",
    "capture": "snapshot",
    "compare": "diff",
    "join": "import",
    "lsmp": "snapshot",
    "monitor": "watch",
    "print": "show",
    "read": "show",
    "record": "ledger",
    "start": "demo",
    "take": "snapshot",
    "test": "check",
    "top": "watch",
    "validate": "check",
    "view": "show",
}
"""What other programs call it -> the command."""

WATCHED = ("--host", "--extension", "--pid")
RULE = re.compile(r"[A-Z]\d{1,2}", re.IGNORECASE)
NUMBER = re.compile(r"0x[0-9a-f]{9,16}|\d{10,20}", re.IGNORECASE)
READ_ENDINGS = (".json", ".txt", ".lsmp", ".gz", ".log", ".out")
REPORT_ENDINGS = (".ips", ".crash", ".panic")
SOURCE_ENDINGS = (".c", ".m", ".mm", ".cc", ".cpp", ".h", ".swift")
CLOSE = 0.6
"""How alike two words must be (difflib)."""


class NoCommand(click.UsageError):
    """The first word is no command; the whole line may be meant for one."""

    def __init__(self, words: Sequence[str], commands: Sequence[str], ctx: click.Context) -> None:
        super().__init__(f"No such command {words[0]!r}.", ctx)
        self.meant = command_meant(words, commands)


def command_meant(words: Sequence[str], commands: Sequence[str]) -> str | None:
    """Give the line that somebody meant whose first word is no command; None if nothing is near."""
    first, *others = words
    if _is_file(first):
        return _with_files(words)
    if RULE.fullmatch(first):
        return f"portaudit explain {first.upper()}"
    if NUMBER.fullmatch(first):
        return f"portaudit decode {first}"
    near = get_close_matches(first.lower(), commands, 1, CLOSE)
    known = OTHER_WORDS.get(first.lower()) or (near[0] if near else None)
    return None if known is None else shlex.join(("portaudit", known, *others))


def _is_file(word: str) -> bool:
    from portaudit.auditing.files import is_there

    return word.lower().endswith((*READ_ENDINGS, *REPORT_ENDINGS, *SOURCE_ENDINGS)) or is_there(word)


def _with_files(words: Sequence[str]) -> str:
    """Say what is done with such files: two are compared, a report is decoded, sources are read."""
    ending = words[0].lower()
    if ending.endswith(REPORT_ENDINGS):
        command = "decode"
    elif ending.endswith(SOURCE_ENDINGS):
        command = "lint"
    else:
        files = [word for word in words if not word.startswith("-")]
        command = "diff" if len(files) > 1 else "show"
    return shlex.join(("portaudit", command, *words))


def told(error: click.ClickException) -> tuple[str, list[str]]:
    """Say what click did not understand: a sentence, and lines that help."""
    sentence = error.format_message()
    if isinstance(error, NoCommand) and error.meant:
        return f"{sentence} Did you mean this?", [f"  {error.meant}"]
    if isinstance(error, click.NoSuchOption) and (hint := _of_option(error)):
        return f"{error.message} {hint}", []
    if isinstance(error, click.MissingParameter) and error.ctx:
        return sentence, list(example(error.ctx.command))
    if isinstance(error, click.BadParameter) and error.param and isinstance(error.param.type, click.Choice):
        return f"{sentence}{_of_choice(error.message, error.param.type)}", []
    return sentence, []


def _of_option(error: click.NoSuchOption) -> str | None:
    """Say where there is such an option."""
    context, option = error.ctx, error.option_name
    if context is None or context.parent is None or not isinstance(context.parent.command, click.Group):
        return None
    if context.info_name == "watch" and option in WATCHED:
        return "The processes are the words of watch: portaudit watch HOST EXTENSION"
    group = context.parent.command
    having = [name for name in group.list_commands(context.parent) if _has(group, context, name, option)]
    listed = ", ".join(having[:-1]) + " and " * (len(having) > 1) + "".join(having[-1:])
    return f"It is an option of {listed}." if having else None


def _has(group: click.Group, context: click.Context, name: str, option: str) -> bool:
    command = group.get_command(context, name)
    return command is not None and any(option in parameter.opts for parameter in command.params)


def _of_choice(message: str, choice: click.Choice) -> str:  # type: ignore[type-arg]  # none before 8.2
    said = re.match(r"'([^']*)' is not", message)
    near = get_close_matches(said[1], list(map(str, choice.choices)), 1, CLOSE) if said else []
    return f" Did you mean {near[0]}?" if near else ""


def example(command: click.Command) -> Iterator[str]:
    """Yield the example that a command's help ends with."""
    _, found, lines = (command.help or "").partition("Example:\n")
    if found:
        yield "Example:"
        yield from (f"  {line.strip()}" for line in lines.splitlines() if line.strip())
