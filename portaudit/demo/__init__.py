"""A real host and a real extension that hand over a task port, well or badly, and are audited."""
