"""The ways to read a port space, by the words that name them."""

AUTO = "auto"
"""The least privilege that works, and lsmp last."""
LSMP = "lsmp"
"""Apple's own program, run for each reading."""
WAYS = (AUTO, "space-info", "names", LSMP)
