"""The import table of the design, held against the imports."""

import ast
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import portaudit

PACKAGE = Path(portaudit.__file__).parent

MAY_IMPORT = {
    "cli": {
        "evidence",
        "kernels",
        "auditing",
        "render",
        "demo",
        "ledger",
        "libsystem",
        "lldb_script",
        "probe",
        "streams",
        "cli",
        "model",
        "errors",
        "version",
    },
    "api": {"auditing", "render", "model", "errors"},
    "pytest_plugin": {"api", "auditing", "demo", "render", "errors"},
    "evidence": {
        "collect",
        "kernels",
        "mach",
        "model",
        "probe",
        "demo",
        "evidence",
        "snapshot_file",
        "errors",
        "version",
    },
    "demo": {
        "auditing",
        "render",
        "kernels",
        "ledger",
        "libsystem",
        "mach",
        "model",
        "probe",
        "demo",
        "errors",
    },
    "auditing": {
        "kernels",
        "collect",
        "analysis",
        "lint",
        "ledger",
        "libsystem",
        "lldb_script",
        "configuration",
        "snapshot_file",
        "model",
        "auditing",
        "errors",
    },
    "configuration": {"model", "configuration", "errors"},
    "kernels": {"mach", "simulator", "gnumach", "model", "errors"},
    "simulator": {"mach", "simulator", "errors"},
    "gnumach": {"mach", "gnumach", "errors"},
    "collect": {"mach", "model", "collect", "lldb_script", "errors"},
    "analysis": {"model", "analysis", "errors"},
    "ledger": {"model", "ledger", "libsystem", "errors"},
    "libsystem": {"libsystem", "errors"},
    "lldb_script": {"lldb_script", "errors"},
    "render": {"model", "render", "errors", "version"},
    "lint": {"model", "lint", "errors"},
    "snapshot_file": {"model", "snapshot_file", "errors"},
    "mach": {"mach", "errors"},
    "probe": set(),
    "model": {"model"},
    "harmless": set(),
    "cache": set(),
    "progress": set(),
    "trust": set(),
    "errors": set(),
    "__init__": {"api", "version"},
    "version": set(),
    "streams": set(),
    "__main__": {"cli", "render", "streams", "errors"},
}
"""Part of the package -> the parts that it may import."""

EVERYWHERE = {"cache", "harmless", "progress", "trust"}
"""What is made once, how text is quoted, who is trusted and with what, who hears how far work got."""


def statements(node):
    """Walk over the statements below a node: no expression holds another one."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for part in getattr(node, block, ()):
            yield part
            yield from statements(part)


@cache
def nodes_of(path):
    """Read a file, once: what imports, and what is done in some cases only."""
    wanted = (ast.Import, ast.ImportFrom, ast.If)
    return [node for node in statements(ast.parse(path.read_text())) if isinstance(node, wanted)]


def part_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    for node in nodes_of(path):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            head, *rest = name.split(".")
            if head == "portaudit" and rest:
                yield rest[0]


def test_a_file_imports_only_what_stands_below_it():
    """Each file imports only the parts that the design allows its own part."""
    forbidden = {
        str(path.relative_to(PACKAGE)): parts
        for path in PACKAGE.rglob("*.py")
        if (parts := set(imports_of(path)) - MAY_IMPORT[part_of(path)] - EVERYWHERE)
    }

    assert forbidden == {}


def module_of(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def run_time_imports(path, modules):
    """Give the modules of ours that a file imports when it runs, at its top or in a function."""
    typing_only = {
        id(node)
        for block in nodes_of(path)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and id(node) not in typing_only:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield whole if whole in modules else node.module


def test_no_import_waits_for_a_circle_to_be_broken():
    """No file imports what imports it, not even within a function: such an import only hides the circle."""
    modules = {module_of(path): path for path in PACKAGE.rglob("*.py")}
    graph = {name: set(run_time_imports(path, modules)) & modules.keys() for name, path in modules.items()}

    assert list(TopologicalSorter(graph).static_order()) != []


def test_only_mach_knows_ctypes_libraries():
    """No file outside mach loads a C library, but the one that asks Linux to end QEMU with its parent."""
    loaders = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if part_of(path) != "mach" and ("CDLL" in path.read_text() or "dlopen" in path.read_text())
    ]

    assert loaders == ["gnumach/die_with_parent.py"]


def test_logic_files_stay_short():
    """A file of logic has at most 250 lines; tables may be longer."""
    tables = {
        "constants.py",
        "portaudit_lldb.py",
        "right_calls.py",
        "prototypes.py",
        "kobject.py",
        "guard_flavours.py",
    }
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if path.name not in tables and (lines := len(path.read_text().splitlines())) > 250
    }

    assert long == {}


SHARED_NAMES = {
    # a command, its use case, its values, how it is printed
    "check": {"auditing", "cli", "model"},
    "decode": {"auditing", "cli"},
    "doctor": {"auditing", "cli", "render"},
    "explain": {"auditing", "cli"},
    "run": {"auditing/run", "cli"},
    "snapshot": {"auditing", "cli", "model"},
    "watch": {"auditing", "cli", "model", "render"},
    # a thing of Mach's, and its twin in the simulator or in another kernel
    "c_api": {"gnumach", "simulator"},
    "guard": {"analysis", "model", "simulator"},
    "kernel": {"demo", "evidence", "gnumach", "simulator"},
    "kernel_objects": {"analysis/causes", "simulator"},
    "resource": {"analysis", "model"},
    "space": {"collect/lsmp", "simulator"},
    "spaces": {"analysis", "render/as_html"},
    # the same part of a folder's job
    "layout": {"collect/lsmp", "ledger"},
    "program": {"cli", "lint"},
    "read": {"configuration", "ledger"},
    "pairing": {"analysis", "ledger"},
    "ledger": {"cli", "model", "render"},
    # what was tried of it, in evidence/
    "guards": {"evidence", "render"},
    "scenarios": {"demo", "evidence"},
    "system": {"evidence", "mach"},
    # of sources, as lint reads them
    "lint": {"auditing", "cli", "model"},
    "calls": {"lint/flow", "mach"},
    "facts": {"lint", "render"},
    # Mach's word for the machine, and everybody's word for the app
    "host": {"demo", "simulator"},
}
"""Name of a file -> the folders that have one of that name: where it serves one command, or is one thing."""


def test_a_name_says_one_thing():
    """Files bear the same name only where they serve one command or are about one thing."""
    folders = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        if path.name != "__init__.py":
            folders[path.stem].add(path.relative_to(PACKAGE).parent.as_posix())

    assert {name: places for name, places in folders.items() if len(places) > 1} == SHARED_NAMES
