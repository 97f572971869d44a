"""A program of a few lines of Python, under a name of its own."""

import shlex
import sys


def write_program(path, body):
    """Write an executable file that runs these lines; its path may have blanks."""
    lines = path.with_name(f"{path.name}.py")
    lines.write_text(body)
    # A first line of "#!" takes no quoted path
    path.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(lines)])} "$@"\n')
    path.chmod(0o700)
    return path
