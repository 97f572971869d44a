"""What may happen to rights on the paths through one function."""
