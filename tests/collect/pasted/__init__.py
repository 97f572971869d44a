"""Text as people paste it."""
