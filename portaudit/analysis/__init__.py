"""Judging: pure functions from what was read to what it means."""
