"""What a project declares in pyproject.toml or portaudit.toml, and its baseline file, as values."""

from portaudit.configuration.baseline_file import decode_baseline, encode_baseline
from portaudit.configuration.file import find_file, read_file
from portaudit.configuration.sections import read_configuration

__all__ = ["decode_baseline", "encode_baseline", "find_file", "read_configuration", "read_file"]
