"""`portaudit ledger`: the library that records where rights are acquired, and what a ledger holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from portaudit.errors import UsageError

EXAMPLES = ("  portaudit ledger --library .", "  portaudit ledger --table", "  portaudit ledger ledger.4242")


@click.command(name="ledger")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--library", metavar="FOLDER", help="Build the recording library into FOLDER; print its path.")
@click.option("--source", is_flag=True, help="Print the library's one C file, to be linked into a build.")
@click.option("--frameworks", is_flag=True, help="With --library: record IOKit and IOSurface, too (macOS).")
@click.option(
    "--stand-in",
    metavar="FOLDER",
    help="Build libSystem's stand-in into FOLDER; print the C compiler's flags for it (not on macOS).",
)
@click.option("--table", is_flag=True, help="Print the functions that are recorded, and what they do.")
def command(
    file: str | None,
    library: str | None,
    source: bool,
    frameworks: bool,
    stand_in: str | None,
    table: bool,
) -> None:
    """Record where a process acquires its rights and gives them back; or say what is in such a ledger.

    With FILE: what it holds, by function. A finding's lines come from `portaudit diff --ledger FILE`.

    \b
    Example:
      portaudit ledger --library .
      PORTAUDIT_LEDGER=ledger.%p DYLD_INSERT_LIBRARIES=./libportaudit_ledger.dylib ./App
      portaudit ledger ledger.4242
      cc leaky.c $(portaudit ledger --stand-in .) -o leaky
    """
    wanted = [name for name, asked in (("FILE", file), ("--library", library), ("--source", source)) if asked]
    wanted += [name for name, asked in (("--stand-in", stand_in), ("--table", table)) if asked]
    if len(wanted) != 1:
        raise UsageError(
            "say one of FILE, --library, --source, --stand-in and --table; for example:", *EXAMPLES
        )
    if frameworks and not library:
        raise UsageError("--frameworks belongs to --library: the other answers are the same without it")
    if file:
        click.echo(_summary(file))
    elif library:
        from portaudit.ledger.interposer import build_interposer

        with _said(library):
            click.echo(build_interposer(_folder(library), frameworks=frameworks))
    elif source:
        from portaudit.ledger.interposer import source as c_source

        click.echo(c_source(), nl=False)
    elif stand_in:
        with _said(stand_in):
            click.echo(_flags(_of_one_word(stand_in)))
    else:
        from portaudit.render.ledger import render_right_calls

        click.echo(render_right_calls(), nl=False)


@contextmanager
def _said(folder: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"nothing can be built in {folder}: {error.strerror or error}") from error


def _folder(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror or error}") from error
    return folder.resolve()


def _of_one_word(name: str) -> Path:
    """Name a folder so that a shell takes it for one word of a command's output, which it parts at blanks."""
    folder = _folder(name)
    word = name if len(str(folder).split()) > 1 else str(folder)
    if len(word.split()) > 1:
        raise UsageError(f"a shell would part flags at the blank in {word}: go there, and say --stand-in .")
    return Path(word)


def _summary(file: str) -> str:
    from portaudit.ledger.read import read_ledger
    from portaudit.render.ledger import render_ledger

    return render_ledger(read_ledger(file)).rstrip()


def _flags(folder: Path) -> str:
    from portaudit.libsystem import STACK_FLAGS, build_libsystem, write_headers
    from portaudit.probe import header_path

    build_libsystem(folder)
    include = write_headers(folder, header_path())
    flags = (*STACK_FLAGS, f"-I{include}", f"-L{folder}", "-lmach")
    return " ".join((*flags, "-lpthread"))
