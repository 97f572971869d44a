"""From a task, or from what somebody else wrote of one, to rows."""
