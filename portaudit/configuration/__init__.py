"""What a project declares in pyproject.toml or portaudit.toml, and its baseline file, as values."""
