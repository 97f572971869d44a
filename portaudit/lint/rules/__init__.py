"""What the paths of a function prove: families of rules."""
