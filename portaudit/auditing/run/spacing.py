"""How far apart the rounds of a series begin where nobody says otherwise."""

PACE = 2.0
"""Seconds: a worker thread outlives its work, so closer rounds find those of the rounds before."""
