"""The ledger: its format, its recorders, and what is read out of it."""
