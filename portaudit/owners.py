"""Whose files and sockets this process trusts: its own user's, root's, and those of whoever called sudo."""

import os

UID_DIGITS = 10
"""No user id has more."""


def trusted_users() -> frozenset[int]:
    """Give the user ids. Under sudo the caller's is among them: SUDO_UID, which sudo sets for root alone."""
    users = {0, os.geteuid()}
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isdecimal() and len(caller) <= UID_DIGITS:
        users.add(int(caller))
    return frozenset(users)
