"""Where reports go: what --format names to standard output, and each --output into a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portaudit.cli.options import format_option, publish, terminal_style
from portaudit.errors import ExitStatus, UsageError
from portaudit.model.declared import Place
from portaudit.render import Format, Style, for_a_log, render_report

if TYPE_CHECKING:
    from portaudit.model.finding import Report

WORDS = ", ".join(Format)

SUFFIXES = {
    ".html": Format.HTML,
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".sarif": Format.SARIF,
    ".txt": Format.TABLE,
    ".xml": Format.JUNIT,
}
"""How a file ends -> what it holds, where nobody says so."""

Print = Callable[[Format, Style], str]
"""Prints the result of a command."""


@dataclass(frozen=True, slots=True)
class Output:
    """A file, and the format of the report that goes into it."""

    form: Format
    path: str


def parse_outputs(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> tuple[Output, ...]:
    """Read FORMAT=FILE, or FILE alone where its name tells the format. Raises UsageError.

    Whatever can be wrong with a file is found before an audit that takes minutes.
    """
    outputs = tuple(map(_parse, texts))
    for place, output in enumerate(outputs):
        if any(Path(other.path).absolute() == Path(output.path).absolute() for other in outputs[:place]):
            raise UsageError(f"two reports cannot both go to {output.path}")
    return outputs


def _parse(text: str) -> Output:
    word, equals, path = text.partition("=")
    if not equals or "/" in word:
        return _writable(text, _by_suffix(text))
    if word not in list(Format):
        from difflib import get_close_matches

        near = get_close_matches(word, list(Format), 1)
        raise UsageError(
            f"--output {text!r}: there is no format {word!r}; "
            f"{f'did you mean {str(near[0])!r}?' if near else f'there are {WORDS}'}"
        )
    return _writable(path, Format(word))


def _by_suffix(path: str) -> Format:
    form = SUFFIXES.get(Path(path.removesuffix(".gz")).suffix.lower())
    if form is None:
        raise UsageError(
            f"--output {path!r} does not tell a format: write FORMAT=FILE, for example html=report.html "
            f"({WORDS}); --keep FOLDER is for the snapshots"
        )
    return form


def _writable(path: str, form: Format) -> Output:
    if path == "-":
        raise UsageError(f"what goes to standard output is said by --format {form}; --output names files")
    if not _can_be(path):
        raise UsageError(f"--output {form}={path}: there is no folder for such a file, or it is one itself")
    return Output(form, path)


def _can_be(path: str) -> bool:
    try:
        return bool(path) and not Path(path).is_dir() and Path(path).absolute().parent.is_dir()
    except (OSError, ValueError):
        return False


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Offer --format, --output and --exit-zero: how reports are printed, where to, and how it ends."""
    options = (
        click.option(
            "-o",
            "--output",
            "outputs",
            metavar="FORMAT=FILE",
            multiple=True,
            callback=parse_outputs,
            help="Write the report to a file, too, in this format; once for each file.",
        ),
        click.option(
            "--exit-zero", is_flag=True, help="Exit 0 with findings, and where something is undecided."
        ),
        format_option(*Format),
    )
    for option in reversed(options):
        command = option(command)
    return command


def ending(status: ExitStatus, *, exit_zero: bool) -> ExitStatus:
    """Give the status to end with: whoever reads the reports may not want the verdict twice."""
    verdicts = (ExitStatus.FINDINGS, ExitStatus.UNDECIDED)
    return ExitStatus.DONE if exit_zero and status in verdicts else status


def publish_everywhere(printed: Print, form: Format, outputs: Sequence[Output], style: Style) -> None:
    """Print a result to standard output in one format, and into each file in that file's own."""
    publish(printed(form, style), form)
    write_outputs(printed, outputs, style)


def write_outputs(printed: Print, outputs: Sequence[Output], style: Style) -> None:
    """Write a result into each file: what --format prints into a pipe. Raises UsageError if one cannot be."""
    from portaudit.auditing.files import save_text

    plain = replace(style, colour=False, width=Style().width)
    for output in outputs:
        save_text(output.path, for_a_log(printed(output.form, plain), output.form))


def publish_report(
    report: Report, form: Format, outputs: Sequence[Output], files: Sequence[str], style: Style
) -> None:
    """Publish a report on the snapshots in these files. Raises UsageError if an output is one of them."""
    for output in outputs:
        if any(Path(output.path).absolute() == Path(file).absolute() for file in files):
            raise UsageError(f"--output {output.path} is one of the snapshots, and was left alone")
    placed = replace(style, before=place(files[0]), after=place(files[-1]))
    publish_everywhere(lambda wanted, how: render_report(report, wanted, how), form, outputs, placed)


def report_style(*, everything: bool, fail_on: str, status: ExitStatus) -> Style:
    """Say how a report is printed here."""
    return replace(terminal_style(everything=everything), fail_on=fail_on, exit_status=status)


def place(path: str) -> Place | None:
    """Name a file as a review does: relative to where the command runs, if it is below; None for a stream."""
    if path == "-":
        return None
    absolute, here = Path(path).absolute(), Path.cwd()
    return Place(str(absolute.relative_to(here)) if absolute.is_relative_to(here) else path, 1)
