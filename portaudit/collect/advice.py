"""What a refusal means, in the user's words: which door was tried, what the kernel said, what would help."""

from portaudit.collect.ways import Refusal

ON_A_MAC = (
    "a build with the get-task-allow entitlement, root with System Integrity Protection off, --way lsmp as "
    "root, or a probe record that the process writes of itself (`portaudit probe --example`) would help"
)
STANDING_IN = "the stand-in kernel knows only processes that are connected to it, and may be told to refuse"


def advise(refusal: Refusal, kind: str) -> str:
    """Say in one sentence why no door opened, and what would help on this kind of kernel."""
    tried = "; ".join(f"{door.way} by the {door.flavour} port: {answer}" for door, answer in refusal.attempts)
    return f"no way in ({tried}); {ON_A_MAC if kind == 'xnu' else STANDING_IN}"
