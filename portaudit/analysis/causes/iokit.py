"""What the description of an IOKit object, its class name, tells of it."""

from portaudit.model.difference import Change

GRAPHICS = ("IOSurface", "IOGPU", "IOAccel", "AGX")
"""How the classes of graphics objects begin: surfaces, shared events, command queues."""


def is_iterator(row: Change) -> bool:
    """Whether the object is an iterator: IOKit serves those to user space as IOUserIterator."""
    return "Iterator" in (row.description or "")


def is_notification(row: Change) -> bool:
    """Whether the object stands for a matching or interest notification (IOUserNotification and kin)."""
    return "Notification" in (row.description or "")


def is_graphics(row: Change) -> bool:
    """Whether the object belongs to the graphics stack, which releases through autorelease pools."""
    return (row.description or "").startswith(GRAPHICS)
