"""The entry point, and the one place where errors become a sentence and an exit status."""

import gc
import sys
from errno import EDQUOT, ENOSPC

import click

from portaudit.cli.program import program
from portaudit.errors import AuditError
from portaudit.exit_status import ExitStatus

SENTENCE_MAX = 4000
"""Characters: no line of a message is longer."""

FULL = (ENOSPC, EDQUOT)

COLLECT_EVERY = 50_000
"""Objects made between two looks for garbage: start-up makes thousands, and none of them is any."""


def main() -> None:
    """Run portaudit with the process's arguments; does not return."""
    gc.set_threshold(COLLECT_EVERY)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and give its exit status; whatever goes wrong is said in one sentence."""
    try:
        return int(program.main(arguments, prog_name="portaudit", standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return ExitStatus.USAGE
    except AuditError as error:
        return _complain(str(error), error.exit_status)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone, and so has whoever could be told
        sys.stdout = None  # nothing is flushed at exit then
        return ExitStatus.DONE
    except OSError as error:
        return _full(error) if error.errno in FULL else _defect(error)
    except Exception as error:  # noqa: BLE001  the last line of defence
        return _defect(error)


def _full(error: OSError) -> int:
    sys.stdout = None  # nothing is flushed at exit then
    where = f" to {error.filename}" if error.filename else ""
    return _complain(f"nothing more can be written{where}: {error.strerror}; make room", ExitStatus.USAGE)


def _complain(sentence: str, status: ExitStatus) -> int:
    # Sentences quote names from the machine under audit
    from portaudit.harmless import safe

    lines = "\n".join(safe(line, SENTENCE_MAX) for line in sentence.split("\n"))
    click.echo(f"portaudit: {lines}", err=True)
    return status


def _defect(error: Exception) -> int:
    from traceback import format_exception

    text = "".join(format_exception(error))
    return _complain(
        f"this is a defect in portaudit, please report it with these lines:\n{text}", ExitStatus.DEFECT
    )


if __name__ == "__main__":
    main()
