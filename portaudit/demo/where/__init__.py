"""A C program with two mistakes, audited with a ledger: the report names the lines."""
