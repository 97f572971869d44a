"""The version of portaudit, for whatever prints it: importing it imports nothing else."""

__version__ = "0.1.0"
