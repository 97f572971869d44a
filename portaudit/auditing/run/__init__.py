"""A run while it goes on: its session, its rounds, the processes that it starts, and who ends them."""
