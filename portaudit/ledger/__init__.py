"""The ledger: where a process acquired its rights, and where it gave them back."""
