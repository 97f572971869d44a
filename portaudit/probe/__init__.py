"""The probe: a C header with which a process audits itself and says when, and how it is used."""

from pathlib import Path

EXAMPLE = """\
#include "portaudit_probe.h"
#include <stdio.h>

int main(void)
{
    int fd = open("host.json", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int error = fd < 0 ? errno : portaudit_probe_write(fd, "host");
    if (error != 0)
        fprintf(stderr, "no probe record: %s\\n", strerror(error));
    return error != 0;
}
"""
"""A whole program that writes a probe record of itself: C, C++ and Objective-C alike."""


def header_path() -> Path:
    """Give the path of portaudit_probe.h; its own comment says what it promises."""
    return Path(__file__).with_name("portaudit_probe.h")
