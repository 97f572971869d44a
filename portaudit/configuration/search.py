"""Which file holds the configuration. Most folders have none, so finding that out costs next to nothing."""

from pathlib import Path

OWN = "portaudit.toml"
PROJECT = "pyproject.toml"


def find_file(start: Path) -> Path | None:
    """Find the configuration from a folder upwards: portaudit.toml, or pyproject.toml with [tool.portaudit].

    Where both are in one folder, portaudit.toml counts. Raises UsageError if one of them is no TOML.
    """
    for folder in (start, *start.parents):
        if (folder / OWN).is_file():
            return folder / OWN
        if _may_declare(folder / PROJECT):
            from portaudit.configuration.file import declares

            if declares(folder / PROJECT):
                return folder / PROJECT
    return None


def _may_declare(project: Path) -> bool:
    try:
        text = project.read_bytes()
    except OSError:
        return project.is_file()  # whoever reads it says why it cannot be read
    return b"portaudit" in text and b"tool" in text
