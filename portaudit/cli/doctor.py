"""`portaudit doctor`: which ways of reading work here."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from portaudit.cli.options import (
    format_option,
    interrupt_on_sigterm,
    kernel_option,
    publish,
    quiet_option,
    say,
    terminal_style,
)
from portaudit.errors import UsageError
from portaudit.model.evidence import Evidence
from portaudit.render import Format, doctor


@click.command(name="doctor")
@click.argument("target", metavar="[PID|NAME]", required=False)
@kernel_option
@click.option(
    "--evidence",
    "folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help="Try every claim about a Mac here, and pack what was seen into one archive in FOLDER.",
)
@click.option(
    "--sudo", is_flag=True, help="With --evidence: ask root too, by `sudo -n`; run `sudo -v` before."
)
@click.option(
    "--read",
    "archives",
    multiple=True,
    metavar="ARCHIVE",
    help="Print what such an archive says, anywhere; markdown: as rows of the README's table.",
)
@format_option(Format.TABLE, Format.JSON, Format.MARKDOWN)
@quiet_option
def command(
    target: str | None,
    kernel: str | None,
    folder: str | None,
    sudo: bool,
    archives: tuple[str, ...],
    form: Format,
    quiet: bool,
) -> None:
    """Say which ways of reading a port space work on this machine, for a process if one is named.

    Each way is ok, not here, or refused, with the reason and the next step.

    \b
    Example:
      portaudit doctor Host
      portaudit doctor --evidence mac-evidence --sudo
    """
    _check(target, folder, archives, form, sudo=sudo)
    if archives:
        _read(archives, form)
    elif folder is not None:
        _gather(Path(folder), kernel, form, sudo=sudo, quiet=quiet)
    else:
        _diagnose(target, kernel, form)


def _check(
    target: str | None, folder: str | None, archives: tuple[str, ...], form: Format, *, sudo: bool
) -> None:
    if sum(given is not None for given in (target, folder, archives or None)) > 1:
        raise UsageError("a process, --evidence and --read are three questions: ask one at a time")
    if sudo and folder is None:
        raise UsageError("--sudo belongs to --evidence: the other questions run nothing as root")
    if form is Format.MARKDOWN and not archives:
        raise UsageError("--format markdown prints what archives say: give --read")
    if form is Format.JSON and len(archives) > 1:
        raise UsageError("JSON is of one archive: give --read once")


def _read(archives: tuple[str, ...], form: Format) -> None:
    from portaudit.evidence.about import ROWS
    from portaudit.evidence.archive import read_archive
    from portaudit.render.doctor import markdown

    evidence = [read_archive(archive) for archive in archives]
    if form is Format.MARKDOWN:
        publish(markdown(evidence, ROWS), form)
        return
    for one in evidence:
        _print_evidence(one, form)


def _print_evidence(evidence: Evidence, form: Format) -> None:
    from portaudit.render import doctor as told

    publish(
        (told.evidence_document if form is Format.JSON else told.evidence_text)(evidence, terminal_style())
    )


def _gather(folder: Path, kernel: str | None, form: Format, *, sudo: bool, quiet: bool) -> None:
    """Try everything, on a stand-in where there is no Mac, and say where the archive is."""
    from tempfile import TemporaryDirectory

    from portaudit.auditing.files import make_folder
    from portaudit.demo.stage import standing_kernel
    from portaudit.evidence.collect import collect
    from portaudit.evidence.scene import Scene
    from portaudit.model.way import XNU

    interrupt_on_sigterm()
    make_folder(folder)
    with ExitStack() as stack:
        work = stack.enter_context(TemporaryDirectory(prefix="portaudit-", ignore_cleanup_errors=True))
        if kernel is None and sys.platform != "darwin":
            say("This is no Mac: what can be is tried on the SIMULATED kernel.\n", quiet=quiet)
            kernel = stack.enter_context(standing_kernel("simulated"))
        scene = Scene(Path(work), kernel or XNU, sudo=sudo)
        path, evidence = collect(folder, scene, lambda sentence: say(f"  {sentence}", quiet=quiet))
    _print_evidence(evidence, form)
    say(
        f"\nwrote {path}; it names neither you nor this machine. Read it with --read, and send it.",
        quiet=quiet,
    )


def _diagnose(target: str | None, kernel: str | None, form: Format) -> None:
    from portaudit.auditing.doctor import diagnose

    if sys.platform != "darwin" and kernel is None:
        say(
            "This is no Mac: its own processes have no port spaces. The stand-ins below work everywhere.\n",
            quiet=form is Format.JSON,
        )
    renderer = doctor.document if form is Format.JSON else doctor.text
    publish(renderer(diagnose(target, kernel), terminal_style()), form)
