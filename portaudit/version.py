"""The version of portaudit and its home, for whatever prints them: importing it imports nothing else."""

__version__ = "0.1.0"

HOME = "https://example.org/portaudit"
"""Where this is kept, for reports to link to: until it has a home, a name that nobody can own."""
