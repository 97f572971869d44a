"""The use cases, each named after the command that it serves; plugin and library call them, too."""
