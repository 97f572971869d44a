"""The command line: one file a command; parse, call audit, render, exit. No decisions."""
