"""The command line: one file a command; parse, call auditing, render, exit. No decisions."""
