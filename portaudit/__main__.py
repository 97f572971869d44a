"""The entry point, and the one place where errors become a sentence and an exit status."""

import gc
import sys
from errno import EACCES, EBADF, EDQUOT, EMFILE, ENAMETOOLONG, ENFILE, ENOMEM, ENOSPC
from typing import TYPE_CHECKING

from portaudit.errors import AuditError, ExitStatus
from portaudit.harmless import safe
from portaudit.streams import give_up_output, hold_streams

if TYPE_CHECKING:
    from click import ClickException

SENTENCE_MAX = 4000
"""Characters: no line of a message is longer."""

PACKAGES = ("click", "jinja2", "msgspec", "psutil", "tabulate")
"""What portaudit needs: each package has the one module of its name."""

OUTSIDE = {
    ENOSPC: ("nothing more can be written{where}: {reason}; make room", ExitStatus.USAGE),
    EDQUOT: ("nothing more can be written{where}: {reason}; make room", ExitStatus.USAGE),
    EBADF: ("standard output is closed, and the result goes there; open it, or use -o", ExitStatus.USAGE),
    EMFILE: ("no more files can be opened{where}: {reason}; allow more (ulimit -n)", ExitStatus.UNDECIDED),
    ENFILE: ("no more files can be opened{where}: {reason}; end other programs", ExitStatus.UNDECIDED),
    ENAMETOOLONG: ("no file can have a name as long as {name}; give a shorter one", ExitStatus.USAGE),
    EACCES: ("permission is denied{where}: {reason}; ask its owner, or choose another", ExitStatus.USAGE),
    ENOMEM: ("there is not enough memory; allow more (ulimit -v), or read less", ExitStatus.UNDECIDED),
}
"""errno -> what this machine lacks, and how the command ends for want of it."""

COLLECT_EVERY = 500_000
"""Objects made between two looks for garbage: a diff of large snapshots makes so many, and hardly any is."""


def main() -> None:
    """Run portaudit with the process's arguments; does not return."""
    hold_streams()
    gc.set_threshold(COLLECT_EVERY)
    status = run(sys.argv[1:])
    gc.freeze()  # at the end, Python would look through all there is once more
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command and give its exit status; whatever goes wrong is said in one sentence."""
    try:
        return _run(arguments)
    except AuditError as error:
        return _complain(error.sentence, error.exit_status, *error.lines)
    except KeyboardInterrupt:
        return _complain("interrupted", ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone, and so has whoever could be told
        give_up_output()
        return ExitStatus.DONE
    except OSError as error:
        return _outside(error) if error.errno in OUTSIDE else _defect(error)
    except MemoryError:
        return _outside(OSError(ENOMEM, ""))
    except ModuleNotFoundError as error:
        return _missing(error) if (error.name or "").partition(".")[0] in PACKAGES else _defect(error)
    except Exception as error:  # noqa: BLE001  the last line of defence
        return _defect(error)


def _run(arguments: list[str]) -> int:
    # Imported here: whatever cannot be imported is a sentence, too
    import click

    from portaudit.cli.program import program

    try:
        return int(program.main(arguments, prog_name="portaudit", standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        return _misused(error)


def _misused(error: "ClickException") -> int:
    """Say what click did not understand, how the command is called, and what was probably meant."""
    from io import StringIO

    from portaudit.cli.guessing import told

    shown = StringIO()
    error.show(shown)
    usage, _, _ = shown.getvalue().strip().partition("Error: ")
    sentence, lines = told(error)
    if sys.stderr is not None:
        safely = [safe(line, SENTENCE_MAX) for line in (f"Error: {sentence}", *lines)]
        sys.stderr.write(usage + "".join(f"{_fitted(line)}\n" for line in safely))
    return ExitStatus.USAGE


def _fitted(line: str) -> str:
    try:
        from portaudit.cli.terminal import STANDARD_ERROR, fitted, width_of
    except (ImportError, OSError, MemoryError):
        return line  # what is wrong may be just that nothing can be imported
    return fitted(line, width_of(STANDARD_ERROR))


def _outside(error: OSError) -> int:
    give_up_output()
    sentence, status = OUTSIDE[error.errno or ENOMEM]
    where = f" to {error.filename}" if error.filename else ""
    return _complain(sentence.format(where=where, name=error.filename, reason=error.strerror), status)


def _missing(error: ModuleNotFoundError) -> int:
    package = str(error.name).partition(".")[0]
    return _complain(
        f"{package}, which portaudit needs, is not installed for {sys.executable}; "
        f"`{sys.executable} -m pip install {package}` installs it",
        ExitStatus.UNDECIDED,
    )


def _complain(sentence: str, status: ExitStatus, *lines: str) -> int:
    """Say a sentence, and lines below it; they quote names, paths and words of others, so each stays one."""
    _say("\n".join(safe(line, SENTENCE_MAX) for line in (sentence, *lines)))
    return status


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write("".join(f"{_fitted(line)}\n" for line in f"portaudit: {text}".split("\n")))
        sys.stderr.flush()


def _defect(error: Exception) -> int:
    from traceback import format_exception

    lines = [safe(line, SENTENCE_MAX) for line in "".join(format_exception(error)).split("\n")]
    _say("\n".join(("this is a defect in portaudit, please report it with these lines:", *lines)))
    return ExitStatus.DEFECT


if __name__ == "__main__":
    main()
