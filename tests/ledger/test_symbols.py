"""Functions and lines of addresses, whatever tool the system has."""

import shutil
from dataclasses import replace

import pytest

from portaudit.ledger import symbols
from portaudit.ledger.images import read_image_file
from portaudit.ledger.read import read_ledger
from portaudit.ledger.stacks import Stacks, Symbol
from portaudit.ledger.symbols import Symbolizer, as_written, read_addr2line, read_atos, read_llvm

pytestmark = pytest.mark.whole


@pytest.mark.parametrize("tool", ["llvm-symbolizer", "addr2line"])
def test_a_stack_has_functions_and_lines(programs, tmp_path, monkeypatch, tool):
    """Each tool alone tells the function that took the right, and its line."""
    names = symbols.LLVM if tool == "llvm-symbolizer" else (tool,)
    found = next(filter(shutil.which, names), None)
    if found is None:
        pytest.skip(f"{tool} is not installed: apt-get install llvm-19 binutils")
    programs.run("leaky", 4, 1, ledger=tmp_path / "l")
    monkeypatch.setattr("portaudit.ledger.symbols.shutil.which", lambda name: name if name == found else None)
    ledger = read_ledger(tmp_path / "l")
    event = next(event for event in ledger.events if event.function == "xpc_dictionary_copy_mach_send")

    (stack,) = Stacks(ledger).resolved([event.stack], Symbolizer()).values()

    assert [str(frame) for frame in stack[:3]] == [
        "on_message (leaky.c:31)",
        "work (leaky.c:70)",
        "main (leaky.c:93)",
    ]


def test_a_program_that_was_built_anew_is_not_asked(programs, tmp_path):
    """Its lines would be another program's: the frames stay numbers, and it is said why."""
    programs.run("leaky", 4, 1, ledger=tmp_path / "l")
    ledger = read_ledger(tmp_path / "l")
    other = replace(ledger, images=tuple(replace(image, id="00" * 20) for image in ledger.images))
    symbolizer = Symbolizer()

    (stack,) = Stacks(other).resolved([other.events[0].stack], symbolizer).values()

    assert stack[0].symbol is None
    assert str(stack[0]).startswith("leaky+0x")
    assert symbolizer.obstacles[stack[0].image] == "it has been built anew since"


def test_without_any_tool_frames_are_image_and_offset(programs, tmp_path, monkeypatch):
    """And what would help is told."""
    programs.run("leaky", 4, 1, ledger=tmp_path / "l")
    monkeypatch.setattr("portaudit.ledger.symbols.shutil.which", lambda _name: None)
    ledger = read_ledger(tmp_path / "l")
    symbolizer = Symbolizer()

    (stack,) = Stacks(ledger).resolved([ledger.events[0].stack], symbolizer).values()

    assert str(stack[0]).startswith("leaky+0x")
    assert symbolizer.obstacles[stack[0].image] == symbols.HOW


def test_what_is_no_image_has_none(tmp_path):
    """A file that is not there, that is empty, that is cut off."""
    empty, cut = tmp_path / "empty", tmp_path / "cut"
    empty.write_bytes(b"")
    cut.write_bytes(b"\x7fELF" + bytes(30))

    assert [read_image_file(str(path)) for path in (tmp_path / "none", empty, cut)] == [[], [], []]


LLVM = (
    '[{"Address":"0x1","ModuleName":"a","Symbol":[{"FunctionName":"in","FileName":"/s/a.c","Line":3},'
    '{"FunctionName":"out","FileName":"/s/a.c","Line":9}]},{"Address":"0x2","ModuleName":"a","Symbol":[]}]'
)
ADDR2LINE = "0x1\nin\n/s/a.c:3 (discriminator 2)\nout\n/s/a.c:9\n0x2\n??\n??:0\n"
ATOS = "in (in App) (a.c:3)\nout (in App) (a.c:9)\n\n-[View load:] (in App) + 40\n"


@pytest.mark.parametrize(
    ("read", "text", "second"),
    [
        (read_llvm, LLVM, ()),
        (read_addr2line, ADDR2LINE, ()),
        (read_atos, ATOS, (Symbol("-[View load:]", None, None),)),
    ],
)
def test_inlined_functions_are_frames_of_their_own(read, text, second):
    """The innermost first; an address that nobody knows has none."""
    inner, outer = read(text)[0]

    assert (inner.name, inner.line, outer.name, outer.line) == ("in", 3, "out", 9)
    assert read(text)[1] == second
    assert read("nonsense") in ([], [()])


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("take", "take"),
        ("take.isra.0", "take"),
        ("take.constprop.1.isra.0.cold", "take"),
        ("take.3.part.0", "take.3"),
        ("take.3", "take.3"),
        ("take.cold.x", "take.cold.x"),
    ],
)
def test_a_function_has_the_name_that_its_source_gives_it(name, written):
    """What a compiler puts behind a name goes; a number that stands in the name stays."""
    assert as_written(name) == written
