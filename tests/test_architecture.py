"""The import table of the design, held against the imports."""

import ast
from pathlib import Path

import pytest

import portaudit

PACKAGE = Path(portaudit.__file__).parent

MAY_IMPORT = {
    "cli": {
        "auditing",
        "render",
        "demo",
        "ledger",
        "libsystem",
        "probe",
        "cli",
        "model",
        "exit_status",
        "errors",
        "version",
    },
    "library": {"auditing", "render", "model", "errors", "exit_status"},
    "pytest_plugin": {"library", "auditing", "render"},
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
        "configuration",
        "snapshot_file",
        "model",
        "auditing",
        "exit_status",
        "errors",
    },
    "configuration": {"model", "configuration", "errors"},
    "kernels": {"mach", "simulator", "gnumach", "errors"},
    "simulator": {"mach", "simulator", "errors"},
    "gnumach": {"mach", "gnumach", "errors"},
    "collect": {"mach", "model", "collect", "errors"},
    "analysis": {"model", "analysis", "errors"},
    "ledger": {"model", "ledger", "libsystem", "errors"},
    "libsystem": {"libsystem", "errors"},
    "render": {"model", "render", "errors", "version"},
    "lint": {"model", "lint", "errors"},
    "snapshot_file": {"model", "snapshot_file", "errors"},
    "mach": {"mach", "errors"},
    "probe": set(),
    "model": {"model"},
    "exit_status": set(),
    "errors": {"exit_status"},
    "__init__": {"library", "version"},
    "version": set(),
    "__main__": {"cli", "render", "errors", "exit_status"},
}
"""Part of the package -> the parts that it may import."""


def part_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            head, *rest = name.split(".")
            if head == "portaudit" and rest:
                yield rest[0]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_file_imports_only_what_stands_below_it(path):
    """Each file imports only the parts that the design allows its own part."""
    forbidden = set(imports_of(path)) - MAY_IMPORT[part_of(path)]

    assert forbidden == set()


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
    tables = {"constants.py", "right_calls.py", "prototypes.py", "kobject.py", "guard_flavours.py"}
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if path.name not in tables and (lines := len(path.read_text().splitlines())) > 250
    }

    assert long == {}
